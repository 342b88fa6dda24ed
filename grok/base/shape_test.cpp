#include "grok/base/shape.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

TEST(Shape, counts_elements) {
  EXPECT_EQ(Shape({}).n_elements(), 1);
  EXPECT_EQ(Shape({3, 4}).n_elements(), 12);
  EXPECT_EQ(Shape({3, 0}).n_elements(), 0);
  EXPECT_EQ(Shape({2, 3, 5}).product(1, 3), 15);
}

TEST(Shape, negative_axes_count_from_the_end) { EXPECT_EQ(Shape({2, 3, 5})[-1], 5); }

TEST(Shape, refuses_what_cannot_be) {
  EXPECT_THROW(Shape({-1}), ContractBroken);
  EXPECT_THROW(Shape({1LL << 40, 1LL << 40}), ContractBroken);
  EXPECT_THROW(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}), ContractBroken);
  EXPECT_THROW(Shape({2})[1], ContractBroken);
}

TEST(Shape, slices_and_joins) {
  EXPECT_EQ(Shape({2, 3, 5}).slice(1, 3), Shape({3, 5}));
  EXPECT_EQ(Shape({2}).concat({3, 5}), Shape({2, 3, 5}));
  EXPECT_EQ(Shape({2, 3}).with(0, 7), Shape({7, 3}));
  EXPECT_EQ(Shape({2, 3}).to_string(), "[2, 3]");
}

}  // namespace
}  // namespace grok
