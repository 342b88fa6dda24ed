// The kernels of optimizers and of filters of gradients against plain loops.

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "grok/base/rng.h"
#include "grok/kernels/adamw.h"
#include "grok/kernels/combine.h"
#include "grok/kernels/inner_products.h"
#include "grok/kernels/lion.h"
#include "grok/kernels/mean_step.h"
#include "grok/kernels/newton_schulz.h"
#include "grok/kernels/normal_noise.h"
#include "grok/kernels/philox_stream.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;
using Arrays = std::vector<float>;
using InDouble = std::vector<double>;

constexpr std::int64_t sizes[] = {1, 15, 16, 17, 113, 70'001};

/// On every target close to the plain loops; the same bits for any threads, and on fused targets.
void expect_kernel(const std::function<Arrays(ThreadPool&)>& kernel, const InDouble& expected,
                   double tolerance) {
  const auto run = [&](int n_threads) {
    ThreadPool pool(n_threads);
    return kernel(pool);
  };
  for_each_target([&](auto) {
    const Arrays found = run(1);
    expect_close(found, expected, tolerance);
    for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(found, run(n_threads)));
  });
  expect_equal_bits_on_fused_targets([&] { return run(2); });
}

TEST(InnerProducts, agree_with_plain_loops) {
  for (const std::int64_t n : sizes) {
    const Arrays a = random_numbers(n, 1), b = random_numbers(n, 2);
    long double aa = 0, ab = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      aa += static_cast<long double>(a[i]) * a[i];
      ab += static_cast<long double>(a[i]) * b[i];
      bb += static_cast<long double>(b[i]) * b[i];
    }
    for_each_target([&](auto) {
      for (const int n_threads : {1, 2, 4, 8}) {
        ThreadPool pool(n_threads);
        const InnerProducts found = inner_products(a, b, pool);
        const double scale = 1e-14 * std::sqrt(static_cast<double>(n)) * static_cast<double>(aa);
        EXPECT_NEAR(found.aa, static_cast<double>(aa), scale);
        EXPECT_NEAR(found.ab, static_cast<double>(ab), scale);
        EXPECT_NEAR(found.bb, static_cast<double>(bb), scale);
        EXPECT_EQ(sum_of_squares(a, pool), found.aa);
      }
    });
    expect_equal_bits_on_fused_targets([&] {
      ThreadPool pool(2);
      const InnerProducts s = inner_products(a, b, pool);
      return std::vector<double>{s.aa, s.ab, s.bb};
    });
  }
}

TEST(Combine, agrees_with_plain_loops) {
  for (const std::int64_t n : sizes) {
    const Arrays x = random_numbers(n, 1), y = random_numbers(n, 2);
    InDouble expected;
    for (std::size_t i = 0; i < x.size(); ++i)
      expected.push_back(0.75 * static_cast<double>(x[i]) - 1.25 * static_cast<double>(y[i]));
    expect_kernel(
        [&](ThreadPool& pool) {
          Arrays out = y;
          combine(0.75, x, -1.25, out, out, pool);
          return out;
        },
        expected, 2e-7);
  }
}

TEST(MeanStep, agrees_with_plain_loops) {
  const MeanStep step{.keep = 0.9, .take = 0.1, .own = 1.5, .of_mean = -2};
  for (const std::int64_t n : sizes) {
    const Arrays g = random_numbers(n, 1), mean = random_numbers(n, 2);
    InDouble expected;
    for (std::size_t i = 0; i < g.size(); ++i)
      expected.push_back(0.9 * static_cast<double>(mean[i]) + 0.1 * static_cast<double>(g[i]));
    for (std::size_t i = 0; i < g.size(); ++i)
      expected.push_back(1.5 * static_cast<double>(g[i]) - 2 * expected[i]);
    expect_kernel(
        [&](ThreadPool& pool) {
          Arrays m = mean, out = g;
          mean_step(step, out, m, out, pool);
          m.insert(m.end(), out.begin(), out.end());
          return m;
        },
        expected, 3e-7);
  }
}

TEST(WindowStep, agrees_with_plain_loops) {
  for (const std::int64_t n : sizes) {
    const Arrays g = random_numbers(n, 1), oldest = random_numbers(n, 2);
    const Arrays high = random_numbers(n, 3);
    Arrays low = random_numbers(n, 4);
    for (float& x : low) x *= 1e-9f;
    InDouble expected;
    for (std::size_t i = 0; i < g.size(); ++i) {
      const double sum = static_cast<double>(high[i]) + low[i] + g[i] - oldest[i];
      expected.push_back(static_cast<double>(g[i]) + 0.5 * sum);
    }
    expect_kernel(
        [&](ThreadPool& pool) {
          Arrays window = oldest, h = high, l = low, out(g.size());
          window_step(0.5, g, window, h, l, out, pool);
          EXPECT_TRUE(same_bits(window, g));
          for (std::size_t i = 0; i < g.size(); ++i) {
            const double sum = static_cast<double>(high[i]) + static_cast<double>(low[i]) +
                               (static_cast<double>(g[i]) - static_cast<double>(oldest[i]));
            EXPECT_NEAR(static_cast<double>(h[i]) + static_cast<double>(l[i]), sum, 1e-14);
          }
          return out;
        },
        expected, 2e-7);
  }
}

TEST(Lion, agrees_with_plain_loops) {
  const LionStep step{.lr = 0.01, .beta1 = 0.9, .beta2 = 0.99, .weight_decay = 0.5};
  for (const std::int64_t n : sizes) {
    const Arrays g = random_numbers(n, 1), w = random_numbers(n, 2), m = random_numbers(n, 3);
    InDouble expected;
    for (std::size_t i = 0; i < g.size(); ++i) {
      const double u = 0.9 * static_cast<double>(m[i]) + 0.1 * static_cast<double>(g[i]);
      expected.push_back((1 - 0.01 * 0.5) * static_cast<double>(w[i]) - (u > 0 ? 0.01 : -0.01));
    }
    for (std::size_t i = 0; i < g.size(); ++i)
      expected.push_back(0.99 * static_cast<double>(m[i]) + 0.01 * static_cast<double>(g[i]));
    expect_kernel(
        [&](ThreadPool& pool) {
          Arrays weights = w, mean = m;
          lion(step, g, weights, mean, pool);
          weights.insert(weights.end(), mean.begin(), mean.end());
          return weights;
        },
        expected, 3e-7);
  }
}

TEST(Lion, stands_still_where_there_is_no_sign_and_carries_nan) {
  ThreadPool pool(1);
  const Arrays g = {0, 0, std::nanf(""), 1};
  Arrays w = {1, 1, 1, 1}, m = {0, -1, 0, 0};
  lion({.lr = 0.25}, g, w, m, pool);
  EXPECT_EQ(w[0], 1);
  EXPECT_EQ(w[1], 1.25f);
  EXPECT_TRUE(std::isnan(w[2]));
  EXPECT_EQ(w[3], 0.75f);
}

// The four kinds of decay: one step of each in double.
TEST(AdamW, decays_where_and_whither_it_is_told) {
  for (const Decay decay : {Decay::decoupled, Decay::l2})
    for (const bool has_w0 : {false, true}) {
      const AdamWStep step{.lr = 0.01,
                           .weight_decay = 0.5,
                           .decay = decay,
                           .bias_correction1 = 0.1,
                           .bias_correction2 = 0.02};
      const Arrays g = random_numbers(113, 1), w = random_numbers(113, 2);
      const Arrays w0 = has_w0 ? random_numbers(113, 3) : Arrays();
      InDouble expected;
      for (std::size_t i = 0; i < g.size(); ++i) {
        const double way = static_cast<double>(w[i]) - (has_w0 ? static_cast<double>(w0[i]) : 0);
        const double gi = static_cast<double>(g[i]) + (decay == Decay::l2 ? 0.5 * way : 0);
        const double kept =
            static_cast<double>(w[i]) - (decay == Decay::decoupled ? 0.01 * 0.5 * way : 0);
        expected.push_back(kept - 0.01 * gi / (std::fabs(gi) + 1e-8));
      }
      expect_kernel(
          [&](ThreadPool& pool) {
            Arrays out = w, m(w.size()), v(w.size());
            adamw(step, g, out, m, v, w0, pool);
            return out;
          },
          expected, 1e-6);
    }
}

InDouble singular_squares_2x2(const Arrays& x, std::size_t columns) {
  double a = 0, b = 0, c = 0;  // X X^T of two rows
  for (std::size_t j = 0; j < columns; ++j) {
    a += static_cast<double>(x[j]) * x[j];
    b += static_cast<double>(x[j]) * x[columns + j];
    c += static_cast<double>(x[columns + j]) * x[columns + j];
  }
  const double mean = (a + c) / 2, off = std::hypot((a - c) / 2, b);
  return {mean + off, mean - off};
}

Arrays orthogonalized(const MatrixStack& stack, const Arrays& g, ThreadPool& pool, int steps = 5) {
  Arrays x(g.size());
  std::vector<float> scratch(
      static_cast<std::size_t>(newton_schulz_scratch_floats(stack, pool.n_threads())));
  newton_schulz(stack, steps, g, x, scratch, pool);
  return x;
}

// What its authors say of it: singular values end between 0.68 and 1.14.
TEST(NewtonSchulz, brings_singular_values_near_one) {
  ThreadPool pool(1);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Arrays x = orthogonalized({1, 2, 37}, random_numbers(74, seed), pool);
    for (const double square : singular_squares_2x2(x, 37)) {
      EXPECT_GT(std::sqrt(square), 0.67);
      EXPECT_LT(std::sqrt(square), 1.15);
    }
  }
}

// Of a diagonal each entry goes through the polynomial alone.
TEST(NewtonSchulz, of_a_diagonal_is_the_polynomial_of_each_entry) {
  ThreadPool pool(1);
  const Arrays found = orthogonalized({1, 2, 2}, {3, 0, 0, -4}, pool, 3);
  const auto p = [](double x) { return x * (3.4445 + x * x * (-4.7750 + 2.0315 * x * x)); };
  EXPECT_NEAR(found[0], p(p(p(0.6))), 1e-5);
  EXPECT_NEAR(found[3], p(p(p(-0.8))), 1e-5);
  EXPECT_EQ(found[1], 0);
}

Arrays transposed(const Arrays& x, std::size_t rows, std::size_t columns) {
  Arrays out(x.size());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) out[j * rows + i] = x[i * columns + j];
  return out;
}

TEST(NewtonSchulz, of_the_transpose_is_the_transpose) {
  ThreadPool pool(1);
  const Arrays g = random_numbers(19 * 50, 3);
  const Arrays wide = orthogonalized({1, 19, 50}, g, pool);
  const Arrays tall = orthogonalized({1, 50, 19}, transposed(g, 19, 50), pool);
  const Arrays back = transposed(tall, 50, 19);
  for (std::size_t i = 0; i < wide.size(); ++i) EXPECT_NEAR(wide[i], back[i], 2e-4);
}

TEST(NewtonSchulz, of_a_stack_is_that_of_each) {
  ThreadPool pool(1);
  for (const auto& [rows, columns] : {std::pair{6, 21}, std::pair{21, 6}}) {
    const auto size = static_cast<std::size_t>(rows * columns);
    const Arrays g = random_numbers(3 * rows * columns, 4);
    const Arrays all = orthogonalized({3, rows, columns}, g, pool);
    for (std::size_t k = 0; k < 3; ++k) {
      const auto at = g.begin() + static_cast<std::ptrdiff_t>(k * size);
      const Arrays one =
          orthogonalized({1, rows, columns}, {at, at + static_cast<std::ptrdiff_t>(size)}, pool);
      for (std::size_t i = 0; i < size; ++i) EXPECT_NEAR(all[k * size + i], one[i], 1e-5);
    }
  }
}

TEST(NewtonSchulz, has_the_same_bits_for_any_threads_and_vectors) {
  for (const MatrixStack& stack : {MatrixStack{1, 70, 113}, MatrixStack{4, 33, 18}}) {
    const Arrays g = random_numbers(stack.n_matrices * stack.rows * stack.columns, 5);
    const auto run = [&](int n_threads) {
      ThreadPool pool(n_threads);
      return orthogonalized(stack, g, pool);
    };
    const Arrays one = run(1);
    for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(one, run(n_threads)));
    expect_equal_bits_on_fused_targets([&] { return run(2); });
  }
}

// Box and Muller's transform by the C library, of the words that philox_stream.h says.
double expected_noise(const NormalNoise& noise, std::size_t i) {
  const std::size_t block = i / philox_group * blocks_of_group + i % blocks_of_group;
  const std::size_t k = i % philox_group / blocks_of_group;
  const auto half = [](std::uint64_t x, int which) {
    return static_cast<std::uint32_t>(which ? x >> 32 : x);
  };
  const auto words =
      philox4x32({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(noise.step),
                  half(noise.stream, 0), half(noise.stream, 1)},
                 {half(noise.seed, 0), half(noise.seed, 1)});
  const std::size_t pair = k / 2 * 2;
  const double u = (words[pair] >> 8) * 0x1p-24, turn = (words[pair + 1] >> 8) * 0x1p-24;
  const double radius = std::sqrt(-2 * std::log(1 - u));
  const double angle = 2 * M_PI * turn;
  return noise.sigma * radius * (k % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

TEST(NormalNoise, is_box_and_mullers_of_its_words) {
  const NormalNoise noise{.sigma = 0.5, .seed = 1ULL << 40 | 7, .stream = 3ULL << 33, .step = 12};
  for (const std::int64_t n : sizes) {
    const Arrays x = random_numbers(n, 1);
    InDouble expected;
    for (std::size_t i = 0; i < x.size(); ++i)
      expected.push_back(static_cast<double>(x[i]) + expected_noise(noise, i));
    expect_kernel(
        [&](ThreadPool& pool) {
          Arrays out = x;
          add_noise(noise, out, out, pool);
          return out;
        },
        expected, 5e-7);
  }
}

TEST(NormalNoise, is_normal) {
  ThreadPool pool(1);
  const Arrays zero(1'000'000);
  Arrays z(zero.size());
  add_noise({.seed = 11}, zero, z, pool);
  double moment[5] = {};
  double beyond_two = 0;
  for (const float x : z) {
    double power = 1;
    for (double& m : moment) {
      m += power / 1e6;
      power *= static_cast<double>(x);
    }
    beyond_two += std::fabs(x) > 2 ? 1e-6 : 0;
  }
  EXPECT_NEAR(moment[1], 0, 0.004);
  EXPECT_NEAR(moment[2], 1, 0.006);
  EXPECT_NEAR(moment[3], 0, 0.02);
  EXPECT_NEAR(moment[4], 3, 0.05);
  EXPECT_NEAR(beyond_two, 0.0455, 0.001);
}

}  // namespace
}  // namespace grok
