#include "grok/serve/race.h"

#include <gtest/gtest.h>

#include "grok/analysis/pictures.h"
#include "grok/base/error.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/testing.h"
#include "grok/probes/parts.h"

namespace grok::serve {
namespace {

const auto always = [] { return true; };

TEST(RaceOfFrequencies, is_told_of_every_neuron_at_every_keyframe) {
  const TemporaryDirectory folder;
  const auto path = folder / "tiny.grok";
  const RunSpec spec = grok::testing::tiny_spec();
  run(spec, path, {.n_threads = 1});
  const RunFile file = RunFile::open(path, Access::read);
  const std::shared_ptr<const Race> race = race_of(file, 1, nullptr, always);
  EXPECT_EQ(race->n_frequencies, 5);
  std::vector<std::int64_t> steps;
  for (const auto& [step, waves] : race->waves) {
    steps.push_back(step);
    EXPECT_EQ(waves->size(), static_cast<std::size_t>(race->n_neurons) * 10);
  }
  EXPECT_EQ(steps, file.keyframe_steps());
  // The last of them, on its own.
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(1);
  const std::vector<HookRequest> hooks = neurons_alone(task, spec.model);
  Captures captures(spec.model, task, hooks, pool);
  const Weights weights = weights_of(*file.last_keyframe());
  captures.run(weights);
  const std::vector<float> alone = waves_of_first(FourierBasis(11), captures.at(hooks[0].hook));
  EXPECT_EQ(*race->waves.at(120), alone);
  EXPECT_NE(*race->waves.at(0), alone);
}

TEST(RaceOfFrequencies, is_run_again_for_a_run_that_went_on) {
  const TemporaryDirectory folder;
  const auto path = folder / "tiny.grok";
  grok::testing::run_until(60, grok::testing::tiny_spec(), path);
  Races races(1);
  const auto before = races.get(path, always);
  EXPECT_EQ(races.get(path, always), before);
  resume(path, {.n_threads = 1});
  EXPECT_EQ(races.get(path, [] { return false; }), nullptr);
  const auto after = races.get(path, always);
  EXPECT_GT(after->waves.size(), before->waves.size());
  EXPECT_EQ(after->waves.at(0), before->waves.at(0)) << "computed once";
}

TEST(RaceOfFrequencies, has_no_meaning_without_neurons) {
  const TemporaryDirectory folder;
  const auto path = folder / "tiny.grok";
  run(grok::testing::tiny_spec({"model.attn_only=true", "train.steps=5"}), path, {.n_threads = 1});
  EXPECT_THROW(race_of(RunFile::open(path, Access::read), 1, nullptr, always), Error);
}

}  // namespace
}  // namespace grok::serve
