#include "grok/lab/summary.h"

#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/lab/keyframe.h"
#include "grok/lab/testing.h"
#include "grok/probes/probe.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

using Json = nlohmann::json;
using testing::run_until;
using testing::tiny_spec;

// A spec that has key frequencies when it ends, so that the whole closing pass is run.
RunSpec spec_with_keys() {
  return tiny_spec({"train.steps=400", "optim.weight_decay=1.0", "task.train_fraction=0.8"});
}

class Summary : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryDirectory;
    run(spec_with_keys(), *folder_ / "a.grok", {.n_threads = 1});
  }
  static void TearDownTestSuite() { delete folder_; }

  static TemporaryDirectory* folder_;
  const RunFile file_ = RunFile::open(*folder_ / "a.grok", Access::read);
  const RunSummary summary_ = summarize(file_);
};
TemporaryDirectory* Summary::folder_ = nullptr;

TEST_F(Summary, tells_the_end_of_the_run) {
  EXPECT_EQ(summary_.ending, Ending::done);
  EXPECT_TRUE(summary_.is_closed);
  EXPECT_EQ(summary_.steps, 400);
  EXPECT_EQ(summary_.final_step, 400);
  EXPECT_EQ(summary_.spec_digest, spec_digest(spec_with_keys()));
  EXPECT_EQ(summary_.weights_digest, weights_digest(weights_of(*file_.last_keyframe())));
}

TEST_F(Summary, takes_its_key_frequencies_from_the_final_weights) {
  const RunSpec spec = spec_with_keys();
  ThreadPool pool(1);
  const TaskData task = tasks::data_of(spec.task);
  const std::vector<int> keys =
      ProbeSet(spec.model, task, {}, pool).key_frequencies(weights_of(*file_.last_keyframe()));
  ASSERT_FALSE(keys.empty());
  ASSERT_EQ(summary_.key_frequencies.size(), keys.size());
  double sum = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(summary_.key_frequencies[i].frequency, keys[i]);
    sum += summary_.key_frequencies[i].embedding_share.value();
  }
  EXPECT_GT(sum, 0.5);  // they stand out
  EXPECT_LE(sum, 1 + 1e-12);
}

TEST_F(Summary, counts_every_neuron_of_a_cluster_once) {
  ASSERT_TRUE(summary_.clusters.has_value());
  EXPECT_EQ(summary_.clusters->n_neurons, 32);
  int n = 0;
  for (const auto& [frequency, size] : summary_.clusters->by_frequency) n += size;
  EXPECT_EQ(n, summary_.clusters->n_in_clusters);
}

TEST_F(Summary, measures_restricted_and_excluded_loss_at_every_keyframe) {
  for (const char* metric : {"restricted_loss", "excluded_loss", "trig_fit_explained"}) {
    std::vector<std::int64_t> steps;
    for (const MetricPoint& point : file_.metric(metric)) steps.push_back(point.step);
    EXPECT_EQ(steps, file_.keyframe_steps()) << metric;
    EXPECT_TRUE(summary_.final_metric(metric).has_value()) << metric;
  }
}

TEST_F(Summary, as_json_holds_what_is_promised) {
  const Json json = Json::parse(summary_json(summary_));
  EXPECT_EQ(json.at("ending"), "done");
  EXPECT_EQ(json.at("steps"), 400);
  EXPECT_EQ(json.at("memorized_step"), summary_.phases.memorized_step.value());
  EXPECT_EQ(json.at("final").at("train_loss"), summary_.final.at("train_loss"));
  EXPECT_EQ(json.at("key_frequencies").size(), summary_.key_frequencies.size());
  EXPECT_EQ(json.at("weights_digest"), summary_.weights_digest);
  EXPECT_EQ(json.at("spec").at("task").at("p"), 11);
}

TEST(summary, of_an_interrupted_run_says_so_and_knows_no_key_frequencies) {
  const TemporaryDirectory folder;
  run_until(37, tiny_spec(), folder / "a.grok");
  const RunSummary s = summarize(RunFile::open(folder / "a.grok", Access::read));
  EXPECT_EQ(s.ending, Ending::interrupted);
  EXPECT_FALSE(s.is_closed);
  EXPECT_EQ(s.steps, 37);
  EXPECT_EQ(s.final_step, 32);  // the last record; 37 is off the schedule
  EXPECT_TRUE(s.key_frequencies.empty());
}

TEST(summary, of_a_diverged_run_writes_nan_as_null) {
  const TemporaryDirectory folder;
  run(tiny_spec({"optim.lr=1e30"}), folder / "a.grok", {.n_threads = 1});
  const RunSummary s = summarize(RunFile::open(folder / "a.grok", Access::read));
  const Json json = Json::parse(summary_json(s));
  EXPECT_EQ(json.at("ending"), "diverged");
  EXPECT_TRUE(json.at("final").at("train_loss").is_null());
}

TEST(summary, of_a_file_without_a_record_is_empty_but_readable) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  RunFile::create(folder / "a.grok", canonical_json(spec), spec_digest(spec), "{}").close();
  const RunSummary s = summarize(RunFile::open(folder / "a.grok", Access::read));
  EXPECT_EQ(s.ending, std::nullopt);
  EXPECT_EQ(s.steps, 0);
  EXPECT_EQ(s.weights_digest, "");
  EXPECT_TRUE(Json::parse(summary_json(s)).at("ending").is_null());
}

TEST(summary, refuses_an_ending_that_does_not_exist) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec();
  {
    RunFile file =
        RunFile::create(folder / "a.grok", canonical_json(spec), spec_digest(spec), "{}");
    file.commit({.step = 0, .events = {{0, "ending", R"({"ending":"exploded"})"}}});
  }
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "exploded",
                         [&] { summarize(RunFile::open(folder / "a.grok", Access::read)); }));
}

TEST(phase_spans, follow_from_the_boundaries) {
  const auto names = [](const Phases& phases) {
    std::string out;
    for (const PhaseSpan& span : phase_spans(phases)) {
      out += std::string(span.name) + " " + std::to_string(span.from) + "-";
      out += (span.to ? std::to_string(*span.to) : "") + ";";
    }
    return out;
  };
  EXPECT_EQ(names({}), "");
  EXPECT_EQ(names({.memorized_step = 140}), "memorization 0-;");
  EXPECT_EQ(names({.memorized_step = 140, .grok_step = 140}), "");  // groks as it memorizes
  EXPECT_EQ(names({.memorized_step = 140,
                   .grok_step = 9900,
                   .memorization_end = 1400,
                   .circuit_formation_end = 9400,
                   .cleanup_end = 14000}),
            "memorization 0-1400;circuit_formation 1400-9400;cleanup 9400-14000;");
}

}  // namespace
}  // namespace grok
