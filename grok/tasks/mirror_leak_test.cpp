#include "grok/tasks/mirror_leak.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "grok/tasks/testing.h"

namespace grok {
namespace {

TaskData addition(int p, double train_fraction) {
  return made(*tasks::find("modular_addition"),
              Params{{"p", std::int64_t{p}}, {"train_fraction", train_fraction}});
}

// Counted another way: by the sums that a pair and its mirror image share.
TEST(MirrorLeak, counts_the_test_pairs_whose_mirror_image_is_trained_on) {
  const TaskData task = addition(23, 0.75);
  const MirrorLeak leak = mirror_leak(task).value();
  EXPECT_EQ(leak.n_test, static_cast<std::int64_t>(task.test.size()));
  std::int64_t n = 0;
  for (const std::int32_t row : task.test) {
    const std::int32_t mirror = row % 23 * 23 + row / 23;
    n += std::count(task.train.begin(), task.train.end(), mirror);
  }
  EXPECT_EQ(leak.n_mirrored, n);
  EXPECT_GT(n, 0);
}

// Published runs of p = 23 with 75% trained rest at .737 before they grok. Of one split the share
// is uncertain by .04; of forty, on average, by less than .01.
TEST(MirrorLeak, explains_the_plateau_of_published_runs) {
  double sum = 0;
  for (std::int64_t seed = 0; seed < 40; ++seed)
    sum += mirror_leak(made(*tasks::find("modular_addition"), Params{{"p", std::int64_t{23}},
                                                                     {"train_fraction", 0.75},
                                                                     {"split_seed", seed}}))
               ->baseline();
  EXPECT_NEAR(sum / 40, 0.737, 0.02);
  const MirrorLeak leak = mirror_leak(addition(23, 0.75)).value();
  EXPECT_NEAR(leak.chance, 1.0 / 23, 0.02);
  EXPECT_NEAR(leak.adjusted(leak.baseline()), 0, 1e-15);
  EXPECT_NEAR(leak.adjusted(1), 1, 1e-15);
}

TEST(MirrorLeak, is_nothing_if_operands_may_not_be_swapped) {
  const TaskDef& arithmetic = *tasks::find("modular_arithmetic");
  const auto leak_with = [&](const char* operation) {
    return mirror_leak(
        made(arithmetic, Params{{"operation", std::string(operation)}, {"p", std::int64_t{11}}}));
  };
  EXPECT_TRUE(leak_with("addition"));
  EXPECT_FALSE(leak_with("subtraction"));
  TaskData task = addition(11, 0.5);
  std::swap(task.labels.data[1], task.labels.data[2]);  // 0 + 1 is no longer 1 + 0
  EXPECT_FALSE(mirror_leak(task));
  EXPECT_FALSE(mirror_leak(made(*tasks::find("skip_trigram"))));
}

}  // namespace
}  // namespace grok
