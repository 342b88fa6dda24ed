#include <gtest/gtest.h>

#include "bench/cases.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "bench/report.h"

namespace grok::bench {
namespace {

std::optional<Options> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "bench");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

TEST(bench, the_canonical_floor_is_that_of_the_design) {
  EXPECT_NEAR(floor_flops(cases()[0], 3830) * 1e-9, 1.67, 0.005);
  // Without examples the tables remain.
  EXPECT_NEAR(floor_flops(cases()[0], 0) * 1e-9, 0.26, 0.005);
}

TEST(bench, one_slow_round_moves_no_median_but_a_quarter_of_them_is_noise) {
  const std::vector<double> one_slow{1, 1.1, 1, 0.9, 1, 1, 50, 1, 1};
  EXPECT_EQ(median(one_slow), 1);
  EXPECT_FALSE(is_scattered(one_slow));
  const std::vector<double> three_slow{1, 1.3, 1, 0.9, 1, 1.3, 1.3, 1, 1};
  EXPECT_TRUE(is_scattered(three_slow));
}

TEST(bench, contestants_take_turns) {
  std::string order;
  const std::function<double()> contestants[] = {[&] { return order += 'a', 1.0; },
                                                 [&] { return order += 'b', 2.0; }};
  const auto found = alternate(3, contestants);
  EXPECT_EQ(order, "ababab");
  EXPECT_EQ(found, (std::vector<std::vector<double>>{{1, 1, 1}, {2, 2, 2}}));
}

TEST(bench, options_are_read_and_others_refused) {
  const auto options = parse({"--threads", "1,4", "--rounds", "11", "--only", "p23", "--json"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->threads, (std::vector<int>{1, 4}));
  EXPECT_EQ(options->n_rounds, 11);
  EXPECT_TRUE(options->is_json);
  EXPECT_TRUE(options->wants("p23_d32"));
  EXPECT_FALSE(options->wants("canonical"));
  for (const char* word : {"--threads=2", "--cases", "canonical"}) EXPECT_FALSE(parse({word}));
  for (const char* threads : {"0", "1,", "two", ""}) EXPECT_FALSE(parse({"--threads", threads}));
}

}  // namespace
}  // namespace grok::bench
