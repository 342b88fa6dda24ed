#include "grok/analysis/gini.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

TEST(Gini, is_nothing_for_equal_sizes) {
  EXPECT_NEAR(gini(std::vector<double>(7, 3.5)), 0, 1e-15);
  EXPECT_EQ(gini(std::vector<double>(7, 0.0)), 0);
}

TEST(Gini, is_n_minus_1_over_n_when_one_has_all) {
  for (const std::size_t n : {1u, 2u, 56u, 113u}) {
    std::vector<double> sizes(n);
    sizes[n / 2] = 4;
    EXPECT_NEAR(gini(sizes), (static_cast<double>(n) - 1) / static_cast<double>(n), 1e-15);
  }
}

TEST(Gini, does_not_change_with_scale_or_order) {
  const double want = gini(std::vector<double>{1, 2, 3, 10});
  EXPECT_NEAR(gini(std::vector<double>{30, 3, 9, 6}), want, 1e-15);
  EXPECT_NEAR(want, (-3 * 1 - 1 * 2 + 1 * 3 + 3 * 10) / (4.0 * 16), 1e-15);
}

TEST(Gini, refuses_what_has_no_size) {
  EXPECT_THROW(gini(std::vector<double>{}), ContractBroken);
  EXPECT_THROW(gini(std::vector<double>{1, -1}), ContractBroken);
  EXPECT_TRUE(std::isnan(gini(std::vector<double>{1, NAN})));
}

}  // namespace
}  // namespace grok
