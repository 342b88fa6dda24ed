#include "grok/tasks/group.h"

#include <set>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

Value word(const char* text) { return std::string(text); }

struct NamedGroup {
  const char* name;
  Group group;
  std::int32_t order;
  int n_commuting;  // pairs with a b = b a: the order times the number of conjugacy classes
};

std::vector<NamedGroup> some_groups() {
  const std::int64_t two_by_six[] = {2, 6};
  const std::int64_t seven[] = {7};
  return {{"S3", symmetric_group(3), 6, 6 * 3},
          {"S4", symmetric_group(4), 24, 24 * 5},
          {"S5", symmetric_group(5), 120, 120 * 7},
          {"D4", dihedral_group(4), 8, 8 * 5},
          {"D5", dihedral_group(5), 10, 10 * 4},
          {"D1", dihedral_group(1), 2, 2 * 2},
          {"C2 C6", cyclic_product(two_by_six), 12, 144},
          {"C7", cyclic_product(seven), 7, 49},
          {"C1", cyclic_product({}), 1, 1}};
}

TEST(Group, obeys_its_axioms) {
  for (const auto& [name, g, order, n_commuting] : some_groups()) {
    ASSERT_EQ(g.order, order) << name;
    int n_equal = 0;
    for (std::int32_t a = 0; a < order; ++a) {
      EXPECT_EQ(g.product(0, a), a) << name;
      EXPECT_EQ(g.product(a, 0), a) << name;
      EXPECT_EQ(g.product(a, g.inverse(a)), 0) << name;
      EXPECT_EQ(g.product(g.inverse(a), a), 0) << name;
      for (std::int32_t b = 0; b < order; ++b) {
        n_equal += g.product(a, b) == g.product(b, a) ? 1 : 0;
        for (std::int32_t c = 0; c<order; c += order> 30 ? 7 : 1)
          ASSERT_EQ(g.product(g.product(a, b), c), g.product(a, g.product(b, c))) << name;
      }
    }
    EXPECT_EQ(n_equal, n_commuting) << name;
  }
}

TEST(Group, of_permutations_lets_the_left_factor_act_first) {
  const auto elements = permutations_of(3);
  EXPECT_EQ(elements[1], (std::vector<std::int32_t>{0, 2, 1}));
  EXPECT_EQ(elements[2], (std::vector<std::int32_t>{1, 0, 2}));
  // First swap the last two, then the first two: 0 goes to 1, 1 (to 2) stays at 2, 2 to 0.
  EXPECT_EQ(elements[static_cast<std::size_t>(symmetric_group(3).product(1, 2))],
            (std::vector<std::int32_t>{1, 2, 0}));
}

TEST(Group, of_a_polygon_reflects_turns) {
  const Group g = dihedral_group(5);
  const std::int32_t r = 1, s = 5;
  EXPECT_EQ(g.product(s, s), 0);
  EXPECT_EQ(g.product(g.product(s, r), s), g.inverse(r));
  EXPECT_EQ(g.product(r, s), 6);
}

// Conjugates keep the cycle type, a b a keeps nothing but the sign; both are checked on
// permutations.
TEST(GroupComposition, moves_points_as_permutations_do) {
  const auto elements = permutations_of(4);
  for (const char* operation : {"composition", "conjugation", "aba"}) {
    const TaskData data =
        made(tasks::group_composition(), {{"n", std::int64_t{4}}, {"operation", word(operation)}});
    ASSERT_EQ(data.n_examples(), 24 * 24);
    EXPECT_EQ(data.d_vocab, 25);
    for (std::int64_t i = 0; i < data.n_examples(); ++i) {
      const auto at = [&](Token element, std::int32_t x) {
        return elements[static_cast<std::size_t>(element)][static_cast<std::size_t>(x)];
      };
      const Token a = row_of(data.tokens, i)[0], b = row_of(data.tokens, i)[1];
      const Token c = row_of(data.labels, i)[0];
      EXPECT_EQ(a * 24 + b, i);
      for (std::int32_t x = 0; x < 4; ++x) {
        // c = a b a^-1 is c a = a b.
        if (operation == std::string("composition")) {
          EXPECT_EQ(at(c, x), at(b, at(a, x)));
        }
        if (operation == std::string("conjugation")) {
          EXPECT_EQ(at(a, at(c, x)), at(b, at(a, x)));
        }
        if (operation == std::string("aba")) {
          EXPECT_EQ(at(c, x), at(a, at(b, at(a, x))));
        }
      }
    }
  }
}

TEST(GroupComposition, of_one_cyclic_group_is_modular_addition) {
  const TaskData data =
      made(tasks::group_composition(), {{"group", word("cyclic")}, {"orders", Integers{97}}});
  const TaskData sums = made(tasks::modular_addition(), {{"p", std::int64_t{97}}});
  EXPECT_EQ(data.tokens, sums.tokens);
  EXPECT_EQ(data.labels, sums.labels);
  EXPECT_EQ(data.modulus, 97);
  EXPECT_FALSE(
      made(tasks::group_composition(), {{"group", word("cyclic")}, {"orders", Integers{3, 5}}})
          .modulus.has_value());
}

TEST(GroupComposition, in_the_openai_layout_has_its_239_tokens) {
  const TaskData data = made(tasks::group_composition(),
                             {{"layout", word("openai")}, {"operation", word("conjugation")}});
  EXPECT_EQ(data.d_vocab, 239);
  EXPECT_EQ(data.n_examples(), 14400);
  // The conjugate of the identity is the identity.
  EXPECT_EQ(row_vector(data.tokens, 119 * 120), (std::vector<Token>{0, 238, 15, 119, 1, 119}));
}

TEST(GroupComposition, refuses_groups_that_are_none_or_too_large) {
  const auto refused = [](const Params& given) {
    EXPECT_THROW(made(tasks::group_composition(), given), Error);
  };
  refused({{"n", std::int64_t{7}}});
  refused({{"group", word("dihedral")}, {"n", std::int64_t{501}}});
  refused({{"group", word("cyclic")}});
  refused({{"orders", Integers{5}}});
  refused({{"group", word("cyclic")}, {"orders", Integers{5, 0}}});
  refused({{"group", word("cyclic")}, {"orders", Integers{50, 50}}});
  EXPECT_NO_THROW(
      made(tasks::group_composition(), {{"group", word("cyclic")}, {"orders", Integers{2, 2, 3}}}));
}

}  // namespace
}  // namespace grok
