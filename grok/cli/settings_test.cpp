#include "grok/cli/settings.h"

#include <gtest/gtest.h>

#include "grok/filters/filter.h"
#include "grok/terms/term.h"
#include "tests/support/small_spec.h"

namespace grok::cli {
namespace {

using Lines = std::vector<std::string>;

Lines lines_in(const RunSpec& spec, const std::string& section) {
  for (const SectionSettings& settings : settings_of(spec))
    if (settings.section == section) return settings.lines;
  return {};
}

TEST(Settings, are_what_differs_from_the_defaults) {
  RunSpec spec = small_spec();
  EXPECT_EQ(lines_in(spec, "task"), Lines{"modular_addition: p=7, train_fraction=0.6"});
  EXPECT_EQ(lines_in(spec, "model"),
            Lines{"transformer: d_head=4, d_mlp=12, d_model=8, n_heads=2"});
  EXPECT_EQ(lines_in(spec, "loss"), Lines{"cross_entropy"});
  EXPECT_EQ(lines_in(spec, "train"), Lines{"steps=100"});
  EXPECT_EQ(lines_in(spec, "record"), Lines{});
  spec.train.set("stop_when", std::string("test_loss < 1e-5"));
  EXPECT_EQ(lines_in(spec, "train"), Lines{R"(steps=100, stop_when="test_loss < 1e-5")"});
}

// Else each seed would be told three times.
TEST(Settings, say_nothing_of_seeds_that_follow_the_runs) {
  RunSpec spec = small_spec();
  for (Params* section : {&spec.train, &spec.task, &spec.model})
    for (const char* key : {"seed", "split_seed", "init_seed", "data_seed"})
      if (section->contains(key)) section->set(key, std::int64_t{5});
  EXPECT_EQ(lines_in(spec, "train"), Lines{"seed=5, steps=100"});
  EXPECT_EQ(lines_in(spec, "task"), Lines{"modular_addition: p=7, train_fraction=0.6"});
  spec.task.set("split_seed", std::int64_t{6});
  EXPECT_EQ(lines_in(spec, "task"),
            Lines{"modular_addition: p=7, split_seed=6, train_fraction=0.6"});
}

TEST(Settings, tell_of_parts_and_terms) {
  RunSpec spec = small_spec();
  spec.optim =
      named("adamw", optim::adamw().schema(), {{"filters", Texts{"grokfast_ema"}}}, spec.train);
  const Lines with_defaults = lines_in(spec, "optim");
  ASSERT_EQ(with_defaults.size(), 1u);
  EXPECT_NE(with_defaults[0].find(R"(filters=["grokfast_ema"])"), std::string::npos);
  EXPECT_EQ(with_defaults[0].find("grokfast_ema.alpha"), std::string::npos) << with_defaults[0];
  spec.optim.set("grokfast_ema.alpha", 0.5);
  EXPECT_NE(lines_in(spec, "optim")[0].find("grokfast_ema.alpha=0.5"), std::string::npos);
  spec.terms.set_part(
      "mine", named("excluded", terms::excluded().schema(), {{"weight", 0.25}}, spec.train));
  EXPECT_EQ(lines_in(spec, "terms.mine"), Lines{"excluded: weight=0.25"});
}

TEST(Settings, are_said_in_full_of_what_this_version_does_not_know) {
  RunSpec spec = small_spec();
  spec.model = {{"name", std::string("perceptron")}, {"width", std::int64_t{3}}};
  EXPECT_EQ(lines_in(spec, "model"), Lines{"perceptron: width=3"});
}

TEST(Settings, are_broken_between_values) {
  RunSpec spec = small_spec();
  spec.model = {{"name", std::string("perceptron")}};
  for (const char* key : {"a", "b", "c"}) spec.model.set(key, std::string(40, 'x'));
  const std::string value = "\"" + std::string(40, 'x') + "\"";
  EXPECT_EQ(lines_in(spec, "model"),
            (Lines{"perceptron: a=" + value + ",", "b=" + value + ",", "c=" + value}));
}

}  // namespace
}  // namespace grok::cli
