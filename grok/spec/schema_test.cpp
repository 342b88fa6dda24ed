#include "grok/spec/schema.h"

#include <limits>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/spec/fake_schema.h"
#include "grok/spec/train_schema.h"

namespace grok {
namespace {

TEST(Range, bounds_are_inside_or_outside_as_they_say) {
  EXPECT_TRUE(at_least(2).holds(2));
  EXPECT_FALSE(at_least(2).holds(1.999));
  EXPECT_FALSE(above(0).holds(0));
  EXPECT_TRUE(from_to(0, 1).holds(1));
  EXPECT_FALSE(between(0, 1).holds(1));
  EXPECT_FALSE(between(0, 1).holds(0));
  EXPECT_TRUE(from_below(0, 1).holds(0));
  EXPECT_FALSE(from_below(0, 1).holds(1));
}

TEST(Expected, says_it_in_plain_english) {
  EXPECT_EQ(expected({.type = FieldType::real, .range = above(0)}), "a number above 0");
  EXPECT_EQ(expected({.type = FieldType::integer, .range = at_least(1), .words = {"full"}}),
            "\"full\" or an integer of at least 1");
  EXPECT_EQ(expected({.type = FieldType::text, .words = {"log", "ends"}}),
            "one of \"log\", \"ends\"");
  EXPECT_EQ(expected({.type = FieldType::texts, .words = {"default", "none"}}),
            "one of \"default\", \"none\" or a list of strings");
  EXPECT_EQ(expected({.type = FieldType::flag}), "true or false");
  EXPECT_EQ(expected({.type = FieldType::reals, .range = from_to(0, 0.5), .n_values = 2}),
            "a list of 2 numbers, each from 0 to 0.5");
}

TEST(Fitted, converts_integers_to_reals_and_nothing_else) {
  const Field real{.type = FieldType::real}, integer{.type = FieldType::integer};
  EXPECT_EQ(fitted(real, Value(3)), Value(3.0));
  EXPECT_EQ(fitted(integer, Value(3.0)), std::nullopt);
  EXPECT_EQ(fitted(real, Value("3")), std::nullopt);
  EXPECT_EQ(fitted(real, Value(true)), std::nullopt);
  EXPECT_EQ(fitted({.type = FieldType::reals}, Value(Integers{1, 2})), Value(Reals{1, 2}));
  EXPECT_EQ(fitted({.type = FieldType::reals}, Value(Reals{})), Value(Texts{}));
}

TEST(Fitted, no_bound_still_means_finite) {
  const Field real{.type = FieldType::real}, reals{.type = FieldType::reals};
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(fitted(real, Value(infinity)), std::nullopt);
  EXPECT_EQ(fitted(real, Value(std::numeric_limits<double>::quiet_NaN())), std::nullopt);
  EXPECT_EQ(fitted(reals, Value(Reals{0, -infinity})), std::nullopt);
}

TEST(CheckedParams, completes_what_code_gives) {
  const Params params = checked_params(fake::adamw(), {{"lr", 1}});
  EXPECT_EQ(params.real("lr"), 1.0);
  EXPECT_EQ(params.real("eps"), 1e-8);
  EXPECT_EQ(checked_params(fake::addition(), {{"p", 5}, {"train_fraction", 0.5}}, {{"seed", 3}})
                .integer("split_seed"),
            3);
}

TEST(CheckedParams, lists_all_mistakes) {
  try {
    checked_params(fake::adamw(), {{"lr", -1.0}, {"eps", "x"}, {"beta", 0.9}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "params: beta: unknown key; did you mean betas?\n"
                 "params: eps: expected a number above 0, found \"x\" (a string)\n"
                 "params: lr: expected a number above 0, found -1.0");
  }
}

TEST(CheckedParams, a_default_outside_its_own_range_breaks_the_contract) {
  const Schema schema{.fields = {{.name = "x", .default_value = -1, .range = above(0)}}};
  EXPECT_THROW(checked_params(schema, {}), ContractBroken);
}

TEST(OwnSchemas, have_sound_defaults_and_say_what_each_field_means) {
  EXPECT_NO_THROW(checked_params(train_schema(), {{"steps", 1}}));
  EXPECT_NO_THROW(checked_params(record_schema(), {}));
  for (const Schema* schema : {&train_schema(), &record_schema()})
    for (const Field& field : schema->fields) EXPECT_FALSE(field.meaning.empty()) << field.name;
}

TEST(OwnSchemas, threads_are_no_part_of_a_spec) {
  EXPECT_THROW(checked_params(train_schema(), {{"steps", 1}, {"threads", 4}}), Error);
}

TEST(OwnSchemas, log_points_are_0_1_2_or_4) {
  for (const int n : {0, 1, 2, 4})
    EXPECT_NO_THROW(checked_params(record_schema(), {{"log_points_per_octave", n}}));
  for (const int n : {-1, 3, 8})
    EXPECT_THROW(checked_params(record_schema(), {{"log_points_per_octave", n}}), Error);
}

}  // namespace
}  // namespace grok
