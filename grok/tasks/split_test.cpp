#include "grok/tasks/split.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "grok/base/torch_random.h"

namespace grok {
namespace {

// First ten of Python's own shuffle: reference/splits_p113.json, seeds 0 and 1.
TEST(Split, is_pythons_shuffle) {
  const Split zero = shuffled_split(113 * 113, 0.3, 0, "python");
  const std::vector<std::int32_t> first{2068, 1213, 6243, 2876, 7184, 1686, 3107, 4032, 4705, 2032};
  EXPECT_TRUE(std::equal(first.begin(), first.end(), zero.train.begin()));
  EXPECT_EQ(zero.train.size(), 3830u);
  EXPECT_EQ(shuffled_split(113 * 113, 0.3, 1, "python").train[0], 6612);
}

// What np.random.seed(0); np.random.permutation(10) is known to give.
TEST(Split, is_numpys_shuffle) {
  const Split split = shuffled_split(10, 1, 0, "numpy");
  EXPECT_EQ(split.train, (std::vector<std::int32_t>{2, 8, 4, 9, 1, 6, 7, 3, 0, 5}));
  EXPECT_TRUE(split.test.empty());
}

TEST(Split, is_pytorchs_permutation) {
  const Split split = shuffled_split(59 * 59, 0.8, 3, "torch");
  const std::vector<std::int32_t> order = TorchRandom(3).randperm(59 * 59);
  EXPECT_EQ(split.train.size(), 2784u);
  EXPECT_TRUE(std::equal(split.train.begin(), split.train.end(), order.begin()));
  EXPECT_TRUE(std::equal(split.test.rbegin(), split.test.rend(), order.rbegin()));
}

TEST(Split, rounds_as_its_source_does) {
  for (const char* rng : {"philox", "python", "torch"}) {
    EXPECT_EQ(n_trained(10, 0.25, rng), 2) << rng;
    EXPECT_EQ(n_trained(10, 0.39, rng), 3) << rng;
  }
  EXPECT_EQ(n_trained(10, 0.39, "numpy"), 4);
  EXPECT_EQ(n_trained(10, 0.25, "numpy"), 2);  // a half goes to the even side
  EXPECT_EQ(n_trained(10, 0.35, "numpy"), 4);
}

}  // namespace
}  // namespace grok
