#include "grok/kernels/mix_rows.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/attention.h"
#include "grok/kernels/reference.h"
#include "grok/kernels/rows.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

// batch, heads, queries, keys, rows of the table, width
const std::vector<MixRowsShape> shapes = {
    {1, 1, 1, 1, 1, 1},   {90, 4, 1, 3, 27, 113}, {33, 4, 1, 3, 9, 512}, {7, 4, 2, 3, 5, 17},
    {5, 3, 3, 5, 4, 7},   {200, 1, 1, 2, 40, 64}, {9, 5, 1, 4, 6, 65},   {3, 9, 2, 2, 5, 130},
    {0, 4, 1, 3, 27, 20}, {4, 2, 1, 3, 11, 0}};

struct Inputs {
  std::vector<float> p, x, table, bias;
  std::vector<Token> index;
  explicit Inputs(const MixRowsShape& s)
      : p(random_numbers(s.batch * s.n_heads * s.n_queries * s.n_keys, 1)),
        x(random_numbers(s.batch * s.n_queries * s.width, 2)),
        table(random_numbers(s.n_rows * s.n_heads * s.width, 3)),
        bias(random_numbers(s.width, 4)),
        index(random_tokens(s.batch * s.n_keys, static_cast<Token>(s.n_rows), 5)) {}
};

/// Runs `f(out, pool)` on every target and for several numbers of threads.
template <class F>
void expect_kernel(const std::vector<double>& want, F&& f) {
  const auto run = [&](int n_threads) {
    ThreadPool pool(n_threads);
    std::vector<float> out(want.size(), 77.0f);
    f(out, pool);
    return out;
  };
  for_each_target([&](auto) {
    const std::vector<float> one = run(1);
    expect_close(one, want, 1e-6);
    for (const int n_threads : {2, 4, 8}) EXPECT_TRUE(same_bits(one, run(n_threads)));
  });
  expect_equal_bits_on_fused_targets([&] { return run(2); });
}

std::vector<std::byte> packed(const MixRowsShape& s, ConstFloats table) {
  std::vector<std::byte> out(static_cast<std::size_t>(mix_table_bytes(s)));
  ThreadPool pool(2);
  mix_table_pack(s, table, out, pool);
  return out;
}

void transposed(const MixRowsShape& s, const Inputs& in, Floats out, ThreadPool& pool) {
  std::vector<std::byte> uses(static_cast<std::size_t>(mix_uses_bytes(s)));
  list_mix_uses(s, in.index, uses);
  mix_rows_transposed(s, in.p, in.x, uses, out, pool);
}

TEST(MixRows, agrees_with_plain_loops) {
  for (const MixRowsShape& s : shapes) {
    const Inputs in(s);
    expect_kernel(reference::mix_rows(s, in.p, in.table, in.index, {}, false),
                  [&](Floats out, ThreadPool& pool) {
                    mix_rows(s, in.p, packed(s, in.table), in.index, Epilogue::none, {}, out, pool);
                  });
  }
}

TEST(MixRows, adds_a_bias_and_keeps_what_is_positive) {
  for (const MixRowsShape& s : shapes) {
    const Inputs in(s);
    for (const Epilogue epilogue : {Epilogue::bias, Epilogue::bias_relu})
      expect_kernel(reference::mix_rows(s, in.p, in.table, in.index, in.bias,
                                        epilogue == Epilogue::bias_relu),
                    [&](Floats out, ThreadPool& pool) {
                      mix_rows(s, in.p, packed(s, in.table), in.index, epilogue, in.bias, out,
                               pool);
                    });
  }
}

TEST(MixRows, dots_agree_with_plain_loops) {
  for (const MixRowsShape& s : shapes) {
    const Inputs in(s);
    expect_kernel(reference::mix_rows_dots(s, in.x, in.table, in.index),
                  [&](Floats out, ThreadPool& pool) {
                    mix_rows_dots(s, in.x, packed(s, in.table), in.index, out, pool);
                  });
  }
}

TEST(MixRows, transposed_agrees_with_plain_loops) {
  for (const MixRowsShape& s : shapes) {
    const Inputs in(s);
    expect_kernel(reference::mix_rows_transposed(s, in.p, in.x, in.index),
                  [&](Floats out, ThreadPool& pool) { transposed(s, in, out, pool); });
  }
}

TEST(MixRows, a_pattern_of_ones_and_zeros_copies_rows) {
  const MixRowsShape s{2, 1, 1, 3, 4, 40};
  const std::vector<float> p = {0, 0, 1, 1, 0, 0}, table = random_numbers(160, 1);
  const std::vector<Token> index = {0, 1, 3, 2, 2, 0};
  std::vector<float> out(80);
  ThreadPool pool(1);
  mix_rows(s, p, packed(s, table), index, Epilogue::none, {}, out, pool);
  for (std::size_t c = 0; c < 40; ++c) {
    EXPECT_EQ(out[c], table[3 * 40 + c]);
    EXPECT_EQ(out[40 + c], table[2 * 40 + c]);
  }
}

// <mix(p, t), x> = <p, dots(x, t)> = <t, transposed(p, x)>: each gradient is the transpose.
TEST(MixRows, gradients_are_transposes) {
  const MixRowsShape s{50, 4, 2, 3, 13, 70};
  const Inputs in(s);
  ThreadPool pool(2);
  std::vector<float> mixed(in.x.size()), dots(in.p.size()), table(in.table.size());
  mix_rows(s, in.p, packed(s, in.table), in.index, Epilogue::none, {}, mixed, pool);
  mix_rows_dots(s, in.x, packed(s, in.table), in.index, dots, pool);
  transposed(s, in, table, pool);
  const auto dot = [](const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  };
  const double mix = dot(mixed, in.x);
  EXPECT_GT(std::abs(mix), 1.0);
  EXPECT_NEAR(dot(in.p, dots), mix, 1e-4);
  EXPECT_NEAR(dot(in.table, table), mix, 1e-4);
}

// The scores of x, once per head, with the rows gathered: both sum in the same sixteen lanes, up to
// 64 columns.
TEST(MixRows, dots_have_the_bits_of_attention_scores) {
  const MixRowsShape s{21, 4, 1, 3, 8, 61};
  const Inputs in(s);
  ThreadPool pool(1);
  std::vector<float> queries, keys(in.index.size() * 4 * 61);
  for (std::size_t b = 0; b < 21; ++b)
    for (int h = 0; h < 4; ++h)
      queries.insert(queries.end(), in.x.begin() + static_cast<std::ptrdiff_t>(b * 61),
                     in.x.begin() + static_cast<std::ptrdiff_t>(b * 61 + 61));
  gather_rows(in.table, in.index, 4 * 61, keys, pool);
  for_each_target([&](auto) {
    std::vector<float> want(in.p.size()), got(in.p.size());
    attention_scores({21, 1, 3, 4, 61}, queries, keys, 1.0f, want, pool);
    mix_rows_dots(s, in.x, packed(s, in.table), in.index, got, pool);
    EXPECT_TRUE(same_bits(got, want));
  });
}

TEST(MixRows, rows_that_no_index_names_have_no_gradient) {
  const MixRowsShape s{30, 2, 1, 3, 9, 20};
  Inputs in(s);
  for (Token& row : in.index)
    if (row == 0 || row == 5 || row == 8) row = 4;
  std::vector<float> out(in.table.size(), 77.0f);
  ThreadPool pool(1);
  transposed(s, in, out, pool);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t row = i / 40;
    EXPECT_EQ(out[i] == 0.0f, row == 0 || row == 5 || row == 8) << i;
  }
}

TEST(MixRows, a_nan_passes_the_relu) {
  const MixRowsShape s{1, 1, 1, 1, 1, 20};
  std::vector<float> table(20, -1.0f), out(20);
  table[3] = table[18] = std::numeric_limits<float>::quiet_NaN();
  ThreadPool pool(1);
  for_each_target([&](auto) {
    mix_rows(s, std::vector<float>{1}, packed(s, table), std::vector<Token>{0}, Epilogue::bias_relu,
             std::vector<float>(20), out, pool);
    for (std::size_t c = 0; c < 20; ++c) {
      EXPECT_EQ(std::isnan(out[c]), c == 3 || c == 18);
      EXPECT_TRUE(std::isnan(out[c]) || out[c] == 0.0f);
    }
  });
}

}  // namespace
}  // namespace grok
