#include "grok/lab/replayer.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/lab/foreign.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/same_bits.h"
#include "grok/lab/spec_schema.h"

namespace grok {
namespace {

std::vector<std::int64_t> keyframes_in(const RunFile& file) {
  std::vector<std::int64_t> out = file.keyframe_steps();
  if (out.empty())
    throw Error(ErrorCode::not_found,
                file.path().string() + ": has no keyframe yet, so nothing can be brought back");
  return out;
}

}  // namespace

Replayer::Replayer(const RunFile& file, ThreadPool& pool)
    : file_(file),
      pool_(pool),
      spec_(naming_file(file, [&] { return stored_spec(file.spec_json()); })),
      task_(tasks::data_of(spec_.task)),
      keyframes_(keyframes_in(file)),
      last_step_(file.last_step().value()) {}

Replayer::~Replayer() = default;

void Replayer::go_to_nearest_keyframe(std::int64_t step) {
  const std::int64_t nearest = *(std::upper_bound(keyframes_.begin(), keyframes_.end(), step) - 1);
  const std::int64_t here = trainer_ ? trainer_->steps_done() : -1;
  if (here <= step && here >= nearest) return;
  naming_file(file_, [&] {
    Checkpoint state = checkpoint_of(file_.keyframe(nearest));
    if (trainer_)
      trainer_->go_to(state);
    else
      trainer_ = std::make_unique<Trainer>(spec_, task_, pool_, std::move(state));
  });
  // The first state of all is drawn as the spec says.
  if (nearest == 0 && spec_.fork.empty()) verify_if_keyframe(first_checkpoint(spec_, task_));
}

std::optional<std::int64_t> Replayer::keyframe_after(std::int64_t step) const {
  const auto next = std::upper_bound(keyframes_.begin(), keyframes_.end(), step);
  return next == keyframes_.end() ? std::nullopt : std::optional(*next);
}

void Replayer::verify_if_keyframe(const Checkpoint& computed) {
  if (!is_recorded_keyframe(file_, computed.step, keyframe_tensors(computed))) return;
  ++n_verified_;
  last_verified_ = computed.step;
}

void Replayer::require_step(std::int64_t step) const {
  if (step >= first_step() && step <= last_step_) return;
  throw Error(ErrorCode::not_found, file_.path().string() + ": no step " + std::to_string(step) +
                                        "; the run has steps " + std::to_string(first_step()) +
                                        " to " + std::to_string(last_step_));
}

void Replayer::step_once() {
  if (!is_same_plan_) require_same_plan(file_);
  is_same_plan_ = true;
  const double loss = trainer_->step();
  if (trainer_->diverged() == "train_loss")
    throw Error(ErrorCode::damaged,
                file_.path().string() + ": computed again, the run diverges after step " +
                    std::to_string(trainer_->steps_done()) + ", but it went on to step " +
                    std::to_string(last_step_) + "; " + why_bits_differ(file_));
  if (observer_) observer_->on_step(trainer_->steps_done(), loss);
  if (std::binary_search(keyframes_.begin(), keyframes_.end(), step()))
    verify_if_keyframe(trainer_->checkpoint());
}

const Checkpoint* Replayer::at(std::int64_t step, const std::atomic<bool>* stop) {
  require_step(step);
  go_to_nearest_keyframe(step);
  return walk_to(step, stop);
}

const Checkpoint* Replayer::walk_to(std::int64_t step, const std::atomic<bool>* stop) {
  require_step(step);
  GROK_REQUIRE(trainer_ && step >= trainer_->steps_done(),
               "step " + std::to_string(step) + " lies behind");
  while (trainer_->steps_done() < step) {
    if (stop && stop->load()) return nullptr;
    step_once();
  }
  return &trainer_->checkpoint();
}

Weights weights_at(const RunFile& file, std::int64_t step, int n_threads) {
  ThreadPool pool(n_threads > 0 ? n_threads : n_cores());
  return Replayer(file, pool).at(step)->weights;
}

}  // namespace grok
