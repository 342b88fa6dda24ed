#pragma once
// Any step of a run, computed again from the nearest keyframe. Every keyframe on the way is held
// against what is computed: a step that comes back is the run's own, bit for bit, or there is an
// error.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "grok/base/threads.h"
#include "grok/lab/run.h"
#include "grok/store/run_file.h"
#include "grok/train/trainer.h"

namespace grok {

class Replayer {
 public:
  /// `file` and `pool` must outlive it. The run's step is compiled when it is first needed.
  ///   throws   Error: not_found if the run has not begun; damaged; unsupported
  Replayer(const RunFile& file, ThreadPool& pool);
  ~Replayer();

  /// The state after `step` updates; valid until the next call. Steps forward from where it stands,
  /// or from a keyframe, whichever is nearer.
  ///   stop     when set, breaks off; may be null
  ///   returns  null if it was broken off
  ///   throws   Error: not_found if the run has no such step; unsupported if it must be computed
  ///   and
  ///            the run was made under another plan version; damaged if a keyframe on the way is
  ///            not what is computed, with the first tensor that differs
  ///   cost     the training of the steps in between
  const Checkpoint* at(std::int64_t step, const std::atomic<bool>* stop = nullptr);

  /// The same from where `at` has brought it, which is no later, without taking a short cut over a
  /// keyframe: so that all on the way are verified.
  const Checkpoint* walk_to(std::int64_t step, const std::atomic<bool>* stop = nullptr);

  /// throws   Error{not_found} unless the run has this step
  void require_step(std::int64_t step) const;

  const RunSpec& spec() const { return spec_; }
  const TaskData& task() const { return task_; }
  std::int64_t first_step() const { return keyframes_.front(); }
  std::int64_t last_step() const { return last_step_; }
  std::int64_t last_keyframe() const { return keyframes_.back(); }
  /// The next keyframe after a step, if there is one.
  std::optional<std::int64_t> keyframe_after(std::int64_t step) const;
  /// Where it stands now; after `at` only.
  std::int64_t step() const { return trainer_->steps_done(); }
  /// What computes the steps, standing at `step()`; after `at` only. Ask it, do not step it.
  Trainer& trainer() { return *trainer_; }
  /// Keyframes that were computed, by their first weights or from an earlier keyframe, and found
  /// the same. One that was only loaded does not count.
  std::int64_t n_keyframes_verified() const { return n_verified_; }
  /// The last of them, up to which the steps are known to be the run's own; -1 before there is one.
  std::int64_t last_verified() const { return last_verified_; }
  /// Told each step that is computed; may be null.
  void set_observer(RunObserver* observer) { observer_ = observer; }

 private:
  void go_to_nearest_keyframe(std::int64_t step);
  void step_once();
  void verify_if_keyframe(const Checkpoint& computed);

  const RunFile& file_;
  ThreadPool& pool_;
  RunSpec spec_;
  TaskData task_;
  std::vector<std::int64_t> keyframes_;
  std::int64_t last_step_;
  std::unique_ptr<Trainer> trainer_;  // null until the first step is asked for
  bool is_same_plan_ = false;
  std::int64_t n_verified_ = 0, last_verified_ = -1;
  RunObserver* observer_ = nullptr;
};

/// The weights after `step` updates, of any step of a run.
///   throws   as Replayer
Weights weights_at(const RunFile& file, std::int64_t step, int n_threads = 0);

}  // namespace grok
