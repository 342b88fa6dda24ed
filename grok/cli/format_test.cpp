#include "grok/cli/format.h"

#include <limits>

#include <gtest/gtest.h>

#include "grok/cli/speed.h"

namespace grok::cli {
namespace {

TEST(Format, numbers_read_as_people_write_them) {
  EXPECT_EQ(grouped(12769), "12,769");
  EXPECT_EQ(grouped(-999), "-999");
  EXPECT_EQ(percent(0.8457), "84.6 %");
  EXPECT_EQ(fixed(14.516, 2), "14.52");
  EXPECT_EQ(duration(185), "3 min 05 s");
  EXPECT_EQ(bytes(2.72e6), "2.72 MB");
}

TEST(Format, speeds_have_plain_digits) {
  EXPECT_EQ(speed_text(1020.4), "1,020");
  EXPECT_EQ(speed_text(99.96), "100");
  EXPECT_EQ(speed_text(412), "412");
  EXPECT_EQ(speed_text(12345678), "12,345,678");
  EXPECT_EQ(speed_text(3.254), "3.25");
  EXPECT_EQ(speed_text(0.0125), "0.0125");
}

TEST(Format, shortest_reads_back_as_the_same_double) {
  for (const double x : {0.1, 1.0 / 3, 2.4122e-7, 1e300}) EXPECT_EQ(std::stod(shortest(x)), x);
  EXPECT_EQ(shortest(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(shortest(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(Format, text_is_wrapped_between_words) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("to be or not", 5), (Lines{"to be", "or", "not"}));
  EXPECT_EQ(wrapped("unbreakable word", 5), (Lines{"unbreakable", "word"}));
  EXPECT_EQ(wrapped("", 5), Lines{});
}

TEST(Format, widths_count_characters_not_bytes) {
  EXPECT_EQ(n_characters("▇▇"), 2u);
  EXPECT_EQ(left("▇", 3), "▇  ");
  EXPECT_EQ(right("ab", 4), "  ab");
}

}  // namespace
}  // namespace grok::cli
