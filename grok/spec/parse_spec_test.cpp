#include "grok/spec/parse_spec.h"

#include <gtest/gtest.h>

#include "grok/spec/fake_schema.h"
#include "grok/spec/toml_text.h"

namespace grok {
namespace {

using fake::mistakes_in;
using fake::parse;
using fake::sound_with;

TEST(ParseSpec, a_sound_spec_is_completed_by_its_defaults) {
  const RunSpec spec = parse(fake::sound);
  EXPECT_EQ(spec.task.text("name"), "modular_addition");
  EXPECT_EQ(spec.task.integer("p"), 113);
  EXPECT_EQ(spec.task.real("train_fraction"), 0.3);
  EXPECT_EQ(spec.optim.reals("betas"), (Reals{0.9, 0.98}));
  EXPECT_EQ(spec.optim.real("weight_decay"), 1.0);
  EXPECT_EQ(spec.train.text("batch"), "full");
  EXPECT_EQ(spec.train.text("stop_when"), "");
  EXPECT_EQ(spec.record.text("probes"), "default");
  EXPECT_EQ(spec.record.integer("every"), 100);
  EXPECT_TRUE(spec.model.flag("biases"));
}

TEST(ParseSpec, seeds_follow_the_runs_seed_unless_given) {
  EXPECT_EQ(parse(fake::sound).task.integer("split_seed"), 7);
  EXPECT_EQ(parse(fake::sound, {"task.split_seed=2"}).task.integer("split_seed"), 2);
  EXPECT_EQ(parse(fake::sound, {"task.split_seed=2"}).model.integer("init_seed"), 7);
}

TEST(ParseSpec, five_mistakes_give_five_lines_in_the_order_of_the_file) {
  const std::string text =
      "[optim]\n"
      "name = \"adamw\"\n"
      "lr = \"1e-3\"\n"
      "weight_decy = 1\n"
      "[task]\n"
      "train_fraction = 1.5\n"
      "name = \"modular_addition\"\n"
      "[model]\n"
      "name = \"transfomer\"\n"
      "[loss]\n"
      "name = \"cross_entropy\"\n"
      "[train]\n"
      "steps = 10\n";
  EXPECT_EQ(mistakes_in(text),
            "a.toml:3: optim.lr: expected a number above 0, found \"1e-3\" (a string)\n"
            "a.toml:4: optim.weight_decy: unknown key; did you mean weight_decay?\n"
            "a.toml:5: task.p: missing; expected an integer of at least 2: the modulus\n"
            "a.toml:6: task.train_fraction: expected a number above 0 and below 1, found 1.5\n"
            "a.toml:9: model.name: unknown model \"transfomer\"; did you mean transformer?; "
            "known: transformer");
}

TEST(ParseSpec, terms_have_labels_and_stand_for_the_entry_of_that_name) {
  EXPECT_TRUE(parse(fake::sound).terms.empty());
  const std::string text = std::string(fake::sound) +
                           "[terms.excluded]\n"
                           "weight = 0.5\n"
                           "[terms.other-one]\n"
                           "name = \"excluded\"\n"
                           "weight = -1\n"
                           "frequencies = [3, 4]\n";
  const RunSpec spec = parse(text, {"terms.excluded.weight=2"});
  EXPECT_EQ(spec.terms.text("excluded.name"), "excluded");
  EXPECT_EQ(spec.terms.real("excluded.weight"), 2.0);
  EXPECT_EQ(spec.terms.text("excluded.frequencies"), "key");
  EXPECT_EQ(spec.terms.part("other-one").integers("frequencies"), (Integers{3, 4}));
  EXPECT_EQ(term_labels(spec.terms), (std::vector<std::string>{"excluded", "other-one"}));
  EXPECT_EQ(parse(toml_text(spec)), spec);
  EXPECT_EQ(from_canonical_json(canonical_json(spec)), spec);
  EXPECT_EQ(
      parse(fake::sound, {"terms.a.name=excluded", "terms.a.weight=1"}).terms.real("a.weight"),
      1.0);
}

// As in every section: where another entry is named, what was said of the former one yields.
TEST(ParseSpec, a_term_that_is_given_another_name_forgets_what_the_former_was_told) {
  const std::string text = std::string(fake::sound) +
                           "[terms.x]\n"
                           "name = \"unknown\"\n"
                           "weight = 0.5\n"
                           "strange = 1\n";
  const RunSpec spec = parse(text, {"terms.x.name=excluded"});
  EXPECT_EQ(spec.terms.text("x.name"), "excluded");
  EXPECT_EQ(spec.terms.real("x.weight"), 0.5);
  EXPECT_FALSE(spec.terms.contains("x.strange"));
}

TEST(ParseSpec, a_term_that_went_by_its_label_forgets_too_when_it_is_named) {
  const std::string text = std::string(fake::sound) + "[terms.other]\nweight = 1\nstrange = 1\n";
  EXPECT_EQ(parse(text, {"terms.other.name=excluded"}).terms.text("other.name"), "excluded");
}

TEST(ParseSpec, mistakes_in_terms_name_their_section) {
  const auto mistakes = [](const std::string& text) {
    return mistakes_in(std::string(fake::sound) + text);
  };
  EXPECT_EQ(mistakes("[terms.excluded]\nweight = \"x\"\n"),
            "a.toml:16: terms.excluded.weight: expected a number, found \"x\" (a string)");
  EXPECT_EQ(mistakes("[terms.excluded]\nwieght = 1\nweight = 1\n"),
            "a.toml:16: terms.excluded.wieght: unknown key; did you mean weight?");
  EXPECT_EQ(mistakes("[terms.x]\nweight = 1\n"),
            "a.toml:15: terms.x.name: unknown term \"x\"; known: excluded");
  EXPECT_EQ(mistakes("[terms]\nexcluded = 1\n"),
            "a.toml:16: terms.excluded: expected sections [terms.LABEL], with a label of letters, "
            "digits, _ and -, found 1");
  EXPECT_NE(mistakes("[terms.\"a b\"]\nweight = 1\n").find("expected sections [terms.LABEL]"),
            std::string::npos);
  EXPECT_NE(mistakes("[terms.excluded]\n").find("found a table"), std::string::npos);
}

TEST(ParseSpec, mistakes_are_usage_errors) {
  try {
    parse(sound_with("p = 113", "p = 1"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_STREQ(error.what(), "a.toml:3: task.p: expected an integer of at least 2, found 1");
  }
}

TEST(ParseSpec, nan_and_infinity_are_mistakes) {
  for (const std::string bad : {"nan", "inf", "-inf"})
    EXPECT_EQ(mistakes_in(sound_with("lr = 1e-3", "lr = " + bad)),
              "a.toml:11: optim.lr: expected a number above 0, found " + bad);
  EXPECT_NE(mistakes_in(fake::sound, {"optim.lr=nan"}), "");
}

TEST(ParseSpec, a_wrong_type_says_what_was_found) {
  const auto found = [](const std::string& from, const std::string& to) {
    const std::string line = mistakes_in(sound_with(from, to));
    return line.substr(line.find("expected"));
  };
  EXPECT_EQ(found("train_fraction = 0.3", "train_fraction = \"0.5\""),
            "expected a number above 0 and below 1, found \"0.5\" (a string)");
  EXPECT_EQ(found("p = 113", "p = 113.0"), "expected an integer of at least 2, found 113.0");
  EXPECT_EQ(found("p = 113", "p = [113]"),
            "expected an integer of at least 2, found [113] (a list)");
  EXPECT_EQ(found("p = 113", "p = true"), "expected an integer of at least 2, found true (a flag)");
  EXPECT_EQ(found("p = 113", "p = 2023-01-12"),
            "expected an integer of at least 2, found a date or a time");
  EXPECT_EQ(found("p = 113", "p = {a = 1}"), "expected an integer of at least 2, found a table");
  EXPECT_EQ(found("lr = 1e-3", "lr = 1\nbetas = [0.9]"),
            "expected a list of 2 numbers, each of at least 0 and below 1, found [0.9] (a list)");
  EXPECT_EQ(
      found("lr = 1e-3", "lr = 1\nbetas = [0.9, 1]"),
      "expected a list of 2 numbers, each of at least 0 and below 1, found [0.9,1.0] (a list)");
  EXPECT_EQ(found("lr = 1e-3", "lr = 1\nbetas = [0.9, \"x\"]"),
            "expected a list of 2 numbers, each of at least 0 and below 1, found a list of unlike "
            "things");
  EXPECT_EQ(found("steps = 1000", "steps = 1\nbatch = \"half\""),
            "expected \"full\" or an integer of at least 1, found \"half\" (a string)");
  EXPECT_EQ(found("steps = 1000", "steps = 0"),
            "expected an integer from 1 to 1000000000, found 0");
}

TEST(ParseSpec, an_integer_serves_as_a_real) {
  EXPECT_EQ(parse(sound_with("lr = 1e-3", "lr = 1")), parse(sound_with("lr = 1e-3", "lr = 1.0")));
}

TEST(ParseSpec, what_belongs_nowhere_is_named) {
  EXPECT_EQ(mistakes_in("p = 3\n" + std::string(fake::sound)),
            "a.toml:1: p: a key outside a section; sections: task, model, loss, terms, optim, "
            "train, record");
  EXPECT_EQ(mistakes_in(std::string(fake::sound) + "[optimm]\nx = 1\n"),
            "a.toml:15: optimm: unknown section; did you mean optim?");
  EXPECT_EQ(mistakes_in("record = 3\n" + std::string(fake::sound)),
            "a.toml:1: record: expected a section [record], found 3");
  EXPECT_EQ(mistakes_in(std::string(fake::sound) + "[[record]]\nevery = 1\n"),
            "a.toml:15: record: expected a section [record], found a list of tables");
  EXPECT_EQ(mistakes_in("record = [1, true]\n" + std::string(fake::sound)),
            "a.toml:1: record: expected a section [record], found a list of unlike things");
}

TEST(ParseSpec, an_empty_spec_misses_all_that_is_required) {
  EXPECT_EQ(
      mistakes_in(""),
      "a.toml: train.steps: missing; expected an integer from 1 to 1000000000: optimizer steps "
      "until the run ends\n"
      "a.toml: task.name: missing; known: modular_addition\n"
      "a.toml: model.name: missing; known: transformer\n"
      "a.toml: loss.name: missing; known: cross_entropy\n"
      "a.toml: optim.name: missing; known: adamw, sgd");
}

TEST(ParseSpec, what_is_not_toml_says_line_and_column) {
  const std::string text = mistakes_in("[task]\np = = 3\n");
  EXPECT_EQ(text.substr(0, text.find("not TOML")), "a.toml:2:5: ");
  EXPECT_NE(mistakes_in("[task]\np = 3\np = 4\n"), "");
  EXPECT_NE(mistakes_in("[task]\nname = \"\xff\"\n"), "");
}

TEST(ParseSpec, checks_across_fields_name_the_line) {
  EXPECT_EQ(mistakes_in(sound_with("\"transformer\"\n", "\"transformer\"\nd_head = 16\n")),
            "a.toml:7: model.d_head: expected n_heads * d_head = d_model, found 64");
  EXPECT_EQ(mistakes_in(fake::sound, {"model.n_heads=2"}),
            "a.toml:5: model.d_head: expected n_heads * d_head = d_model, found 64");
}

TEST(ParseSpec, checks_across_sections_come_last) {
  SpecSchema schema = fake::spec_schema();
  schema.check = [](const RunSpec& spec, Mistakes& mistakes) {
    if (spec.train.integer("seed") == 7) mistakes.add("train.seed", "expected any but 7");
  };
  try {
    parse_spec(fake::sound, "a.toml", {}, schema);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "a.toml:14: train.seed: expected any but 7");
  }
}

TEST(ParseSpec, the_stop_rule_is_checked_and_written_one_way) {
  EXPECT_EQ(parse(fake::sound, {"train.stop_when=test_loss<1e-6"}),
            parse(fake::sound, {"train.stop_when=\"test_loss  <  0.000001\""}));
  EXPECT_EQ(
      mistakes_in(fake::sound, {"train.stop_when=test_loss = 3"}),
      "--set train.stop_when=test_loss = 3: train.stop_when: expected METRIC < NUMBER, METRIC > "
      "NUMBER or nothing, found \"test_loss = 3\"");
  EXPECT_EQ(
      mistakes_in(fake::sound, {"train.stop_when=test_los < 3"}),
      "--set train.stop_when=test_los < 3: train.stop_when: unknown metric \"test_los\"; did you "
      "mean test_loss?");
}

TEST(ParseSpec, unknown_probes_are_named) {
  EXPECT_EQ(parse(fake::sound, {"record.probes=[gini]"}).record.texts("probes"), Texts{"gini"});
  EXPECT_EQ(
      mistakes_in(fake::sound, {"record.probes=[gini, wieght_norms]"}),
      "--set record.probes=[gini, wieght_norms]: record.probes: unknown probe \"wieght_norms\"; "
      "did you mean weight_norms?");
}

TEST(Override, is_a_toml_value_or_a_bare_word) {
  EXPECT_EQ(parse(fake::sound, {"optim.lr=1e-2"}).optim.real("lr"), 1e-2);
  EXPECT_EQ(parse(fake::sound, {" optim.lr = 1 "}).optim.real("lr"), 1.0);
  EXPECT_EQ(parse(fake::sound, {"record.keyframes=ends"}).record.text("keyframes"), "ends");
  EXPECT_EQ(parse(fake::sound, {"record.keyframes=\"ends\""}).record.text("keyframes"), "ends");
  EXPECT_EQ(parse(fake::sound, {"optim.betas=[0.5,0.75]"}).optim.reals("betas"),
            (Reals{0.5, 0.75}));
  EXPECT_EQ(parse(fake::sound, {"record.probes=[]"}).record.texts("probes"), Texts{});
  EXPECT_FALSE(parse(fake::sound, {"model.biases=false"}).model.flag("biases"));
  EXPECT_EQ(parse(fake::sound, {"train.batch=64"}).train.integer("batch"), 64);
}

TEST(Override, the_last_one_wins_and_heals_the_file) {
  EXPECT_EQ(parse(fake::sound, {"optim.lr=1", "optim.lr=2"}).optim.real("lr"), 2.0);
  EXPECT_EQ(parse(sound_with("lr = 1e-3", "lr = \"x\""), {"optim.lr=2"}).optim.real("lr"), 2.0);
}

TEST(Override, may_choose_another_entry_and_fill_a_missing_section) {
  EXPECT_EQ(parse(fake::sound, {"optim.name=sgd"}).optim, (Params{{"name", "sgd"}, {"lr", 1e-3}}));
  // What it has no place for is left out, but not what is set beside it.
  EXPECT_EQ(parse(sound_with("lr = 1e-3", "lr = 1e-3\neps = 1e-7"), {"optim.name=sgd"}).optim,
            (Params{{"name", "sgd"}, {"lr", 1e-3}}));
  EXPECT_EQ(mistakes_in(fake::sound, {"optim.eps=1e-7", "optim.name=sgd"}),
            "--set optim.eps=1e-7: optim.eps: unknown key; known: lr");
  std::string text = fake::sound;
  text.resize(text.find("[train]"));
  EXPECT_EQ(parse(text, {"train.steps=5"}).train.integer("steps"), 5);
}

TEST(Override, mistakes_show_the_override) {
  EXPECT_EQ(
      mistakes_in(sound_with("p = 113", "p = 1"), {"optim.lr=-1", "lr=1", "optim.lr", "a.b=1"}),
      "a.toml:3: task.p: expected an integer of at least 2, found 1\n"
      "--set optim.lr=-1: optim.lr: expected a number above 0, found -1\n"
      "--set lr=1: expected section.key=value\n"
      "--set optim.lr: expected section.key=value\n"
      "--set a.b=1: a: unknown section; known: task, model, loss, terms, optim, train, record");
  EXPECT_EQ(
      mistakes_in(fake::sound, {"optim.lr=1e-3x"}),
      "--set optim.lr=1e-3x: optim.lr: expected a number above 0, found \"1e-3x\" (a string)");
  EXPECT_EQ(
      mistakes_in(fake::sound, {"optim.lr=-1e400", "train.seed=18446744073709551616"}),
      "--set optim.lr=-1e400: optim.lr: expected a number above 0, found -1e400, which 64 bits "
      "do not hold\n"
      "--set train.seed=18446744073709551616: train.seed: expected an integer of at least 0, "
      "found 18446744073709551616, which 64 bits do not hold");
  EXPECT_EQ(mistakes_in(fake::sound, {"optim.betas=[0.9,0.98"}),
            "--set optim.betas=[0.9,0.98: optim.betas: expected a TOML value or a bare word, found "
            "[0.9,0.98");
}

TEST(Override, cannot_smuggle_in_a_second_key) {
  EXPECT_NE(mistakes_in(fake::sound, {"optim.lr=1\nw=2"}), "");
  EXPECT_NE(mistakes_in(fake::sound, {"record.keyframes=log\xff"}), "");
}

}  // namespace
}  // namespace grok
