#pragma once
// Decides what is kept of each step, and when a run is over. Everything of one step goes into one
// transaction, the ending together with the last keyframe. A resumed run comes once more through
// steps that the file knows: there, what was recorded is held against what is computed.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "grok/lab/file_place.h"
#include "grok/lab/recorded.h"
#include "grok/lab/run.h"
#include "grok/probes/probe.h"
#include "grok/spec/schedule.h"
#include "grok/spec/stop_rule.h"
#include "grok/store/run_file.h"
#include "grok/train/trainer.h"

namespace grok {

class Recorder {
 public:
  /// `file`, `probes` and `observer` must outlive it; `observer` may be null.
  Recorder(RunFile& file, const RunSpec& spec, ProbeSet& probes, RunObserver* observer);

  /// Keeps what the schedules ask for of this step, and the ending if this is the last step.
  ///   is_interrupted  the user wants to stop here
  ///   returns         the ending, if the run is over
  std::optional<Ending> keep(Trainer& trainer, bool is_interrupted);

  /// Ends a run that has diverged, at the last step of its weights.
  ///   what   the first thing that is no longer a number: "train_loss", "weights.embed.W_E"
  void keep_divergence(Trainer& trainer, std::string_view what);

 private:
  std::optional<EndingEvent> ending_at(const Moment& moment, bool is_interrupted) const;
  double seconds() const;  // of training, so far
  void measure(Trainer& trainer, Moment& moment);
  void commit(const Moment& moment);

  RunFile& file_;
  FilePlace place_;
  ProbeSet& probes_;
  RunObserver* observer_;
  Schedule record_schedule_;
  Schedule keyframe_schedule_;
  std::optional<StopRule> stop_rule_;
  bool has_batch_loss_;
  std::int64_t last_step_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  Recorded recorded_;                // by those who came this way before
  std::int64_t recorded_until_;      // the last step that it holds
  std::int64_t measured_step_ = -1;  // the latest that was measured here
  std::int64_t keyframe_step_ = -1;  // the latest that was kept here
};

}  // namespace grok
