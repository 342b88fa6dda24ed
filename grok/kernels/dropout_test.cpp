#include "grok/kernels/dropout.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

std::vector<float> after_dropout(const DropoutMask& mask, const std::vector<float>& x,
                                 int n_threads = 1) {
  ThreadPool pool(n_threads);
  std::vector<float> out(x.size());
  dropout(mask, x, out, pool);
  return out;
}

std::vector<float> mask_of(const DropoutMask& mask, std::size_t n) {
  return after_dropout(mask, std::vector<float>(n, 1.0f));
}

constexpr DropoutMask some_mask{.rate = 0.3, .seed = -5, .stream = 1LL << 40, .step = 7};

TEST(Dropout, follows_the_definition_of_its_mask) {
  for (const std::size_t n : {0u, 1u, 15u, 16u, 17u, 63u, 64u, 65u, 1000u, 70'001u})
    for (const DropoutMask& mask :
         {some_mask, DropoutMask{.rate = 0.5, .seed = 1LL << 35, .stream = -2, .step = 1 << 30}})
      for_each_target([&](auto) {
        const std::vector<float> x = random_numbers(static_cast<std::int64_t>(n), 1);
        const std::vector<float> got = after_dropout(mask, x);
        const auto kept = static_cast<float>(1 / (1 - mask.rate));
        for (std::size_t i = 0; i < n; ++i)
          ASSERT_EQ(got[i], is_dropped(mask, static_cast<std::int64_t>(i)) ? 0 : x[i] * kept) << i;
      });
}

// Of a million, the share that is dropped is within five standard deviations.
TEST(Dropout, drops_its_share_and_keeps_the_expectation) {
  constexpr std::size_t n = 1'000'000;
  for (const double rate : {0.0, 0.1, 0.5, 0.9}) {
    double dropped = 0, sum = 0;
    for (const float v : mask_of({.rate = rate, .seed = 3, .stream = 1, .step = 2}, n)) {
      dropped += v == 0;
      sum += static_cast<double>(v);
    }
    const double deviation = std::sqrt(rate * (1 - rate) / n);
    EXPECT_LE(std::abs(dropped / n - rate), 5 * deviation);
    EXPECT_NEAR(sum / n, 1, 5 * deviation / (1 - rate) + 1e-6);
  }
}

/// The share of elements on which two masks agree.
double agreement(const DropoutMask& a, const DropoutMask& b) {
  constexpr std::size_t n = 100'000;
  const std::vector<float> x = mask_of(a, n), y = mask_of(b, n);
  double same = 0;
  for (std::size_t i = 0; i < n; ++i) same += x[i] == y[i];
  return same / n;
}

// Two independent masks of rate 0.3 agree on 0.09 + 0.49 of all elements.
TEST(Dropout, has_another_mask_for_another_step_stream_or_seed) {
  EXPECT_EQ(agreement(some_mask, some_mask), 1);
  DropoutMask step = some_mask, stream = some_mask, seed = some_mask, far = some_mask;
  step.step += 1;
  stream.stream += 1;
  seed.seed += 1;
  far.stream ^= 1LL << 50;
  for (const DropoutMask& other : {step, stream, seed, far})
    EXPECT_NEAR(agreement(some_mask, other), 0.58, 0.01);
}

TEST(Dropout, treats_neighbours_as_independent) {
  const std::vector<float> x = mask_of(some_mask, 200'000);
  for (const std::size_t apart : {1u, 4u, 16u, 64u}) {
    double same = 0;
    for (std::size_t i = 0; i + apart < x.size(); ++i) same += x[i] == x[i + apart];
    EXPECT_NEAR(same / static_cast<double>(x.size() - apart), 0.58, 0.007) << apart;
  }
}

TEST(Dropout, at_rate_zero_changes_nothing) {
  const std::vector<float> x = random_numbers(1000, 2);
  EXPECT_EQ(after_dropout({.rate = 0, .seed = 1}, x), x);
}

TEST(Dropout, nan_stays_nan) {
  const std::vector<float> x(200, std::numeric_limits<float>::quiet_NaN());
  for_each_target([&](auto) {
    for (const float v : after_dropout(some_mask, x)) EXPECT_TRUE(std::isnan(v));
  });
}

TEST(Dropout, gives_the_same_bits_for_any_number_of_threads_and_target) {
  const std::vector<float> x = random_numbers(200'001, 4);
  for_each_target([&](auto) {
    for (const int n_threads : {2, 4, 8})
      EXPECT_TRUE(same_bits(after_dropout(some_mask, x), after_dropout(some_mask, x, n_threads)));
  });
  expect_equal_bits_on_fused_targets([&] { return after_dropout(some_mask, x); });
}

}  // namespace
}  // namespace grok
