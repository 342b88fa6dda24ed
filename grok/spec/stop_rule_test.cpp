#include "grok/spec/stop_rule.h"

#include <cmath>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

TEST(StopRule, reads_metric_sign_and_number) {
  EXPECT_EQ(parse_stop_rule("test_loss < 1e-6"),
            (StopRule{"test_loss", StopRule::Op::below, 1e-6}));
  EXPECT_EQ(parse_stop_rule(" test_accuracy>.99 "),
            (StopRule{"test_accuracy", StopRule::Op::above, 0.99}));
  EXPECT_EQ(parse_stop_rule(""), std::nullopt);
  EXPECT_EQ(parse_stop_rule("  "), std::nullopt);
}

TEST(StopRule, refuses_what_is_no_rule) {
  for (const char* text :
       {"test_loss", "test_loss <", "< 3", "test loss < 3", "test_loss < x", "test_loss <= 3",
        "test_loss < nan", "test_loss < 1e999", "a < 1 < 2", "test_loss < 1e-6 ok", "3 < 4"})
    EXPECT_THROW(parse_stop_rule(text), Error) << text;
}

TEST(StopRule, is_written_one_way) {
  EXPECT_EQ(stop_rule_text(*parse_stop_rule("test_loss<0.000001")), "test_loss < 1e-06");
  const StopRule rule{"a", StopRule::Op::above, 3};
  EXPECT_EQ(parse_stop_rule(stop_rule_text(rule)), rule);
}

TEST(StopRule, holds_strictly_and_never_for_nan) {
  const StopRule below{"a", StopRule::Op::below, 1}, above{"a", StopRule::Op::above, 1};
  EXPECT_TRUE(below.holds(0.5));
  EXPECT_FALSE(below.holds(1));
  EXPECT_TRUE(above.holds(1.5));
  EXPECT_FALSE(above.holds(1));
  EXPECT_FALSE(below.holds(std::nan("")));
  EXPECT_FALSE(above.holds(std::nan("")));
}

}  // namespace
}  // namespace grok
