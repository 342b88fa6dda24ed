#include <cmath>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/schedules/lr_schedule.h"

namespace grok {
namespace {

Params params_of(const LrScheduleDef& def, const Params& given = {}) {
  return checked_params(def.schema(), given, {{"steps", std::int64_t{1000}}});
}

// What a schedule needs to be told.
Params required(const LrScheduleDef& def) {
  return def.name == "steps" ? Params{{"at", Integers{300, 600}}} : Params{};
}

TEST(Schedules, begin_at_the_whole_rate_and_stay_above_zero_until_the_last_step) {
  for (const LrScheduleDef* def : schedules::catalog()) {
    SCOPED_TRACE(std::string(def->name));
    const Params params = params_of(*def, required(*def));
    EXPECT_EQ(def->factor(params, 0, 0), 1);
    EXPECT_EQ(def->factor(params, 20, 20), 1);
    double before = 1;
    for (std::int64_t step = 20; step < 1000; ++step) {
      const double now = def->factor(params, step, 20);
      EXPECT_LE(now, before);
      EXPECT_GT(now, 0);
      before = now;
    }
  }
}

TEST(Schedules, come_down_by_the_step_that_they_name) {
  for (const LrScheduleDef* def : {&schedules::linear(), &schedules::cosine()}) {
    const Params params = params_of(*def, {{"final", 0.1}, {"until", std::int64_t{500}}});
    EXPECT_NEAR(def->factor(params, 260, 20), 0.55, 1e-12) << def->name;  // half of the way
    EXPECT_NEAR(def->factor(params, 500, 20), 0.1, 1e-12) << def->name;
    EXPECT_NEAR(def->factor(params, 5000, 20), 0.1, 1e-12) << def->name;
    EXPECT_NEAR(def->factor(params_of(*def), 1000, 0), 0, 1e-12) << def->name;  // train.steps
    EXPECT_NEAR(def->factor(params, 700, 600), 0.1, 1e-12) << def->name;  // a warm-up past `until`
  }
}

// By the standard library's cosine, on a third of the way: (1 + cos 60 degrees) / 2.
TEST(Schedules, cosine_is_a_cosine) {
  const LrScheduleDef& def = schedules::cosine();
  const Params params = params_of(def, {{"until", std::int64_t{301}}});
  EXPECT_NEAR(def.factor(params, 101, 1), 0.75, 1e-12);
  EXPECT_NEAR(def.factor(params, 51, 1), (1 + std::cos(M_PI / 6)) / 2, 1e-12);
}

TEST(Schedules, inverse_sqrt_halves_with_four_times_the_steps) {
  const LrScheduleDef& def = schedules::inverse_sqrt();
  const Params params = params_of(def, {{"from", std::int64_t{100}}});
  EXPECT_EQ(def.factor(params, 100, 100), 1);
  EXPECT_EQ(def.factor(params, 400, 100), 0.5);
  EXPECT_EQ(def.factor(params, 10000, 100), 0.1);
}

TEST(Schedules, steps_multiply_from_the_steps_named_on) {
  const LrScheduleDef& def = schedules::steps();
  const Params params = params_of(def, {{"at", Integers{10, 20}}, {"by", 2.0}});
  EXPECT_EQ(def.factor(params, 9, 0), 1);
  EXPECT_EQ(def.factor(params, 10, 0), 2);
  EXPECT_EQ(def.factor(params, 19, 0), 2);
  EXPECT_EQ(def.factor(params, 20, 0), 4);
  EXPECT_THROW(params_of(def, {{"at", Integers{20, 10}}}), Error);
}

}  // namespace
}  // namespace grok
