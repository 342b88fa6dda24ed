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

namespace {

constexpr std::size_t most_moments = 60, most_bytes = 64 << 20;

// Which keyframes are looked at, of a network whose waves take so many numbers.
std::vector<std::int64_t> moments_of(const RunFile& file, std::size_t n_numbers) {
  const std::vector<std::int64_t> keyframes = file.keyframe_steps();
  const std::size_t room = most_bytes / (n_numbers * sizeof(float));
  std::vector<std::int64_t> out;
  for (const std::size_t i :
       spread(keyframes, std::clamp<std::size_t>(room, 2, most_moments), Axis::log))
    out.push_back(keyframes[i]);
  return out;
}

}  // namespace

std::shared_ptr<const Race> race_of(const RunFile& file, int n_threads, const Race* known,
                                    const std::function<bool()>& is_wanted) {
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
  auto out = std::make_shared<Race>();
  out->n_frequencies = n_frequencies(*task.modulus);
  out->n_neurons = captures.shape(hook)[1];
  const auto n_numbers = static_cast<std::size_t>(out->n_neurons * out->n_frequencies * 2);
  for (const std::int64_t step : moments_of(file, n_numbers)) {
    if (!is_wanted()) return nullptr;
    if (known && known->waves.contains(step)) {
      out->waves[step] = known->waves.at(step);
      continue;
    }
    const Weights weights = weights_of(file.keyframe(step));
    captures.run(weights);
    out->waves[step] =
        std::make_shared<const std::vector<float>>(waves_of_first(basis, captures.at(hook)));
  }
  return out;
}

std::shared_ptr<const Race> Races::get(const std::filesystem::path& path,
                                       const std::function<bool()>& is_wanted) {
  const std::lock_guard lock(mutex_);
  const RunFile file = RunFile::open(path, Access::read);
  const std::size_t n_keyframes = file.keyframe_steps().size();
  const auto same = std::find_if(kept_.begin(), kept_.end(), [&](const Entry& entry) {
    return entry.path == path && entry.spec_digest == file.spec_digest();
  });
  if (same != kept_.end() && same->n_keyframes == n_keyframes) return same->race;
  const Race* const known = same == kept_.end() ? nullptr : same->race.get();
  std::shared_ptr<const Race> race = race_of(file, n_threads_, known, is_wanted);
  if (!race) return nullptr;
  if (same != kept_.end()) kept_.erase(same);
  kept_.push_front({path, file.spec_digest(), n_keyframes, race});
  if (kept_.size() > most_kept) kept_.pop_back();
  return race;
}

}  // namespace grok::serve
