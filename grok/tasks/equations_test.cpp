// Tasks of equations a o b = c: modular_arithmetic, its layouts and noise, and list_operation.
#include "grok/tasks/equations.h"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/python_random.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

Value word(const char* text) { return std::string(text); }

// Zero where c is right: each operation undone or factored, rather than done.
int residue(const std::string& operation, int a, int b, int c) {
  if (operation == "addition") return c - b - a;
  if (operation == "subtraction") return c + b - a;
  if (operation == "multiplication") {
    for (int i = 0; i < b; ++i) c -= a;
    return c;
  }
  if (operation == "division") return c * b - a;
  if (operation == "square_plus") return (c - b) - a * a;
  if (operation == "cube_plus") return (c - b) - a * a * a;
  if (operation == "sum_of_squares") return c - ((a + b) * (a + b) - 2 * a * b);
  if (operation == "squares_and_product") return (a - b) * c - (a * a * a - b * b * b);
  if (operation == "squares_product_and_first") return (a - b) * (c - a) - (a * a * a - b * b * b);
  if (operation == "cube_and_product") return c - a * (a * a + b);
  if (operation == "cube_and_product_with_square") return (c - b) - a * (a * a + b * b);
  if (operation == "quotient_or_difference") return b % 2 ? c * b - a : c + b - a;
  if (operation == "sum_or_product") return a % 2 ? c - a * b : c - b - a;
  if (operation == "sum_or_difference") return a % 2 ? c + b - a : c - b - a;
  return 0;  // random_table
}

TEST(ModularArithmetic, does_what_its_words_say) {
  const TaskDef& def = tasks::modular_arithmetic();
  for (const std::string& operation : def.schema().find("operation")->words) {
    const TaskData data = made(def, {{"operation", operation}, {"p", std::int64_t{13}}});
    std::set<std::pair<Token, Token>> pairs;
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      const auto row = row_of(data.tokens, i);
      const Token c = row_of(data.labels, i)[0];
      // (a - b) c says nothing where a = b: the square is 3 a^2 there.
      const bool is_on_diagonal = operation.starts_with("squares_") && row[0] == row[1];
      const int extra = operation == "squares_product_and_first" ? row[0] : 0;
      EXPECT_EQ((is_on_diagonal ? c - extra - 3 * row[0] * row[0]
                                : residue(operation, row[0], row[1], c)) %
                    13,
                0)
          << operation << " " << row[0] << " " << row[1];
      EXPECT_LT(c, 13);
      EXPECT_EQ(row[2], 13);
      pairs.insert({row[0], row[1]});
    }
    EXPECT_EQ(pairs.size(), operation == "division" ? 156u : 169u) << operation;
    EXPECT_EQ(data.modulus.has_value(), operation != "division");
  }
}

TEST(ModularArithmetic, keeps_the_order_that_the_fourier_probes_need) {
  const TaskData data = made(tasks::modular_arithmetic(), {{"operation", word("subtraction")}});
  const TaskData older = made(tasks::modular_addition(), {{"p", std::int64_t{97}}});
  EXPECT_EQ(data.tokens, older.tokens);
  EXPECT_EQ(data.modulus, 97);
  EXPECT_EQ(
      made(tasks::modular_arithmetic(), {{"operation", word("addition")}, {"p", std::int64_t{97}}})
          .labels,
      older.labels);
}

TEST(ModularArithmetic, draws_a_table_in_which_every_number_comes_up) {
  const auto table = [](std::int64_t seed) {
    return made(tasks::modular_arithmetic(),
                {{"operation", word("random_table")}, {"table_seed", seed}})
        .labels;
  };
  std::map<Token, int> counts;
  for (const Token c : table(1).data) ++counts[c];
  EXPECT_EQ(counts.size(), 97u);
  for (const auto& [c, n] : counts) EXPECT_TRUE(50 < n && n < 150) << c << " " << n;
  EXPECT_NE(table(1), table(2));
  EXPECT_EQ(table(1), table(1));
}

TEST(Layout, pizza_has_two_tokens) {
  const TaskData data =
      made(tasks::modular_arithmetic(),
           {{"layout", word("pizza")}, {"operation", word("addition")}, {"p", std::int64_t{59}}});
  EXPECT_EQ(data.d_vocab, 59);
  EXPECT_EQ(data.d_vocab_out, 59);
  EXPECT_EQ(row_vector(data.tokens, 58 * 59 + 3), (std::vector<Token>{58, 3}));
  EXPECT_EQ(row_vector(data.labels, 58 * 59 + 3), std::vector<Token>{2});
}

TEST(Layout, separate_operands_share_no_token) {
  for (const char* layout : {"nanda", "pizza"}) {
    const TaskData data =
        made(tasks::modular_arithmetic(),
             {{"layout", word(layout)}, {"separate_operands", true}, {"p", std::int64_t{59}}});
    EXPECT_EQ(data.d_vocab, layout == std::string("pizza") ? 118 : 119);
    std::set<Token> first, second;
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      first.insert(row_of(data.tokens, i)[0]);
      second.insert(row_of(data.tokens, i)[1]);
    }
    EXPECT_LT(*first.rbegin(), *second.begin());
    EXPECT_EQ(second.size(), 59u);
  }
}

// 1 / 5 = 39 mod 97, as 39 * 5 = 195 = 2 * 97 + 1. The 9th operator of 20 is '/'.
TEST(Layout, openai_has_one_vocabulary_of_239) {
  const TaskData data = made(tasks::modular_arithmetic(),
                             {{"layout", word("openai")}, {"operation", word("division")}});
  EXPECT_EQ(data.d_vocab, 239);
  EXPECT_EQ(data.d_vocab_out, 239);
  EXPECT_EQ(data.n_examples(), 97 * 96);
  EXPECT_FALSE(data.modulus.has_value());
  const std::int64_t row = 39 * 96 + 4;
  EXPECT_EQ(row_vector(data.tokens, row), (std::vector<Token>{0, 22 + 1, 10, 22 + 5, 1, 22 + 39}));
  EXPECT_EQ(row_vector(data.labels, row), (std::vector<Token>{22 + 39, 0}));
}

// The operators in the order of the texts that name them in openai/grok, sorted by byte.
TEST(Layout, openai_sorts_its_operators_by_name) {
  using openai::Operator;
  const std::map<std::string, Operator> named{
      {"+", Operator::addition},
      {"-", Operator::subtraction},
      {"*", Operator::multiplication},
      {"/", Operator::division},
      {"**2+", Operator::square_plus},
      {"**3+", Operator::cube_plus},
      {"x**2+y**2_mod_97", Operator::sum_of_squares},
      {"x**2+y**2+x*y_mod_97", Operator::squares_and_product},
      {"x**2+y**2+x*y+x_mod_97", Operator::squares_product_and_first},
      {"x**3+x*y_mod_97", Operator::cube_and_product},
      {"x**3+x*y**2+y_mod_97", Operator::cube_and_product_with_square},
      {"(x._value//y)if(y._value%2==1)else(x-y)_mod_97", Operator::quotient_or_difference},
      {"s5", Operator::composition},
      {"s5conj", Operator::conjugation},
      {"s5aba", Operator::aba},
      {"+*", Operator::sum_or_product},
      {"+-", Operator::sum_or_difference},
      {"sort", Operator::sort},
      {"reverse", Operator::reverse},
      {"copy", Operator::copy}};
  Token expected = 2;
  for (const auto& [name, op] : named) EXPECT_EQ(openai::token_of(op), expected++) << name;
  EXPECT_EQ(expected, openai::first_number);
}

TEST(Noise, changes_the_first_that_are_trained_on_and_no_other) {
  const Params params{{"operation", word("subtraction")}, {"p", std::int64_t{31}}};
  const TaskData right = made(tasks::modular_arithmetic(), params);
  for (const char* rng : {"philox", "python", "numpy", "torch"}) {
    Params noisy = params;
    noisy.set("noise", std::int64_t{100});
    noisy.set("split_rng", word(rng));
    const TaskData data = made(tasks::modular_arithmetic(), noisy);
    int n_changed = 0;
    for (std::size_t i = 0; i < data.train.size(); ++i) {
      const auto row = static_cast<std::size_t>(data.train[i]);
      const bool is_changed = data.labels.data[row] != right.labels.data[row];
      if (i >= 100) {
        EXPECT_FALSE(is_changed) << rng;
      }
      n_changed += is_changed ? 1 : 0;
    }
    EXPECT_TRUE(85 < n_changed && n_changed <= 100) << rng << " " << n_changed;
    for (const std::int32_t row : data.test)
      EXPECT_EQ(data.labels.data[static_cast<std::size_t>(row)],
                right.labels.data[static_cast<std::size_t>(row)]);
  }
}

// RandomState(0) shuffles the list of equations, then chooses among the shuffled ones.
TEST(Noise, is_chosen_as_openai_chose) {
  std::vector<std::int32_t> list(49);
  for (std::size_t i = 0; i < 49; ++i) list[i] = static_cast<std::int32_t>(i);
  NumpyRandom stream(0);
  stream.shuffle(std::span<std::int32_t>(list));
  const TaskData data = made(tasks::modular_arithmetic(), {{"operation", word("addition")},
                                                           {"p", std::int64_t{7}},
                                                           {"layout", word("openai")},
                                                           {"split_rng", word("numpy")},
                                                           {"split_seed", std::int64_t{0}},
                                                           {"noise", std::int64_t{5}}});
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_EQ(data.train[i], list[i]);
    const std::int32_t other = list[static_cast<std::size_t>(stream.randint(0, 49))];
    const Token c = 22 + (other / 7 + other % 7) % 7;
    EXPECT_EQ(row_of(data.labels, list[i])[0], c);
    EXPECT_EQ(row_of(data.tokens, list[i])[5], c);
  }
}

TEST(ModularArithmetic, refuses_what_makes_no_sense) {
  const auto refused = [](const Params& given, const std::string& why) {
    try {
      made(tasks::modular_arithmetic(), given);
      ADD_FAILURE() << "accepted: " << why;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
    }
  };
  refused({{"operation", word("division")}, {"p", std::int64_t{91}}}, "found 91 = 7 * 13");
  refused({{"operation", word("quotient_or_difference")}, {"p", std::int64_t{4}}}, "4 = 2 * 2");
  refused({{"operation", word("random_table")}, {"layout", word("openai")}}, "no token");
  refused({{"separate_operands", true}, {"layout", word("openai")}}, "one vocabulary");
  refused({{"noise", std::int64_t{4705}}}, "at most the 4704 examples");
  refused({{"p", std::int64_t{2}}, {"train_fraction", 0.2}}, "no example to train on");
  EXPECT_NO_THROW(made(tasks::modular_arithmetic(), {{"p", std::int64_t{91}}}));
}

TEST(ListOperation, gives_back_the_list_as_its_word_says) {
  for (const char* operation : {"sort", "reverse", "copy"}) {
    const TaskData data = made(tasks::list_operation(), {{"operation", word(operation)}});
    EXPECT_EQ(data.n_examples(), 20 * 19 * 18);
    std::set<std::vector<Token>> lists;
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      const std::vector<Token> row = row_vector(data.tokens, i), out = row_vector(data.labels, i);
      ASSERT_EQ(row.size(), 9u);
      EXPECT_EQ(row[0], 0);
      EXPECT_EQ(row[5], 1);
      EXPECT_EQ(out[3], 0);
      EXPECT_TRUE(std::equal(row.begin() + 6, row.end(), out.begin()));  // what is read is fed
      const std::vector<Token> x(row.begin() + 2, row.begin() + 5), y(out.begin(), out.begin() + 3);
      EXPECT_TRUE(std::is_permutation(x.begin(), x.end(), y.begin()));
      if (operation == std::string("sort")) {
        EXPECT_TRUE(y[0] < y[1] && y[1] < y[2]);
      }
      if (operation == std::string("copy")) {
        EXPECT_EQ(x, y);
      }
      if (operation == std::string("reverse")) {
        EXPECT_TRUE(x[0] == y[2] && x[1] == y[1]);
      }
      lists.insert(x);
    }
    EXPECT_EQ(static_cast<std::int64_t>(lists.size()), data.n_examples());
  }
  EXPECT_THROW(made(tasks::list_operation(), {{"length", std::int64_t{9}}}), Error);
  EXPECT_THROW(made(tasks::list_operation(), {{"n_numbers", std::int64_t{2}}}), Error);
}

}  // namespace
}  // namespace grok
