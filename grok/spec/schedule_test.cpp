#include "grok/spec/schedule.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

using Steps = std::vector<std::int64_t>;

RunSpec spec_with(const char* keyframes) {
  RunSpec spec;
  spec.train = {{"steps", 2100}};
  spec.record = {{"every", 100},
                 {"log_points_per_octave", 0},
                 {"keyframes", keyframes},
                 {"keyframe_every", 250}};
  return spec;
}

TEST(Schedule, log_spaced_steps_are_the_f_stops) {
  EXPECT_EQ(Schedule(0, 2, 2000).steps(2000),
            (Steps{0,  1,  2,   3,   4,   6,   8,   11,  16,   22,   32,  45,
                   64, 90, 128, 179, 256, 358, 512, 717, 1024, 1434, 2000}));
  EXPECT_EQ(Schedule(0, 1, 40).steps(40), (Steps{0, 1, 2, 4, 8, 16, 32, 40}));
  EXPECT_EQ(Schedule(0, 4, 64).steps(64),
            (Steps{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 16, 19, 22, 27, 32, 38, 45, 53, 64}));
}

TEST(Schedule, neighbours_differ_by_no_more_than_every) {
  for (const int n_per_octave : {0, 1, 2, 4})
    for (const int every : {1, 2, 7, 100, 250}) {
      const Steps steps = Schedule(every, n_per_octave, 5000).steps(5000);
      for (std::size_t i = 1; i < steps.size(); ++i)
        ASSERT_LE(steps[i] - steps[i - 1], every) << n_per_octave << " " << steps[i];
    }
}

TEST(Schedule, log_spacing_ends_where_it_reaches_every) {
  EXPECT_EQ(Schedule(250, 2, 2100).steps(2100),
            (Steps{0,   1,   2,   3,   4,   6,   8,   11,  16,   22,   32,   45,   64,   90,  128,
                   179, 250, 256, 358, 500, 512, 717, 750, 1000, 1250, 1500, 1750, 2000, 2100}));
}

TEST(Schedule, its_list_and_its_test_agree) {
  for (const int n_per_octave : {0, 1, 2, 4})
    for (const int every : {0, 1, 7, 100, 5000})
      for (const int last : {0, 1, 2, 3, 1433, 1434, 3000}) {
        const Schedule schedule(every, n_per_octave, last);
        Steps found;
        for (std::int64_t step = -2; step <= last + 5; ++step)
          if (schedule.contains(step)) found.push_back(step);
        ASSERT_EQ(schedule.steps(last + 5), found) << n_per_octave << " " << every << " " << last;
      }
}

TEST(Schedule, a_part_of_the_list_is_its_beginning) {
  EXPECT_EQ(Schedule(10, 0, 100).steps(35), (Steps{0, 10, 20, 30}));
  EXPECT_EQ(Schedule(10, 0, 100).steps(0), (Steps{0}));
  EXPECT_EQ(Schedule(10, 0, 100).steps(-1), (Steps{}));
}

TEST(Schedule, of_a_spec) {
  EXPECT_TRUE(is_recorded(spec_with("log"), 300));
  EXPECT_FALSE(is_recorded(spec_with("log"), 3));
  EXPECT_TRUE(is_keyframe(spec_with("log"), 3));
  EXPECT_TRUE(is_keyframe(spec_with("log"), 1250));
  EXPECT_FALSE(is_keyframe(spec_with("log"), 1024));
  EXPECT_FALSE(is_keyframe(spec_with("every"), 3));
  EXPECT_EQ(keyframe_steps(spec_with("every"), 600), (Steps{0, 250, 500}));
  EXPECT_EQ(keyframe_steps(spec_with("ends"), 9999), (Steps{0, 2100}));
  EXPECT_EQ(record_steps(spec_with("log"), 250), (Steps{0, 100, 200}));
}

TEST(Schedule, refuses_densities_without_a_rule) {
  EXPECT_THROW(Schedule(1, 3, 10), ContractBroken);
}

TEST(Schedule, of_a_fork_is_its_parents_from_where_it_begins) {
  const Schedule parent(100, 4, 1000), fork(100, 4, 1000, 137);
  std::vector<std::int64_t> expected{137};
  for (const std::int64_t step : parent.steps(1000))
    if (step > 137) expected.push_back(step);
  EXPECT_EQ(fork.steps(1000), expected);
  for (std::int64_t step = 0; step <= 1001; ++step)
    EXPECT_EQ(fork.contains(step), std::ranges::binary_search(expected, step)) << step;
}

}  // namespace
}  // namespace grok
