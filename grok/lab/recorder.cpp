#include "grok/lab/recorder.h"

#include <algorithm>
#include <cmath>

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
      probes_(probes),
      observer_(observer),
      record_schedule_(record_schedule(spec)),
      keyframe_schedule_(keyframe_schedule(spec)),
      stop_rule_(stop_rule(spec)),
      last_step_(spec.train.integer("steps")) {
  const std::vector<MetricPoint> losses = file.metric("train_loss");
  if (!losses.empty()) measured_step_ = losses.back().step;
  const std::vector<std::int64_t> keyframes = file.keyframe_steps();
  if (!keyframes.empty()) keyframe_step_ = keyframes.back();
}

std::optional<Ending> Recorder::keep(const Checkpoint& checkpoint, bool is_interrupted) {
  Moment moment;
  moment.step = checkpoint.step;
  if (record_schedule_.contains(checkpoint.step)) measure(checkpoint, moment);
  const std::optional<Ending> ending = ending_at(moment, is_interrupted);
  if (ending || keyframe_schedule_.contains(checkpoint.step)) add_keyframe(checkpoint, moment);
  if (ending) moment.events.push_back(make_event({*ending, checkpoint.step, seconds()}));
  commit(moment);
  return ending;
}

void Recorder::keep_divergence(const Checkpoint& checkpoint) {
  Moment moment;
  moment.step = checkpoint.step;
  measure(checkpoint, moment);
  add_keyframe(checkpoint, moment);
  moment.events.push_back(make_event({Ending::diverged, checkpoint.step, seconds()}));
  commit(moment);
}

std::optional<Ending> Recorder::ending_at(const Moment& moment, bool is_interrupted) const {
  const double* loss = find_metric(moment, "train_loss");
  if (loss && !std::isfinite(*loss)) return Ending::diverged;
  if (stop_rule_) {
    const double* value = find_metric(moment, stop_rule_->metric);
    if (value && stop_rule_->holds(*value)) return Ending::stopped_by_rule;
  }
  if (moment.step >= last_step_) return Ending::done;
  // Off the schedule nothing is measured: a resumed run must not hold more than one without a
  // break.
  if (is_interrupted) return Ending::interrupted;
  return std::nullopt;
}

double Recorder::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
}

void Recorder::measure(const Checkpoint& checkpoint, Moment& moment) {
  if (measured_step_ == checkpoint.step) return;
  Measurements found = probes_.measure(checkpoint.weights);
  moment.metrics = std::move(found.metrics);
  moment.arrays = std::move(found.arrays);
}

void Recorder::add_keyframe(const Checkpoint& checkpoint, Moment& moment) {
  if (keyframe_step_ != checkpoint.step) moment.keyframe = keyframe_tensors(checkpoint);
}

void Recorder::commit(const Moment& moment) {
  if (moment.metrics.empty() && !moment.keyframe && moment.events.empty()) return;
  file_.commit(moment);
  if (!moment.metrics.empty()) measured_step_ = moment.step;
  if (moment.keyframe) keyframe_step_ = moment.step;
  if (observer_) observer_->on_moment(moment);
}

}  // namespace grok
