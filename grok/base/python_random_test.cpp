#include "grok/base/python_random.h"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

std::vector<int> counted(int n) {
  std::vector<int> items(static_cast<std::size_t>(n));
  std::iota(items.begin(), items.end(), 0);
  return items;
}

// All figures: tests/golden/make_random_golden.py.
TEST(PythonRandom, repeats_pythons_stream) {
  PythonRandom random(1);
  EXPECT_EQ(random.random(), 0.13436424411240122);
  EXPECT_EQ(random.random(), 0.8474337369372327);
  auto items = counted(10);
  random.shuffle(std::span(items));
  EXPECT_EQ(items, (std::vector<int>{7, 2, 0, 8, 5, 6, 3, 9, 4, 1}));
  for (const std::uint32_t want : {62u, 3u, 49u, 55u, 77u}) EXPECT_EQ(random.randrange(100), want);
  EXPECT_THROW(random.randrange(0), ContractBroken);
}

TEST(PythonRandom, seeds_from_all_words_of_a_large_seed) {
  EXPECT_EQ(PythonRandom((1ULL << 40) + 7).random(), 0.6137037779936511);
}

TEST(PythonRandom, repeats_the_split_of_the_published_run) {
  auto pairs = counted(113 * 113);
  PythonRandom random(0);
  random.shuffle(std::span(pairs));
  const std::vector<int> first{2068, 1213, 6243, 2876, 7184, 1686, 3107, 4032, 4705, 2032};
  EXPECT_EQ(std::vector<int>(pairs.begin(), pairs.begin() + 10), first);
  const std::vector<int> last_train{6999, 435, 4325, 7369};
  EXPECT_EQ(std::vector<int>(pairs.begin() + 3826, pairs.begin() + 3830), last_train);
  long long sum = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) sum += static_cast<long long>(i) * pairs[i];
  EXPECT_EQ(sum, 517863871983LL);
}

TEST(NumpyRandom, repeats_numpys_legacy_stream) {
  NumpyRandom random(0);
  auto items = counted(10);
  random.shuffle(std::span(items));
  EXPECT_EQ(items, (std::vector<int>{2, 8, 4, 9, 1, 6, 7, 3, 0, 5}));
  for (const int want : {36, 87, 70, 88, 88}) EXPECT_EQ(random.randint(0, 100), want);
  for (const int want : {-5, -5}) EXPECT_EQ(random.randint(-5, -4), want);
  for (const int want : {4, 2, 1, 6, 6, 0, 1, 5}) EXPECT_EQ(random.randint(0, 7), want);
  EXPECT_THROW(random.randint(1, 1), ContractBroken);
}

}  // namespace
}  // namespace grok
