#include "grok/lab/spec_schema.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "grok/lab/testing.h"
#include "grok/probes/probe.h"
#include "grok/train/trainer.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

using testing::tiny_spec;

TEST(spec_schema, accepts_every_entry_of_every_catalogue_by_name) {
  const SpecSchema& schema = spec_schema();
  for (const CatalogSchema* catalog :
       {&schema.task, &schema.model, &schema.loss, &schema.terms, &schema.optim}) {
    EXPECT_FALSE(catalog->names.empty());
    for (const std::string& name : catalog->names)
      EXPECT_NE(catalog->schema(name), nullptr) << name;
  }
  EXPECT_EQ(schema.probe_names.size(), probes::catalog().size());
}

TEST(spec_schema, reads_the_terms_of_a_stored_spec_and_completes_them) {
  const RunSpec spec =
      tiny_spec({"terms.excluded.weight=0.5", "terms.b.name=restricted", "terms.b.weight=-1"});
  EXPECT_EQ(stored_spec(canonical_json(spec)), spec);
  RunSpec older = spec;
  older.terms = {{"excluded.name", std::string("excluded")}, {"excluded.weight", 0.5}};
  EXPECT_EQ(stored_spec(canonical_json(older)).terms.integer("excluded.reread_every"), 100);
  const auto stored = [&](const Params& terms) {
    return [older, terms] {
      RunSpec bad = older;
      bad.terms = terms;
      stored_spec(canonical_json(bad));
    };
  };
  EXPECT_TRUE(fails_with(ErrorCode::unsupported, "no term named \"new\"",
                         stored({{"a.name", std::string("new")}})));
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "terms: no section for \"a\"",
                         stored({{"a", std::string("excluded")}})));
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "terms: no section for \"a b\"",
                         stored({{"a b.name", std::string("excluded")}, {"a b.weight", 1.0}})));
}

// A metric that a rule may name but no run records would never stop a run.
TEST(spec_schema, lets_a_rule_name_only_what_every_record_holds) {
  const RunSpec spec = tiny_spec();
  ThreadPool pool(1);
  const TaskData task = tasks::data_of(spec.task);
  const Weights weights = Trainer(spec, task, pool).weights();
  const Measurements found = ProbeSet(spec.model, task, probes_of(spec), pool).measure(weights);
  for (const std::string& metric : spec_schema().stop_metrics)
    EXPECT_TRUE(metric == "batch_loss" || found.metric(metric)) << metric;
}

TEST(spec_schema, refuses_a_rule_on_a_probe_that_is_left_out) {
  const auto spec_with = [](const std::string& probes) {
    return [probes] {
      tiny_spec({"train.stop_when=sum_squared_weights < 10", "record.probes=" + probes});
    };
  };
  EXPECT_TRUE(fails_with(ErrorCode::usage, "train.stop_when: needs the probe weight_norms",
                         spec_with("none")));
  EXPECT_NO_THROW(spec_with("[weight_norms]")());
}

RunSpec endless_spec(std::vector<std::string> more) {
  more.insert(more.begin(), {"task.name=skip_trigram", "task.data=infinite"});
  return parse_spec(
      "[model]\nname = \"attention_table\"\n[loss]\nname = \"cross_entropy\"\n"
      "[optim]\nname = \"adamw\"\n[train]\nsteps = 5\n",
      "endless", more, spec_schema());
}

TEST(spec_schema, asks_for_a_batch_where_examples_have_no_end) {
  EXPECT_TRUE(fails_with(ErrorCode::usage, "train.batch", [] { endless_spec({}); }));
  EXPECT_NO_THROW(endless_spec({"train.batch=16"}));
  EXPECT_NO_THROW(endless_spec({"task.data=finite"}));
}

// Examples without end have no training split, and where train_loss says it there is no batch_loss.
TEST(spec_schema, refuses_a_rule_on_a_loss_that_the_run_does_not_record) {
  EXPECT_TRUE(fails_with(ErrorCode::usage, "batch_loss or test_loss", [] {
    endless_spec({"train.batch=16", "train.stop_when='train_loss < 1'"});
  }));
  EXPECT_NO_THROW(endless_spec({"train.batch=16", "train.stop_when='batch_loss < 1'"}));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "train_loss",
                         [] { tiny_spec({"train.stop_when='batch_loss < 1'"}); }));
}

TEST(probes_of, always_holds_losses_and_accuracies) {
  EXPECT_EQ(probes_of(tiny_spec({"record.probes=none"})), Texts{"loss_and_accuracy"});
  EXPECT_EQ(probes_of(tiny_spec({"record.probes=[gini]"})), (Texts{"loss_and_accuracy", "gini"}));
  const auto usual = std::ranges::count_if(probes::catalog(), &ProbeDef::by_default);
  EXPECT_EQ(std::ssize(probes_of(tiny_spec())), usual);
  EXPECT_EQ(probes_of(tiny_spec({"record.probes=[attention_pattern]"})),
            (Texts{"loss_and_accuracy", "attention_pattern"}));
}

TEST(stored_spec, is_the_one_that_the_parser_let_pass) {
  EXPECT_EQ(stored_spec(canonical_json(tiny_spec())), tiny_spec());
}

// A run that was begun before a key was invented is still the same run.
TEST(stored_spec, is_completed_by_the_defaults_of_newer_keys) {
  std::string old = canonical_json(tiny_spec());
  const std::string key = "\"log_points_per_octave\":4,";
  ASSERT_NE(old.find(key), std::string::npos);
  old.erase(old.find(key), key.size());
  EXPECT_EQ(stored_spec(old), tiny_spec());
}

TEST(stored_spec, tells_an_unknown_name_from_a_wrong_value) {
  RunSpec unknown = tiny_spec();
  unknown.task.set("name", "origami");
  EXPECT_TRUE(fails_with(ErrorCode::unsupported, "no task named \"origami\"",
                         [&] { stored_spec(canonical_json(unknown)); }));
  RunSpec wrong = tiny_spec();
  wrong.optim.set("lr", -1.0);
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "lr", [&] { stored_spec(canonical_json(wrong)); }));
}

}  // namespace
}  // namespace grok
