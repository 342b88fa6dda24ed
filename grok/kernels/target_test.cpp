#include "grok/kernels/target.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/kernels/math.h"

namespace grok {
namespace {

TEST(Target, can_be_forced_to_each_that_the_machine_has) {
  ASSERT_FALSE(available_targets().empty());
  for (const std::string_view name : available_targets()) {
    force_target(name);
    EXPECT_EQ(active_target(), name);
  }
  force_target(available_targets().front());
}

TEST(Target, portable_is_always_there) { EXPECT_EQ(available_targets().back(), "portable"); }

TEST(Target, refuses_one_that_does_not_exist_and_says_what_there_is) {
  try {
    force_target("avx9");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::unsupported);
    EXPECT_NE(std::string(e.what()).find("avx9"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("portable"), std::string::npos);
  }
}

// The variable is read once per process, hence a child for each value.
[[noreturn]] void report(const char* value) {
  setenv("GROKSCOPE_TARGET", value, 1);
  try {
    std::exit(active_target() == value ? 0 : 1);
  } catch (const Error& e) {
    std::exit(e.code() == ErrorCode::unsupported ? 7 : 1);
  }
}

TEST(TargetDeathTest, follows_the_environment_and_refuses_what_it_cannot_serve) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(report("portable"), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(report("avx9"), ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace grok
