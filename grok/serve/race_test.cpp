#include "grok/serve/race.h"

#include <gtest/gtest.h>

#include "grok/analysis/pictures.h"
#include "grok/base/error.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/testing.h"
#include "grok/probes/parts.h"

namespace grok::serve {
namespace {

TEST(RaceOfFrequencies, is_told_of_every_neuron_at_every_keyframe) {
  const TemporaryDirectory folder;
  const auto path = folder / "tiny.grok";
  const RunSpec spec = grok::testing::tiny_spec();
  run(spec, path, {.n_threads = 1});
  const RunFile file = RunFile::open(path, Access::read);
  const Race race = race_of(file, 1);
  EXPECT_EQ(race.steps, file.keyframe_steps());
  EXPECT_EQ(race.n_frequencies, 5);
  const auto n = static_cast<std::size_t>(race.n_neurons) * 10;
  ASSERT_EQ(race.waves.size(), race.steps.size() * n);
  // The last of them, on its own.
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(1);
  const std::vector<HookRequest> hooks = neurons_alone(task, spec.model);
  Captures captures(spec.model, task, hooks, pool);
  const Weights weights = weights_of(*file.last_keyframe());
  captures.run(weights);
  const std::vector<float> alone = waves_of_first(FourierBasis(11), captures.at(hooks[0].hook));
  EXPECT_EQ(std::vector<float>(race.waves.end() - static_cast<std::ptrdiff_t>(n), race.waves.end()),
            alone);
  EXPECT_NE(
      std::vector<float>(race.waves.begin(), race.waves.begin() + static_cast<std::ptrdiff_t>(n)),
      alone);
}

TEST(RaceOfFrequencies, is_run_again_for_a_run_that_went_on) {
  const TemporaryDirectory folder;
  const auto path = folder / "tiny.grok";
  grok::testing::run_until(60, grok::testing::tiny_spec(), path);
  Races races(1);
  const auto ask = [&] {
    const RunFile file = RunFile::open(path, Access::read);
    return races.get({path, file.spec_digest()}, file.keyframe_steps().size());
  };
  const auto before = ask();
  EXPECT_EQ(ask(), before);
  resume(path, {.n_threads = 1});
  EXPECT_GT(ask()->steps.size(), before->steps.size());
}

TEST(RaceOfFrequencies, has_no_meaning_without_neurons) {
  const TemporaryDirectory folder;
  const auto path = folder / "tiny.grok";
  run(grok::testing::tiny_spec({"model.attn_only=true", "train.steps=5"}), path, {.n_threads = 1});
  EXPECT_THROW(race_of(RunFile::open(path, Access::read), 1), Error);
}

}  // namespace
}  // namespace grok::serve
