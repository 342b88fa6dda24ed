#include <algorithm>
#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/torch_random.h"
#include "grok/tasks/digit_columns.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

Value word(const char* text) { return std::string(text); }

std::int64_t number(std::span<const Token> digits) {
  std::int64_t out = 0;
  for (const Token d : digits) out = 10 * out + d;
  return out;
}

std::vector<Token> digits(std::int64_t x, int n) {
  std::vector<Token> out;
  for (int i = 0; i < n; ++i, x /= 10) out.insert(out.begin(), static_cast<Token>(x % 10));
  return out;
}

const AnswerClasses& classes_named(const TaskData& data, const std::string& name) {
  return *std::find_if(data.classes.begin(), data.classes.end(),
                       [&](const AnswerClasses& c) { return c.name == name; });
}

// The answers read are the tokens that follow, and the numbers fit.
TEST(DigitAddition, is_right_as_whole_numbers) {
  for (const char* format : {"nanda", "quirke"})
    for (const char* operation : {"addition", "subtraction", "mixed"}) {
      const bool is_quirke = format == std::string("quirke");
      if (!is_quirke && operation != std::string("addition")) continue;
      const TaskData data = made(tasks::digit_addition(), {{"format", word(format)},
                                                           {"operation", word(operation)},
                                                           {"n_digits", std::int64_t{6}}});
      ASSERT_EQ(data.n_ctx, is_quirke ? 22 : 21);
      ASSERT_EQ(data.first_answer, 13);
      std::map<Token, int> signs;
      for (std::int64_t i = 0; i < data.n_examples(); ++i) {
        const auto row = row_of(data.tokens, i);
        const std::int64_t x = number(row.first(6)), y = number(row.subspan(7, 6));
        std::int64_t answer = number(row.last(7));
        if (is_quirke && row[14] == 11) answer = -answer;
        EXPECT_EQ(row[13], is_quirke ? 12 : 11);
        EXPECT_EQ(answer, row[6] == 10 ? x + y : x - y);
        EXPECT_TRUE(row[6] == 10 || row[6] == 11);
        ++signs[row[6]];
        const auto read = row.subspan(static_cast<std::size_t>(data.first_answer + 1));
        EXPECT_TRUE(std::ranges::equal(read, row_of(data.labels, i)));
      }
      EXPECT_EQ(signs.contains(10), operation != std::string("subtraction"));
      EXPECT_EQ(signs.contains(11), operation != std::string("addition"));
      if (operation == std::string("mixed")) {
        EXPECT_NEAR(signs[11] / 512.0, 0.66, 0.07);
      }
    }
}

// Five digits as published: the layout of the reference weights.
TEST(DigitAddition, has_the_published_shape) {
  const TaskData data = made(tasks::digit_addition());
  EXPECT_EQ(data.n_ctx, 18);
  EXPECT_EQ(data.d_vocab, 12);
  EXPECT_EQ(data.d_vocab_out, 10);
  EXPECT_EQ(data.n_answers, 6);
  EXPECT_EQ(data.first_answer, 11);
}

// The stream itself, read as the original read it: all of x, then all of y.
TEST(DigitAddition, draws_batches_as_pytorch_did) {
  const TaskData data = made(tasks::digit_addition(),
                             {{"data_rng", word("torch")}, {"data_seed", std::int64_t{129000}}});
  TorchRandom stream(129000);
  for (std::int64_t step = 0; step < 2; ++step) {
    const Examples batch = batch_of(data, 64, step);
    for (const std::size_t operand : {0u, 6u})
      for (std::int64_t i = 0; i < 64; ++i)
        for (std::size_t k = 0; k < 5; ++k)
          ASSERT_EQ(row_of(batch.tokens, i)[operand + k], stream.randint(0, 10));
  }
}

TEST(DigitAddition, enriched_sums_have_more_nines) {
  const auto share_of_nines = [](double enriched) {
    const TaskData data = made(tasks::digit_addition(), {{"enriched", enriched}});
    int n = 0;
    for (std::int64_t i = 0; i < data.n_examples(); ++i)
      for (std::size_t k = 0; k < 5; ++k)
        n += row_of(data.tokens, i)[k] + row_of(data.tokens, i)[6 + k] == 9 ? 1 : 0;
    return n / (5.0 * static_cast<double>(data.n_examples()));
  };
  EXPECT_NEAR(share_of_nines(0), 0.1, 0.03);
  EXPECT_NEAR(share_of_nines(0.5), 0.1 + 0.5 * 0.4 * 0.9, 0.04);
  EXPECT_NEAR(share_of_nines(1), 0.1 + 0.4 * 0.9, 0.04);
}

TEST(DigitAddition, enriched_differences_are_more_often_negative) {
  const auto n_negative = [](double enriched) {
    const TaskData data = made(tasks::digit_addition(), {{"enriched", enriched},
                                                         {"format", word("quirke")},
                                                         {"operation", word("subtraction")},
                                                         {"n_digits", std::int64_t{2}}});
    int n = 0;
    for (std::int64_t i = 0; i < data.n_examples(); ++i) n += row_of(data.labels, i)[0] == 11;
    return n;
  };
  EXPECT_NEAR(n_negative(0) / 512.0, 0.495, 0.07);
  EXPECT_GT(n_negative(1), n_negative(0) + 20);
}

// A column's class found from whole numbers: the carry into column n is what the lower digits give.
TEST(DigitColumns, classes_are_those_of_whole_numbers) {
  const std::vector<std::string> names = sub_task_names();
  for (std::int64_t x = 0; x < 1000; x += 7)
    for (std::int64_t y = 0; y < 1000; y += 11)
      for (const auto operation : {DigitOperation::addition, DigitOperation::subtraction}) {
        const bool is_sum = operation == DigitOperation::addition, is_below = !is_sum && x < y;
        const std::vector<Token> dx = digits(x, 3), dy = digits(y, 3);
        const std::vector<Token> got = sub_tasks_of({dx, dy, operation});
        ASSERT_EQ(got.size(), 4u);
        std::int64_t unit = 1;
        for (std::size_t column = 0; column < 4; ++column, unit *= 10) {
          const std::int64_t big = std::max(x, y) % unit, small = std::min(x, y) % unit;
          const bool comes_in = is_sum ? big + small >= unit : big < small;
          const std::int64_t a = x / unit % 10, b = y / unit % 10;
          const bool hands_on = is_sum ? a + b == 9 : a == b;
          const std::string expected = is_sum
                                           ? (!comes_in  ? "BA"
                                              : hands_on ? "US9"
                                                         : "UC1")
                                           : (is_below ? "N" : "M") + std::string(!comes_in  ? "D"
                                                                                  : hands_on ? "Z"
                                                                                             : "B");
          EXPECT_EQ(names[static_cast<std::size_t>(got[3 - column])], expected)
              << x << " " << y << " column " << column;
        }
      }
}

TEST(DigitColumns, complexity_counts_how_far_a_carry_goes) {
  const std::vector<std::string> names = complexity_names();
  const auto of = [&](std::int64_t x, char op, std::int64_t y) {
    const std::vector<Token> dx = digits(x, 6), dy = digits(y, 6);
    const auto operation = op == '+' ? DigitOperation::addition : DigitOperation::subtraction;
    return names[static_cast<std::size_t>(complexity_of({dx, dy, operation}))];
  };
  EXPECT_EQ(of(111111, '+', 222888), "S0");  // nines, but nothing to carry
  EXPECT_EQ(of(5, '+', 5), "S1");
  EXPECT_EQ(of(90005, '+', 5), "S1");  // a nine too far away
  EXPECT_EQ(of(45, '+', 55), "S2");
  EXPECT_EQ(of(445, '+', 555), "S3");
  EXPECT_EQ(of(4445, '+', 5555), "S4");
  EXPECT_EQ(of(44445, '+', 55555), "S5");
  EXPECT_EQ(of(444445, '+', 555555), "S5");
  EXPECT_EQ(of(404545, '+', 504555), "S2");  // the longest of several counts
  EXPECT_EQ(of(987654, '-', 123446), "M1");
  EXPECT_EQ(of(987654, '-', 123444), "M0");
  EXPECT_EQ(of(987654, '-', 123456), "M2");
  EXPECT_EQ(of(987654, '-', 122655), "M3");
  EXPECT_EQ(of(107655, '-', 7656), "M4");
  EXPECT_EQ(of(123, '-', 123), "M0");
  EXPECT_EQ(of(1, '-', 2), "N1");  // leading zeros are equal digits, and do not count
  EXPECT_EQ(of(100001, '-', 200002), "N4");
  EXPECT_EQ(of(100301, '-', 200002), "N2");
}

TEST(DigitAddition, tells_the_classes_of_its_examples) {
  const TaskData data =
      made(tasks::digit_addition(), {{"format", word("quirke")}, {"operation", word("mixed")}});
  const AnswerClasses& sub_task = classes_named(data, "sub_task");
  const AnswerClasses& complexity = classes_named(data, "complexity");
  ASSERT_EQ(sub_task.of.shape, data.labels.shape);
  std::map<std::string, int> counts;
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    const auto parts = row_of(sub_task.of, i);
    EXPECT_EQ(sub_task.classes[static_cast<std::size_t>(parts[0])], "sign");
    for (const Token t : parts) ++counts[sub_task.classes[static_cast<std::size_t>(t)]];
    const auto whole = row_of(complexity.of, i);
    for (const Token t : whole) EXPECT_EQ(t, whole[0]);
    const char family = complexity.classes[static_cast<std::size_t>(whole[0])][0];
    const bool is_below = row_of(data.labels, i)[0] == 11;
    EXPECT_EQ(family, row_of(data.tokens, i)[5] == 10 ? 'S' : is_below ? 'N' : 'M');
  }
  EXPECT_EQ(counts.size(), 10u);
  EXPECT_EQ(classes_named(made(tasks::digit_addition()), "sub_task").classes.size(), 9u);
}

TEST(DigitAddition, refuses_what_its_format_or_stream_cannot_say) {
  const auto refused = [](const Params& given) {
    EXPECT_THROW(made(tasks::digit_addition(), given), Error);
  };
  refused({{"operation", word("subtraction")}});
  refused({{"operation", word("mixed")}, {"format", word("quirke")}, {"data_rng", word("torch")}});
  refused({{"enriched", 0.1}, {"data_rng", word("torch")}});
  refused({{"n_digits", std::int64_t{0}}});
}

}  // namespace
}  // namespace grok
