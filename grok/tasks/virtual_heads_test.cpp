#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

constexpr std::size_t n_slots = 24;
constexpr Token marker = 9;

TaskData many() { return made(tasks::virtual_heads(), {{"n_test", std::int64_t{20'000}}}); }

// Bits that what `see` returns of a row tells about the answer, estimated from all examples.
template <class F>
double information(const TaskData& data, F see) {
  std::map<std::pair<Token, Token>, double> both;
  std::map<Token, double> seen, answers;
  const double part = 1 / static_cast<double>(data.n_examples());
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    const Token x = see(row_of(data.tokens, i)), y = row_of(data.labels, i)[0];
    both[{x, y}] += part;
    seen[x] += part;
    answers[y] += part;
  }
  double bits = 0;
  for (const auto& [xy, p] : both) bits += p * std::log2(p / seen[xy.first] / answers[xy.second]);
  return bits;
}

TEST(VirtualHeads, answers_with_the_one_value_that_is_marked_twice) {
  const TaskData data = made(tasks::virtual_heads());
  ASSERT_EQ(data.n_ctx, 49);
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    const auto row = row_of(data.tokens, i);
    std::map<Token, int> counts, marked;
    for (std::size_t slot = 0; slot < n_slots; ++slot) {
      ++counts[row[2 * slot]];
      EXPECT_TRUE(row[2 * slot + 1] == marker || row[2 * slot + 1] == marker - 1);
      if (row[2 * slot + 1] == marker) ++marked[row[2 * slot]];
    }
    EXPECT_EQ(row[48], 10);
    EXPECT_EQ(counts.size(), 8u);
    for (const auto& [value, n] : counts) EXPECT_TRUE(n == 3 && value < 8);
    EXPECT_EQ(marked.size(), 5u);  // six markers, one value twice
    for (const auto& [value, n] : marked) EXPECT_EQ(n == 2, value == row_of(data.labels, i)[0]);
  }
}

// With 20,000 examples, chance alone seems to tell about 0.002 bits of one token and 0.017 of two
// values: the cells of the table less one, over 2 n ln 2.
TEST(VirtualHeads, no_token_alone_tells_anything) {
  const TaskData data = many();
  for (std::size_t at = 0; at < 49; ++at)
    EXPECT_LT(information(data, [at](Tokens row) { return row[at]; }), 0.005) << at;
}

TEST(VirtualHeads, neither_do_values_among_themselves_nor_marks) {
  const TaskData data = many();
  const auto told_by = [&](std::size_t a, std::size_t b) {
    return information(data, [a, b](Tokens row) { return 16 * row[a] + row[b]; });
  };
  for (const auto& [a, b] : {std::pair{0u, 2u}, {2u, 4u}, {10u, 30u}, {0u, 46u}}) {
    EXPECT_LT(told_by(a, b), 0.025);
    EXPECT_LT(told_by(a + 1, b + 1), 0.005);
  }
}

// What one slot tells: if it is marked, the answer has 2 chances in 6 and each other value 2 in 21;
// if not, 1 in 18 and 17 in 126. And what chance adds: 15 * 7 cells.
TEST(VirtualHeads, a_value_with_its_mark_does) {
  const auto told = [](double p) {  // of 3 bits, when one value has p and seven share the rest
    return 3 + p * std::log2(p) + (1 - p) * std::log2((1 - p) / 7);
  };
  const double expected = told(1.0 / 3) / 4 + told(1.0 / 18) * 3 / 4 + 0.004;
  const TaskData data = many();
  for (const std::size_t slot : {0u, 7u, 23u})
    EXPECT_NEAR(
        information(data, [&](Tokens row) { return 16 * row[2 * slot] + row[2 * slot + 1]; }),
        expected, 0.01);
}

TEST(VirtualHeads, refuses_more_marks_than_values) {
  EXPECT_THROW(made(tasks::virtual_heads(), {{"n_marked", std::int64_t{10}}}), Error);
  EXPECT_THROW(made(tasks::virtual_heads(), {{"n_marked", std::int64_t{2}}}), Error);
  EXPECT_NO_THROW(made(tasks::virtual_heads(), {{"n_marked", std::int64_t{9}}}));
}

}  // namespace
}  // namespace grok
