#include "grok/kernels/matmul.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/matmul_blocks.h"
#include "grok/kernels/reference.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

enum class Way { pooled, serial, prepacked };

/// A product with its own arrays, rows a little further apart than they need to be.
template <class T>
struct Problem {
  std::vector<T> a, b, c, bias, addend, gate;
  MatmulOf<T> product;
  bool adds_to_c = false;

  Problem(std::int64_t m, std::int64_t n, std::int64_t k, bool ta = false, bool tb = false) {
    product.m = m, product.n = n, product.k = k;
    product.transpose_a = ta, product.transpose_b = tb;
    product.lda = (ta ? m : k) + 3, product.ldb = (tb ? k : n) + 1, product.ldc = n + 2;
    a = random_numbers<T>((ta ? k : m) * product.lda, 1);
    b = random_numbers<T>((tb ? n : k) * product.ldb, 2);
    c = random_numbers<T>(m * product.ldc, 3);
    bias = random_numbers<T>(n, 4);
    addend = random_numbers<T>(m * (n + 3), 5);
    gate = random_numbers<T>(m * (n + 4), 6);
    product.a = a.data(), product.b = b.data(), product.c = c.data(), product.bias = bias.data();
  }

  void add_to_c() {
    adds_to_c = true;
    product.addend = c.data(), product.ld_addend = product.ldc;
  }
  void add_to_another() { product.addend = addend.data(), product.ld_addend = product.n + 3; }
  void shut_with_gate() { product.gate = gate.data(), product.ld_gate = product.n + 4; }

  std::vector<T> run(int n_threads = 1, Way way = Way::pooled) {
    std::vector<T> result = c;
    MatmulOf<T> p = product;
    p.c = result.data();
    if (adds_to_c) p.addend = p.c;
    ThreadPool pool(n_threads);
    std::vector<std::byte> scratch(
        static_cast<std::size_t>(way == Way::pooled ? matmul_scratch_bytes<T>(p.n, p.k, n_threads)
                                                    : matmul_packed_bytes<T>(p.n, p.k)));
    if (way == Way::pooled) {
      matmul(p, scratch, pool);
    } else if (way == Way::serial) {
      matmul_serial(p, scratch);
    } else {
      if (n_threads > 1)
        matmul_pack(p, scratch, pool);
      else
        matmul_pack(p, scratch);
      p.b = nullptr;
      matmul_prepacked(p, scratch);
    }
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
      Problem<float>(520, 330, 530, transposes & 1, transposes & 2).check(2e-6);
  });
}

TEST(Matmul, adds_bias_and_clips_what_began_with_an_addend_and_shuts_the_gate) {
  for_each_target([](auto) {
    for (const int addend : {0, 1, 2})
      for (const bool gate : {false, true})
        for (const Epilogue epilogue : {Epilogue::none, Epilogue::bias, Epilogue::bias_relu})
          for (const int transposes : {0, 1, 2, 3})
            for (const std::int64_t n : {3, 16, 50, 113, 115})
              for (const std::int64_t k : {0, 3, 201}) {
                Problem<float> p(19, n, k, transposes & 1, transposes & 2);
                if (addend == 1) p.add_to_c();
                if (addend == 2) p.add_to_another();
                if (gate) p.shut_with_gate();
                p.product.epilogue = epilogue;
                p.check(2e-6);
              }
  });
}

TEST(Matmul, of_one_column_agrees_with_all_that_can_follow_a_sum) {
  for_each_target([](auto) {
    for (const std::int64_t m : {31, 32, 70})
      for (const std::int64_t k : {0, 3, 16, 1100})
        for (const bool transpose_b : {false, true})
          for (const Epilogue epilogue : {Epilogue::none, Epilogue::bias_relu}) {
            Problem<float> p(m, 1, k, false, transpose_b);
            if (epilogue == Epilogue::none) p.shut_with_gate();
            p.add_to_another();
            p.product.epilogue = epilogue;
            p.check(2e-6);
          }
  });
}

TEST(Matmul, agrees_where_a_single_column_is_computed_as_a_row) {
  for_each_target([](auto) {
    for (const std::int64_t m : {15, 16, 47, 64, 131})
      for (const std::int64_t k : {1, 17, 150})
        for (const bool gate : {false, true})
          for (const bool transpose_b : {false, true}) {
            Problem<float> p(m, 1, k, true, transpose_b);
            p.product.ldc = 1, p.product.addend = p.addend.data(), p.product.ld_addend = 1;
            if (gate) p.product.gate = p.gate.data(), p.product.ld_gate = 1;
            ASSERT_EQ(rows_as_columns(p.product), m / 16 * 16);
            p.check(2e-6);
            EXPECT_EQ(p.run(1, Way::serial), p.run(1));
          }
    // Enough work for two threads.
    Problem<float> p(1043, 1, 2100, true);
    p.product.ldc = 1;
    p.check(2e-6);
    EXPECT_EQ(p.run(3), p.run(1));
  });
}

TEST(Matmul, adds_once_over_several_blocks_of_k) {
  for_each_target([](auto) {
    for (const int transposes : {0, 1}) {
      Problem<float> p(21, 65, 1100, transposes & 1, false);
      p.add_to_another();
      p.shut_with_gate();
      p.product.epilogue = Epilogue::bias_relu;
      p.check(2e-6);
    }
  });
}

TEST(Matmul, is_the_same_on_one_thread_and_with_a_packed_b) {
  for_each_target([](auto) {
    for (const std::int64_t m : {1, 5, 12, 64, 96, 227})
      for (const std::int64_t n : {3, 17, 64, 113, 512, 520})
        for (const int transposes : {0, 1, 2, 3}) {
          Problem<float> p(m, n, 130, transposes & 1, transposes & 2);
          p.add_to_c();
          p.shut_with_gate();
          const std::vector<float> pooled = p.run(2);
          EXPECT_TRUE(same_bits(pooled, p.run(1, Way::serial)));
          EXPECT_TRUE(same_bits(pooled, p.run(1, Way::prepacked)));
          EXPECT_TRUE(same_bits(pooled, p.run(2, Way::prepacked)));
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
      Problem<float> p(333, n, 600, transposes & 1, transposes & 2);
      p.add_to_c();
      p.shut_with_gate();
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

// Sixteen chains, term i in chain i mod 16, folded as every sum along a row is.
TEST(Matmul, of_one_column_sums_its_terms_in_sixteen_lanes) {
  for (const bool transpose_b : {false, true})
    for (const std::int64_t k : {1, 15, 16, 37, 1100}) {
      Problem<float> p(21, 1, k, false, transpose_b);
      for_each_target([&](std::string_view target) {
        if (target == "portable") return;
        const std::vector<float> got = p.run();
        for (std::int64_t i = 0; i < 21; ++i) {
          float lane[16] = {};
          for (std::int64_t j = 0; j < k; ++j)
            lane[j % 16] = std::fma(p.product.a[i * (k + 3) + j],
                                    p.product.b[transpose_b ? j : j * 2], lane[j % 16]);
          for (const int half : {8, 4, 2, 1})
            for (int l = 0; l < half; ++l) lane[l] += lane[l + half];
          ASSERT_EQ(got[static_cast<std::size_t>(i * 3)], lane[0]) << i << " of " << k;
        }
        EXPECT_EQ(p.run(1, Way::serial), got);
        EXPECT_EQ(p.run(1, Way::prepacked), got);
        EXPECT_EQ(p.run(3), got);
      });
    }
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

// As relu_grad does: whatever the sum was, a shut gate makes it zero, and a gate of NaN is shut.
TEST(Matmul, a_gate_shuts_out_nan_and_is_shut_by_nan) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  Problem<float> p(10, 17, 30);
  p.shut_with_gate();
  for (float& g : p.gate) g = 1;
  p.a[2 * 33 + 5] = nan;
  for (const std::size_t j : {std::size_t{1}, std::size_t{16}}) {
    p.gate[2 * 21 + j] = 0;
    p.gate[3 * 21 + j] = nan;
  }
  for_each_target([&](auto) {
    const std::vector<float> got = p.run();
    for (std::size_t j = 0; j < 17; ++j) {
      const bool shut = j == 1 || j == 16;
      ASSERT_EQ(std::isnan(got[2 * 19 + j]), !shut);
      ASSERT_EQ(got[3 * 19 + j] == 0, shut);
    }
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

TEST(MatmulBatched, addend_and_gate_advance_as_c_does) {
  constexpr std::int64_t batch = 3, m = 10, n = 20, k = 30;
  const std::vector<float> a = random_numbers(batch * m * k, 1), b = random_numbers(k * n, 2),
                           gate = random_numbers(batch * m * n, 3);
  std::vector<float> together = random_numbers(batch * m * n, 4), one_by_one = together;
  MatmulOf<float> first{
      .a = a.data(), .lda = k, .b = b.data(), .ldb = n, .ldc = n, .m = m, .n = n, .k = k};
  first.ld_addend = n, first.ld_gate = n;
  first.c = together.data(), first.addend = first.c, first.gate = gate.data();
  ThreadPool pool(2);
  std::vector<std::byte> scratch(
      static_cast<std::size_t>(matmul_batched_scratch_bytes<float>(n, k, 2)));
  matmul_batched(first, {m * k, 0, m * n}, batch, scratch, pool);
  for (std::int64_t i = 0; i < batch; ++i) {
    MatmulOf<float> one = first;
    one.a += i * m * k, one.c = one_by_one.data() + i * m * n;
    one.addend = one.c, one.gate += i * m * n;
    matmul_serial(one, scratch);
  }
  EXPECT_TRUE(same_bits(together, one_by_one));
}

}  // namespace
}  // namespace grok
