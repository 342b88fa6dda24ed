// Sections that name parts, whose settings stand in tables of their own.

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/spec/parse_spec.h"
#include "grok/spec/toml_text.h"

namespace grok {
namespace {

const Schema& part_schema(std::string_view name) {
  static const Schema mean{{{.name = "alpha",
                             .type = FieldType::real,
                             .default_value = Value{0.98},
                             .range = between(0, 1)},
                            {.name = "low", .type = FieldType::real, .default_value = Value{0.0}},
                            {.name = "high", .type = FieldType::real, .default_value = Value{1.0}}},
                           [](const Params& params, Mistakes& mistakes) {
                             if (params.real("low") > params.real("high"))
                               mistakes.add("low", "above high");
                           }};
  static const Schema noise{{{.name = "seed", .type = FieldType::integer, .default_from = "seed"}}};
  return name == "noise" ? noise : mean;
}

const PartCatalog kinds{{"mean"}, part_schema}, filters{{"noise"}, part_schema};

const Schema& optim_schema() {
  static const Schema schema{{{.name = "lr", .type = FieldType::real, .default_value = Value{1.0}},
                              {.name = "kind",
                               .type = FieldType::text,
                               .default_value = Value{std::string("mean")},
                               .words = {"mean"},
                               .parts = &kinds},
                              {.name = "filters",
                               .type = FieldType::texts,
                               .default_value = Value{Texts{}},
                               .parts = &filters}}};
  return schema;
}

const Schema& nothing() {
  static const Schema schema;
  return schema;
}

SpecSchema spec_schema() {
  const CatalogSchema empty{{"x"}, [](std::string_view) { return &nothing(); }};
  SpecSchema out;
  out.task = out.model = out.loss = empty;
  out.optim = {{"a", "b"}, [](std::string_view) { return &optim_schema(); }};
  return out;
}

const std::string before =
    "[task]\nname = \"x\"\n[model]\nname = \"x\"\n[loss]\nname = \"x\"\n[train]\nsteps = 9\nseed = "
    "7\n[optim]\nname = \"a\"\n";  // lines 1 to 11

RunSpec parse(const std::string& optim, std::vector<std::string> overrides = {}) {
  return parse_spec(before + optim, "a.toml", overrides, spec_schema());
}

std::string mistakes_in(const std::string& optim, std::vector<std::string> overrides = {}) {
  try {
    parse(optim, std::move(overrides));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Parts, bring_their_settings_and_defaults_where_they_are_named) {
  const RunSpec plain = parse("");
  EXPECT_EQ(plain.optim.real("mean.alpha"), 0.98);  // `kind` names it
  EXPECT_FALSE(plain.optim.contains("noise.seed"));
  const RunSpec spec = parse("filters = [\"noise\"]\n[optim.mean]\nalpha = 0.5\n");
  EXPECT_EQ(spec.optim.real("mean.alpha"), 0.5);
  EXPECT_EQ(spec.optim.integer("noise.seed"), 7);
  EXPECT_EQ(spec.optim.part("mean"), (Params{{"alpha", 0.5}, {"low", 0.0}, {"high", 1.0}}));
  EXPECT_TRUE(spec.optim.part("me").empty());
}

TEST(Parts, are_set_from_the_command_line) {
  const RunSpec spec = parse("", {"optim.filters=[noise]", "optim.noise.seed=3"});
  EXPECT_EQ(spec.optim.integer("noise.seed"), 3);
}

// What was said of a part that is named no longer is left out: it is no mistake of who takes it
// away.
TEST(Parts, that_an_override_takes_away_take_their_settings_along) {
  const std::string text = "filters = [\"noise\"]\nnoise.seed = 3\n";
  EXPECT_TRUE(parse(text).optim.contains("noise.seed"));
  EXPECT_EQ(parse(text, {"optim.filters=[]"}), parse(""));
}

// An override of something else excuses nothing.
TEST(Parts, that_nothing_names_stay_mistakes_whatever_else_is_overridden) {
  EXPECT_NE(mistakes_in("noise.seed = 3\n", {"optim.lr=0.5"}), "");
  EXPECT_NE(mistakes_in("lr = 1\nnoise.seed = 3\n", {"optim.lr=0.5"}), "");
}

TEST(Parts, have_no_points_in_their_keys) {
  EXPECT_NE(mistakes_in("\"mean.alpha\" = 0.5\n").find("without a point"), std::string::npos);
}

TEST(Parts, stay_when_the_section_names_another_entry_that_has_them) {
  const RunSpec spec = parse("filters = [\"noise\"]\nnoise.seed = 3\n", {"optim.name=b"});
  EXPECT_EQ(spec.optim.text("name"), "b");
  EXPECT_EQ(spec.optim.integer("noise.seed"), 3);
}

TEST(Parts, of_a_spec_are_read_again_from_its_text) {
  const RunSpec spec = parse("filters = [\"noise\"]\nmean.alpha = 0.5\n");
  EXPECT_EQ(parse_spec(toml_text(spec), "again", {}, spec_schema()), spec);
  EXPECT_EQ(from_canonical_json(canonical_json(spec)), spec);
}

TEST(Parts, mistakes_are_named_in_full) {
  EXPECT_EQ(mistakes_in("[optim.mean]\nalpha = 2\n"),
            "a.toml:13: optim.mean.alpha: expected a number above 0 and below 1, found 2");
  EXPECT_EQ(mistakes_in("[optim.mean]\nalpa = 0.5\n"),
            "a.toml:13: optim.mean.alpa: unknown key; did you mean mean.alpha?");
  EXPECT_EQ(mistakes_in("[optim.mean]\nlow = 2\n"), "a.toml:13: optim.mean.low: above high");
  EXPECT_EQ(mistakes_in("noise.seed = 3\n"),
            "a.toml:12: optim.noise.seed: is a setting of noise, which filters does not name");
  EXPECT_EQ(mistakes_in("noize.seed = 3\n"),
            "a.toml:12: optim.noize.seed: unknown key; known: lr, kind, filters, mean.alpha, "
            "mean.low, mean.high");
  EXPECT_EQ(mistakes_in("filters = [\"noize\"]\n"),
            "a.toml:12: optim.filters: expected a list, each once, of \"noise\", found "
            "[\"noize\"] (a list)");
  EXPECT_NE(mistakes_in("filters = [\"noise\", \"noise\"]\n"), "");
  EXPECT_EQ(mistakes_in("lr = {a = 1}\n"), "a.toml:12: optim.lr: expected a number, found a table");
  EXPECT_NE(mistakes_in("[optim.noise]\n"), "");
  EXPECT_EQ(mistakes_in("[optim.mean]\n"), "");  // an empty table of one that is named
}

TEST(CheckedParams, know_parts) {
  const Params checked =
      checked_params(optim_schema(), {{"filters", Texts{"noise"}}}, {{"seed", std::int64_t{5}}});
  EXPECT_EQ(checked.integer("noise.seed"), 5);
  EXPECT_THROW(checked_params(optim_schema(), {{"mean.alpha", 3.0}}), Error);
  EXPECT_THROW(checked_params(optim_schema(), {{"noise.seed", std::int64_t{5}}}), Error);
}

}  // namespace
}  // namespace grok
