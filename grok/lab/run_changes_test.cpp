#include "grok/lab/run_changes.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "grok/lab/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

using testing::tiny_spec;

// A run whose curves are drawn, not trained: a loss that falls at 1,000, and an array of two, of
// which the second falls at 300 and the first not at all.
class DrawnRun : public ::testing::Test {
 protected:
  void SetUp() override {
    const RunSpec spec = tiny_spec();
    RunFile file =
        RunFile::create(folder_ / "a.grok", canonical_json(spec), spec_digest(spec), "{}");
    const auto fall = [](double t, double at) {
      return 2 / (1 + std::pow((t + 1) / (at + 1), 20));
    };
    std::vector<Moment> moments;
    for (std::int64_t t = 0; t <= 4000; t += 10) {
      const auto x = static_cast<double>(t);
      moments.push_back(
          {.step = t,
           .metrics = {{"test_loss", fall(x, 1000)}},
           .arrays = {{"by_digit", DoubleTensor(Shape{2}, std::array{1.0, fall(x, 300)})}}});
    }
    file.commit(moments);
    file.commit({.step = 1005, .metrics = {{"test_loss", 77.0}}, .is_replayed = true});
    file.close();
  }
  TemporaryDirectory folder_;
};

TEST_F(DrawnRun, has_the_changes_of_its_metrics) {
  const RunFile file = RunFile::open(folder_ / "a.grok", Access::read);
  EXPECT_EQ(usual_metrics(file), (std::vector<std::string>{"test_loss"}));
  const auto found = changes_in(file, usual_metrics(file), {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "test_loss");
  EXPECT_EQ(found[0].found.n_records, 401u) << "what was replayed is no part of the series";
  EXPECT_EQ(found[0].last_step, 4000);
  ASSERT_EQ(found[0].found.changes.size(), 1u);
  EXPECT_NEAR(found[0].found.changes[0].steepest.value, 1000, 10);
}

TEST_F(DrawnRun, has_a_series_for_each_number_of_an_array) {
  const RunFile file = RunFile::open(folder_ / "a.grok", Access::read);
  const auto found = changes_in(file, {"by_digit"}, {});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "by_digit[0]");
  EXPECT_TRUE(found[0].found.changes.empty());
  ASSERT_EQ(found[1].found.changes.size(), 1u);
  EXPECT_NEAR(found[1].found.changes[0].steepest.value, 300, 5);
  const auto one = changes_in(file, {"by_digit[1]"}, {});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].name, "by_digit[1]");
}

TEST_F(DrawnRun, says_what_is_not_there) {
  const RunFile file = RunFile::open(folder_ / "a.grok", Access::read);
  EXPECT_TRUE(fails_with(ErrorCode::usage, "did you mean test_loss?",
                         [&] { curves_named(file, "test_los"); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "they are by_digit[0] to by_digit[1]",
                         [&] { curves_named(file, "by_digit[2]"); }));
}

}  // namespace
}  // namespace grok
