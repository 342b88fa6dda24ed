#include "grok/serve/states.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "grok/lab/keyframe.h"
#include "grok/lab/replayer.h"
#include "grok/lab/spec_schema.h"
#include "grok/probes/parts.h"
#include "grok/serve/named_files.h"
#include "grok/store/run_file.h"

namespace grok::serve {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<HookRequest> picture_hooks(const TaskData& task, const Params& model) {
  std::vector<HookRequest> out{{"logits"}};
  if (last_neurons(task, model)) out.push_back(neurons_alone(task, model).front());
  for (const HookRequest& request : patterns_to_answer(task, model)) out.push_back(request);
  if (has_attention(task, model))
    for (const HookRequest& request : patterns_of_sample(task, model)) out.push_back(request);
  return out;
}

// Tells of the steps, and whether somebody still waits for them, every tenth of a second.
class Watch : public RunObserver {
 public:
  Watch(const std::function<bool()>& is_wanted, const States::Progress& progress,
        std::int64_t last_step)
      : is_wanted_(is_wanted), progress_(progress), last_step_(last_step) {}

  void on_step(std::int64_t step, double) override {
    if (first_step_ < 0) first_step_ = step - 1;
    const Clock::time_point now = Clock::now();
    if (now - told_ < std::chrono::milliseconds(100)) return;
    told_ = now;
    if (progress_) progress_(step - first_step_, last_step_ - first_step_);
    if (!is_wanted_()) stop = true;
  }
  std::atomic<bool> stop = false;

 private:
  const std::function<bool()>& is_wanted_;
  const States::Progress& progress_;
  std::int64_t first_step_ = -1, last_step_;
  Clock::time_point told_{};
};

}  // namespace

State::State(RunSpec spec, std::shared_ptr<const TaskData> task, std::int64_t step, Weights weights,
             int n_threads)
    : spec_(std::move(spec)),
      task_(std::move(task)),
      step_(step),
      weights_(std::move(weights)),
      pool_(n_threads) {}

State::~State() = default;

const Captures& State::captures() const {
  if (!captures_) {
    captures_ =
        std::make_unique<Captures>(spec_.model, *task_, picture_hooks(*task_, spec_.model), pool_);
    captures_->run(weights_);
  }
  return *captures_;
}

std::shared_ptr<const TaskData> States::task_of(const RunSpec& spec) {
  RunSpec task_alone;
  task_alone.task = spec.task;
  const std::string text = canonical_json(task_alone);
  const std::lock_guard lock(mutex_);
  if (!task_ || task_spec_ != text) {
    task_ = std::make_shared<const TaskData>(tasks::data_of(spec.task));
    task_spec_ = text;
  }
  return task_;
}

std::shared_ptr<const State> States::kept(const std::filesystem::path& path, std::int64_t step) {
  const std::lock_guard lock(mutex_);
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->path != path || it->state->step() != step) continue;
    kept_.splice(kept_.begin(), kept_, it);
    return kept_.front().state;
  }
  return nullptr;
}

void States::keep(Entry entry) {
  const std::lock_guard lock(mutex_);
  kept_.push_front(std::move(entry));
  if (kept_.size() > most_kept) kept_.pop_back();
}

// Another run may have come to the same place since.
void States::forget_others(const std::filesystem::path& path, const std::string& spec_digest) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Entry& entry) {
    return entry.path == path && entry.spec_digest != spec_digest;
  });
}

std::shared_ptr<const State> States::bring_back(const std::filesystem::path& path,
                                                std::int64_t step,
                                                const std::function<bool()>& is_wanted,
                                                const Progress& progress) {
  std::unique_lock working(working_, std::defer_lock);
  while (!working.try_lock_for(std::chrono::milliseconds(100)))
    if (!is_wanted()) return nullptr;
  const RunFile file = RunFile::open(path, Access::read);
  forget_others(path, file.spec_digest());
  if (std::shared_ptr<const State> found = kept(path, step)) return found;
  const std::vector<std::int64_t> keyframes = file.keyframe_steps();
  const RunSpec spec = stored_spec(file.spec_json());
  require_no_files(spec);
  Weights weights;
  if (std::binary_search(keyframes.begin(), keyframes.end(), step)) {
    weights = weights_of(file.keyframe(step));
  } else {
    ThreadPool pool(n_threads_);
    Replayer replayer(file, pool);
    Watch watch(is_wanted, progress, step);
    replayer.set_observer(&watch);
    const Checkpoint* const found = replayer.at(step, &watch.stop);
    if (!found) return nullptr;
    weights = found->weights;
  }
  auto state =
      std::make_shared<const State>(spec, task_of(spec), step, std::move(weights), n_threads_);
  keep({path, file.spec_digest(), state});
  return state;
}

}  // namespace grok::serve
