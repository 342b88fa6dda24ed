#include "grok/lab/recorder.h"

#include <algorithm>
#include <cmath>

#include "grok/lab/batch_loss.h"
#include "grok/lab/keyframe.h"

namespace grok {
namespace {

const double* find_metric(const Moment& moment, std::string_view name) {
  for (const auto& [key, value] : moment.metrics)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace

Recorder::Recorder(RunFile& file, const RunSpec& spec, ProbeSet& probes, RunObserver* observer)
    : file_(file),
      place_(file.path()),
      probes_(probes),
      observer_(observer),
      record_schedule_(record_schedule(spec)),
      keyframe_schedule_(keyframe_schedule(spec)),
      stop_rule_(stop_rule(spec)),
      has_batch_loss_(records_batch_loss(spec)),
      last_step_(spec.train.integer("steps")),
      recorded_(file),
      recorded_until_(file.last_step().value_or(-1)) {}

std::optional<Ending> Recorder::keep(Trainer& trainer, bool is_interrupted) {
  const Checkpoint& checkpoint = trainer.checkpoint();
  Moment moment;
  moment.step = checkpoint.step;
  if (record_schedule_.contains(checkpoint.step)) measure(trainer, moment);
  const std::optional<EndingEvent> ending = ending_at(moment, is_interrupted);
  if (ending || keyframe_schedule_.contains(checkpoint.step))
    moment.keyframe = keyframe_tensors(checkpoint);
  if (ending) moment.events.push_back(make_event(*ending));
  commit(moment);
  return ending ? std::optional(ending->ending) : std::nullopt;
}

void Recorder::keep_divergence(Trainer& trainer, std::string_view what) {
  const Checkpoint& checkpoint = trainer.checkpoint();
  Moment moment;
  moment.step = checkpoint.step;
  if (measured_step_ != checkpoint.step) measure(trainer, moment);
  if (keyframe_step_ != checkpoint.step) moment.keyframe = keyframe_tensors(checkpoint);
  moment.events.push_back(
      make_event({Ending::diverged, checkpoint.step, seconds(), std::string(what)}));
  commit(moment);
}

std::optional<EndingEvent> Recorder::ending_at(const Moment& moment, bool is_interrupted) const {
  const auto ends = [&](Ending ending, const char* what = "") {
    return EndingEvent{ending, moment.step, seconds(), what};
  };
  for (const char* name : {"train_loss", "batch_loss"}) {
    const double* loss = find_metric(moment, name);
    if (loss && !std::isfinite(*loss)) return ends(Ending::diverged, name);
  }
  if (stop_rule_) {
    const double* value = find_metric(moment, stop_rule_->metric);
    if (value && stop_rule_->holds(*value)) return ends(Ending::stopped_by_rule);
  }
  if (moment.step >= last_step_) return ends(Ending::done);
  // Off the schedule nothing is measured: a resumed run must not hold more than one without a
  // break.
  if (is_interrupted) return ends(Ending::interrupted);
  return std::nullopt;
}

double Recorder::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
}

void Recorder::measure(Trainer& trainer, Moment& moment) {
  Measurements found = probes_.measure(trainer.weights());
  if (has_batch_loss_) add_batch_loss(trainer, found);
  moment.metrics = std::move(found.metrics);
  moment.arrays = std::move(found.arrays);
  measured_step_ = trainer.steps_done();
}

void Recorder::commit(const Moment& moment) {
  if (moment.is_empty()) return;
  place_.require();
  if (moment.keyframe) keyframe_step_ = moment.step;
  if (moment.step > recorded_until_) {
    file_.commit(moment);
  } else if (const Moment fresh = recorded_.new_in(moment); !fresh.is_empty()) {
    file_.commit(fresh);
  }
  if (observer_) observer_->on_moment(moment);
}

}  // namespace grok
