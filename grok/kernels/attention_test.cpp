#include "grok/kernels/attention.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/reference.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

const std::vector<AttentionShape> shapes = {
    {1, 1, 1, 1, 1},    {70, 3, 3, 4, 32}, {9, 1, 3, 4, 32},     {5, 2, 5, 3, 15},
    {3, 17, 9, 2, 17},  {2, 85, 85, 1, 8}, {2, 70, 130, 2, 150}, {2, 21, 64, 1, 128},
    {300, 2, 2, 2, 16}, {0, 3, 3, 4, 32}};

struct Inputs {
  std::vector<float> at_queries, at_keys, scores;
  explicit Inputs(const AttentionShape& s)
      : at_queries(random_numbers(s.batch * s.n_queries * s.n_heads * s.d_head, 1)),
        at_keys(random_numbers(s.batch * s.n_keys * s.n_heads * s.d_head, 2)),
        scores(random_numbers(s.batch * s.n_heads * s.n_queries * s.n_keys, 3)) {}
};

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

TEST(Attention, scores_agree_with_plain_loops) {
  for (const AttentionShape& s : shapes) {
    const Inputs in(s);
    expect_kernel(
        reference::attention_scores(s, in.at_queries, in.at_keys, static_cast<double>(0.2f)),
        [&](Floats out, ThreadPool& pool) {
          attention_scores(s, in.at_queries, in.at_keys, 0.2f, out, pool);
        });
  }
}

TEST(Attention, mix_agrees_with_plain_loops) {
  for (const AttentionShape& s : shapes) {
    const Inputs in(s);
    expect_kernel(
        reference::attention_mix(s, in.scores, in.at_keys),
        [&](Floats out, ThreadPool& pool) { attention_mix(s, in.scores, in.at_keys, out, pool); });
  }
}

TEST(Attention, transposed_mix_agrees_with_plain_loops) {
  for (const AttentionShape& s : shapes) {
    const Inputs in(s);
    expect_kernel(reference::attention_mix_transposed(s, in.scores, in.at_queries),
                  [&](Floats out, ThreadPool& pool) {
                    attention_mix_transposed(s, in.scores, in.at_queries, out, pool);
                  });
  }
}

std::int64_t keys_seen_by(std::int64_t query, const AttentionShape& s) {
  return std::min(s.n_keys, s.visible + query);
}

// Hidden places of scores or a pattern as f says, the others as they are.
template <class F>
std::vector<float> with_hidden(std::vector<float> x, const AttentionShape& s, F&& f) {
  for (std::int64_t row = 0; row < s.batch * s.n_heads * s.n_queries; ++row)
    for (std::int64_t j = keys_seen_by(row % s.n_queries, s); j < s.n_keys; ++j)
      x[static_cast<std::size_t>(row * s.n_keys + j)] = f();
  return x;
}

// Whatever stands in a hidden place; and not a bit differs from a sum in which it stands as 0.
TEST(Attention, hidden_keys_are_zeros_that_take_no_time) {
  for (AttentionShape s : {AttentionShape{3, 85, 85, 2, 12}, AttentionShape{2, 19, 19, 1, 17},
                           AttentionShape{5, 6, 18, 3, 170}, AttentionShape{4, 3, 3, 2, 8},
                           AttentionShape{2, 30, 20, 1, 5}})
    for (s.visible = 1; s.visible <= s.n_keys; s.visible += 5) {
      const Inputs in(s);
      AttentionShape whole = s;
      whole.visible = 0;
      ThreadPool pool(2);
      const auto same = [&](auto&& kernel, std::size_t n, const std::vector<float>& a,
                            const std::vector<float>& b, bool is_scores) {
        std::vector<float> out(n, 77.0f), want(n, 77.0f);
        kernel(s, a, out);
        kernel(whole, b, want);
        if (is_scores) want = with_hidden(want, s, [] { return 0.0f; });
        EXPECT_TRUE(same_bits(out, want)) << s.n_queries << " " << s.n_keys << " " << s.visible;
      };
      const auto p = with_hidden(in.scores, s, [] { return 5.0f; });
      const auto zeros = with_hidden(in.scores, s, [] { return 0.0f; });
      for_each_target([&](auto) {
        same([&](const AttentionShape& shape, ConstFloats q,
                 Floats out) { attention_scores(shape, q, in.at_keys, 0.3f, out, pool); },
             in.scores.size(), in.at_queries, in.at_queries, true);
        same([&](const AttentionShape& shape, ConstFloats x,
                 Floats out) { attention_mix(shape, x, in.at_keys, out, pool); },
             in.at_queries.size(), p, zeros, false);
        same([&](const AttentionShape& shape, ConstFloats x,
                 Floats out) { attention_mix_transposed(shape, x, in.at_queries, out, pool); },
             in.at_keys.size(), p, zeros, false);
      });
    }
}

TEST(Attention, a_pattern_of_ones_and_zeros_copies_positions) {
  const AttentionShape s{1, 2, 3, 1, 4};
  const std::vector<float> p = {0, 0, 1, 1, 0, 0}, v = random_numbers(12, 1);
  std::vector<float> out(8);
  ThreadPool pool(1);
  attention_mix(s, p, v, out, pool);
  for (std::size_t c = 0; c < 4; ++c) {
    EXPECT_EQ(out[c], v[8 + c]);
    EXPECT_EQ(out[4 + c], v[c]);
  }
}

}  // namespace
}  // namespace grok
