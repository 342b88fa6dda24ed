#include "grok/kernels/sgd.h"

#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/reference.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

const SgdStep kinds[] = {
    {.lr = 0.1},
    {.lr = 0.1, .weight_decay = 0.3},
    {.lr = 0.1, .momentum = 0.9},
    {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.3},
    {.lr = 0.1, .momentum = 0.9, .weight_decay = 0.3, .kind = Momentum::nesterov}};

/// Weights, then momentum, after some steps with random gradients.
std::vector<float> train(const SgdStep& step, std::int64_t n, int n_threads) {
  ThreadPool pool(n_threads);
  std::vector<float> w = random_numbers(n, 1), v(w.size());
  for (std::uint64_t i = 1; i <= 5; ++i) sgd(step, random_numbers(n, 1 + i), w, v, pool);
  w.insert(w.end(), v.begin(), v.end());
  return w;
}

TEST(Sgd, agrees_with_plain_loops) {
  for (const SgdStep& step : kinds)
    for (const std::int64_t n : {1, 15, 16, 17, 113, 100'000}) {
      const std::vector<float> first = random_numbers(n, 1);
      reference::SgdState state{{first.begin(), first.end()}, std::vector<double>(first.size())};
      for (std::uint64_t i = 1; i <= 5; ++i) reference::sgd(step, random_numbers(n, 1 + i), state);
      const auto size = static_cast<std::size_t>(n);
      for_each_target([&](auto) {
        const std::vector<float> got = train(step, n, 1);
        const std::span<const float> all(got);
        expect_close(all.subspan(0, size), state.w, 4e-7);
        expect_close(all.subspan(size), state.v, 4e-7);
        for (const int n_threads : {2, 4, 8})
          EXPECT_TRUE(same_bits(got, train(step, n, n_threads)));
      });
      expect_equal_bits_on_fused_targets([&] { return train(step, n, 2); });
    }
}

// Numbers that float32 holds: w = 1, gradient 2 and then 4, rate 1/4, momentum 1/2, decay 1/2.
//   plain      g = 2.5, w = 0.375;           g = 4.1875,  w = 0.375 - 1.046875
//   classical  v = 2.5, w = 0.375;           v = 5.4375,  w = 0.375 - 1.359375
//   nesterov   v = 2.5, w = 1 - 3.75 / 4;    g = 4.03125, v = 5.28125, w = 0.0625 - 6.671875 / 4
TEST(Sgd, first_two_steps_by_hand) {
  const std::vector<float> g1 = {2}, g2 = {4};
  const auto weights_after = [&](double momentum, Momentum kind) {
    ThreadPool pool(1);
    const SgdStep step{.lr = 0.25, .momentum = momentum, .weight_decay = 0.5, .kind = kind};
    std::vector<float> w = {1}, v(momentum == 0 ? 0 : 1), out;
    for (const auto& g : {g1, g2}) {
      sgd(step, g, w, v, pool);
      out.push_back(w[0]);
    }
    return out;
  };
  for_each_target([&](auto) {
    EXPECT_EQ(weights_after(0, Momentum::classical), (std::vector<float>{0.375f, -0.671875f}));
    EXPECT_EQ(weights_after(0.5, Momentum::classical), (std::vector<float>{0.375f, -0.984375f}));
    EXPECT_EQ(weights_after(0.5, Momentum::nesterov), (std::vector<float>{0.0625f, -1.60546875f}));
  });
}

}  // namespace
}  // namespace grok
