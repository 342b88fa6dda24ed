#include "grok/kernels/matmul.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/reference.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

/// A product with its own arrays, rows a little further apart than they need to be.
template <class T>
struct Problem {
  std::vector<T> a, b, c, bias;
  MatmulOf<T> product;

  Problem(std::int64_t m, std::int64_t n, std::int64_t k, bool ta = false, bool tb = false) {
    product.m = m, product.n = n, product.k = k;
    product.transpose_a = ta, product.transpose_b = tb;
    product.lda = (ta ? m : k) + 3, product.ldb = (tb ? k : n) + 1, product.ldc = n + 2;
    a = random_numbers<T>((ta ? k : m) * product.lda, 1);
    b = random_numbers<T>((tb ? n : k) * product.ldb, 2);
    c = random_numbers<T>(m * product.ldc, 3);
    bias = random_numbers<T>(n, 4);
    product.a = a.data(), product.b = b.data(), product.c = c.data(), product.bias = bias.data();
  }

  std::vector<T> run(int n_threads = 1) {
    std::vector<T> result = c;
    MatmulOf<T> p = product;
    p.c = result.data();
    ThreadPool pool(n_threads);
    std::vector<std::byte> scratch(
        static_cast<std::size_t>(matmul_scratch_bytes<T>(p.n, p.k, n_threads)));
    matmul(p, scratch, pool);
    return result;
  }

  /// Compares with the reference, and checks that the gaps between C's rows are untouched.
  void check(double tolerance) {
    const std::vector<T> got = run();
    std::vector<T> inside;
    for (std::int64_t i = 0; i < product.m; ++i)
      for (std::int64_t j = 0; j < product.ldc; ++j) {
        const auto at = static_cast<std::size_t>(i * product.ldc + j);
        if (j < product.n)
          inside.push_back(got[at]);
        else
          ASSERT_EQ(got[at], c[at]) << "written beyond row " << i;
      }
    expect_close(inside, reference::matmul(product), tolerance);
  }
};

const std::vector<std::int64_t> awkward = {1, 2, 4, 5, 15, 16, 17, 33, 50, 113};

TEST(Matmul, agrees_with_plain_loops_on_awkward_shapes_and_all_transposes) {
  for_each_target([](auto) {
    for (const std::int64_t m : awkward)
      for (const std::int64_t n : awkward)
        for (const std::int64_t k : {1, 7, 16, 129})
          for (const int transposes : {0, 1, 2, 3}) {
            SCOPED_TRACE(::testing::Message()
                         << m << " x " << n << " x " << k << ", " << transposes);
            Problem<float>(m, n, k, transposes & 1, transposes & 2).check(2e-6);
            Problem<double>(m, n, k, transposes & 1, transposes & 2).check(1e-14);
            if (::testing::Test::HasFatalFailure()) return;
          }
  });
}

TEST(Matmul, agrees_on_several_blocks_of_rows_columns_and_k) {
  for_each_target([](auto) {
    for (const int transposes : {0, 1, 2, 3})
      Problem<float>(301, 613, 300, transposes & 1, transposes & 2).check(2e-6);
  });
}

TEST(Matmul, adds_to_c_adds_bias_and_clips) {
  for_each_target([](auto) {
    for (const bool accumulate : {false, true})
      for (const Epilogue epilogue : {Epilogue::none, Epilogue::bias, Epilogue::bias_relu})
        for (const std::int64_t k : {0, 3, 200}) {
          Problem<float> p(19, 50, k);
          p.product.accumulate = accumulate;
          p.product.epilogue = epilogue;
          p.check(2e-6);
        }
  });
}

TEST(Matmul, an_empty_sum_is_zero) {
  Problem<float> p(3, 5, 0);
  const std::vector<float> got = p.run();
  EXPECT_EQ(got[0], 0.0f);
}

TEST(Matmul, bits_depend_on_neither_threads_nor_vectors) {
  for (const std::int64_t n : {1, 3, 17, 113, 114, 120, 512})
    for (const int transposes : {0, 1, 2}) {
      Problem<float> p(333, n, 400, transposes & 1, transposes & 2);
      expect_equal_bits_on_fused_targets([&] { return p.run(1); });
      for_each_target([&](auto) {
        const std::vector<float> one = p.run(1);
        for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(one, p.run(n_threads)));
      });
    }
  Problem<double> p(100, 57, 200);
  expect_equal_bits_on_fused_targets([&] { return p.run(1); });
}

// Were a tile shape or a block to change a sum, the first columns would depend on how many follow.
TEST(Matmul, an_element_depends_on_its_row_and_column_only) {
  Problem<float> wide(40, 120, 300), narrow(40, 120, 300);
  narrow.product.n = 37;
  const std::vector<float> a = wide.run(), b = narrow.run();
  for (std::size_t i = 0; i < 40; ++i)
    for (std::size_t j = 0; j < 37; ++j) ASSERT_EQ(a[i * 122 + j], b[i * 122 + j]);
}

TEST(Matmul, fused_targets_round_once_per_term_in_order_of_k) {
  Problem<float> p(9, 20, 300);
  for (const std::string_view target : available_targets()) {
    if (target == "portable") continue;
    force_target(target);
    const std::vector<float> got = p.run();
    for (std::size_t i = 0; i < 9; ++i)
      for (std::size_t j = 0; j < 20; ++j) {
        float sum = 0;
        for (std::size_t k = 0; k < 300; ++k)
          sum = std::fma(p.a[i * 303 + k], p.b[k * 21 + j], sum);
        ASSERT_EQ(got[i * 22 + j], sum);
      }
  }
  force_target(available_targets().front());
}

TEST(Matmul, nan_goes_where_it_belongs) {
  Problem<float> p(10, 20, 30);
  p.a[2 * 33 + 5] = std::numeric_limits<float>::quiet_NaN();
  p.product.epilogue = Epilogue::bias_relu;
  for_each_target([&](auto) {
    const std::vector<float> got = p.run();
    for (std::size_t i = 0; i < 10; ++i)
      for (std::size_t j = 0; j < 20; ++j) ASSERT_EQ(std::isnan(got[i * 22 + j]), i == 2);
  });
}

TEST(MatmulBatched, is_each_product_on_its_own) {
  constexpr std::int64_t batch = 37, m = 5, n = 18, k = 21;
  const std::vector<float> a = random_numbers(batch * m * k, 1),
                           b = random_numbers(batch * k * n, 2);
  MatmulOf<float> first{
      .a = a.data(), .lda = k, .b = b.data(), .ldb = n, .ldc = n, .m = m, .n = n, .k = k};
  for (const std::int64_t b_stride : {std::int64_t{0}, k * n})
    for (const int n_threads : {1, 2, 4}) {
      ThreadPool pool(n_threads);
      std::vector<std::byte> scratch(
          static_cast<std::size_t>(matmul_batched_scratch_bytes<float>(n, k, n_threads)));
      std::vector<float> together(batch * m * n), alone(batch * m * n);
      first.c = together.data();
      matmul_batched(first, {m * k, b_stride, m * n}, batch, scratch, pool);
      for (std::int64_t i = 0; i < batch; ++i) {
        MatmulOf<float> one = first;
        one.a += i * m * k, one.b += i * b_stride, one.c = alone.data() + i * m * n;
        matmul(one, scratch, pool);
      }
      EXPECT_TRUE(same_bits(together, alone));
      EXPECT_NE(together.back(), 0.0f);
    }
}

}  // namespace
}  // namespace grok
