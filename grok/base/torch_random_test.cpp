#include "grok/base/torch_random.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

std::vector<float> draw(TorchRandom& random, std::size_t n) {
  std::vector<float> out(n);
  random.randn(out);
  return out;
}

// All figures: tests/golden/make_random_golden.py, in one stream from seed 0.
TEST(TorchRandom, repeats_pytorchs_stream) {
  constexpr float close = 1e-6f;
  TorchRandom random(0);
  const auto w = draw(random, 128 * 114);
  EXPECT_NEAR(w[0], -1.12583983f, close);
  EXPECT_NEAR(w[1], -1.1523602f, close);
  EXPECT_NEAR(w[3], -0.433878809f, close);
  EXPECT_NEAR(w[w.size() - 2], 0.685899913f, close);
  EXPECT_NEAR(w.back(), 0.470001161f, close);

  const auto ragged = draw(random, 37);  // 5 beyond a multiple of 16: the last 16 are drawn anew
  EXPECT_NEAR(ragged[0], 1.04698575f, close);
  EXPECT_NEAR(ragged[20], -0.687573373f, close);
  EXPECT_NEAR(ragged[21], 0.820128202f, close);
  EXPECT_NEAR(ragged[36], -0.544749439f, close);

  const auto five = draw(random, 5);  // fewer than 16: one by one, and a twin is left over
  EXPECT_NEAR(five[0], -1.54271781f, close);
  EXPECT_NEAR(five[3], -0.331667036f, close);
  EXPECT_NEAR(five[4], -2.18533349f, close);
  const auto sixteen = draw(random, 16);
  EXPECT_NEAR(sixteen[0], 0.124002777f, close);
  EXPECT_NEAR(sixteen[15], -1.00442219f, close);
  const auto two = draw(random, 2);  // the twin comes first
  EXPECT_NEAR(two[0], -0.578542888f, close);
  EXPECT_NEAR(two[1], -1.38138592f, close);

  EXPECT_EQ(random.rand(), 0.51952666f);
  EXPECT_EQ(random.rand(), 0.164529204f);
  for (const int want : {9, 5, 5, 6, 7, 3}) EXPECT_EQ(random.randint(3, 10), want);
  EXPECT_EQ(random.randperm(10), (std::vector<std::int32_t>{8, 4, 9, 0, 5, 1, 3, 2, 6, 7}));
}

TEST(TorchRandom, normals_are_finite_and_normal) {
  TorchRandom random(1);
  const auto x = draw(random, 1 << 18);
  double m1 = 0, m2 = 0;
  for (const float v : x) {
    ASSERT_TRUE(std::isfinite(v));
    m1 += v;
    m2 += static_cast<double>(v) * v;
  }
  const auto n = static_cast<double>(x.size());
  EXPECT_NEAR(m1 / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(m2 / n, 1, 5 * std::sqrt(2 / n));
}

TEST(TorchRandom, refuses_an_empty_range) {
  TorchRandom random(1);
  EXPECT_THROW(random.randint(3, 3), ContractBroken);
}

}  // namespace
}  // namespace grok
