#include "grok/serve/race.h"

#include <algorithm>

#include "grok/analysis/pictures.h"
#include "grok/base/error.h"
#include "grok/base/float_environment.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/spec_schema.h"
#include "grok/probes/parts.h"
#include "grok/serve/decimate.h"
#include "grok/serve/named_files.h"

namespace grok::serve {

Race race_of(const RunFile& file, int n_threads) {
  const RunSpec spec = stored_spec(file.spec_json());
  require_no_files(spec);
  const TaskData task = tasks::data_of(spec.task);
  if (!has_modular_mlp(task, spec.model))
    throw Error(ErrorCode::unsupported,
                "the race of frequencies has no meaning for this task and model");
  const FlushDenormals flush;
  ThreadPool pool(n_threads);
  const std::vector<HookRequest> hooks = neurons_alone(task, spec.model);
  const std::string& hook = hooks.front().hook;
  Captures captures(spec.model, task, hooks, pool);
  const FourierBasis basis(*task.modulus);
  Race out;
  out.n_frequencies = n_frequencies(*task.modulus);
  out.n_neurons = captures.shape(hook)[1];
  const std::vector<std::int64_t> keyframes = file.keyframe_steps();
  for (const std::size_t i : spread(keyframes, Races::most_moments, Axis::log)) {
    const Weights weights = weights_of(file.keyframe(keyframes[i]));
    captures.run(weights);
    const std::vector<float> waves = waves_of_first(basis, captures.at(hook));
    out.steps.push_back(keyframes[i]);
    out.waves.insert(out.waves.end(), waves.begin(), waves.end());
  }
  return out;
}

std::shared_ptr<const Race> Races::get(const States::Run& run, std::size_t n_keyframes) {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : kept_)
    if (entry.run == run && entry.n_keyframes == n_keyframes) return entry.race;
  const RunFile file = RunFile::open(run.path, Access::read);
  const auto race = std::make_shared<const Race>(race_of(file, n_threads_));
  kept_.push_front({run, n_keyframes, race});
  if (kept_.size() > most_kept) kept_.pop_back();
  return race;
}

}  // namespace grok::serve
