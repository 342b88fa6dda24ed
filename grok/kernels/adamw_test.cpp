#include "grok/kernels/adamw.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/reference.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

AdamWStep numbers_of_step(int step) {
  return {.lr = 1e-3,
          .beta1 = 0.9,
          .beta2 = 0.98,
          .eps = 1e-8,
          .weight_decay = 1.0,
          .bias_correction1 = 1 - std::pow(0.9, step),
          .bias_correction2 = 1 - std::pow(0.98, step)};
}

/// Weights, then moments, after some steps with random gradients.
std::vector<float> train(std::int64_t n, int n_steps, int n_threads) {
  ThreadPool pool(n_threads);
  std::vector<float> w = random_numbers(n, 1), m(w.size()), v(w.size());
  for (int step = 1; step <= n_steps; ++step)
    adamw(numbers_of_step(step), random_numbers(n, 1 + static_cast<std::uint64_t>(step)), w, m, v,
          pool);
  w.insert(w.end(), m.begin(), m.end());
  w.insert(w.end(), v.begin(), v.end());
  return w;
}

TEST(AdamW, agrees_with_plain_loops) {
  for (const std::int64_t n : {1, 15, 16, 17, 113, 40000}) {
    reference::AdamWState state;
    for (const float x : random_numbers(n, 1)) state.w.push_back(static_cast<double>(x));
    state.m.resize(state.w.size());
    state.v.resize(state.w.size());
    for (int step = 1; step <= 5; ++step)
      reference::adamw(numbers_of_step(step),
                       random_numbers(n, 1 + static_cast<std::uint64_t>(step)), state);
    const auto size = static_cast<std::size_t>(n);
    for_each_target([&](auto) {
      const std::vector<float> got = train(n, 5, 1);
      const std::span<const float> all(got);
      expect_close(all.subspan(0, size), state.w, 4e-7);
      expect_close(all.subspan(size, size), state.m, 4e-7);
      expect_close(all.subspan(2 * size), state.v, 4e-7);
      for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(got, train(n, 5, n_threads)));
    });
    expect_equal_bits_on_fused_targets([&] { return train(n, 5, 2); });
  }
}

// At the first step m / sqrt(v), both corrected, is the sign of the gradient.
TEST(AdamW, first_step_is_the_learning_rate_towards_minus_the_sign) {
  ThreadPool pool(1);
  AdamWStep step = numbers_of_step(1);
  step.weight_decay = 0;
  const std::vector<float> g = {3.0f, -0.01f, 200.0f};
  std::vector<float> w(3), m(3), v(3);
  adamw(step, g, w, m, v, pool);
  EXPECT_NEAR(w[0], -1e-3, 1e-9);
  EXPECT_NEAR(w[1], 1e-3, 1e-8);
  EXPECT_NEAR(w[2], -1e-3, 1e-9);
}

TEST(AdamW, without_a_gradient_weights_decay) {
  ThreadPool pool(1);
  std::vector<float> w = {1.0f}, m(1), v(1);
  const std::vector<float> g = {0.0f};
  for (int step = 1; step <= 100; ++step) adamw(numbers_of_step(step), g, w, m, v, pool);
  EXPECT_NEAR(w[0], std::pow(0.999, 100), 1e-5);
}

}  // namespace
}  // namespace grok
