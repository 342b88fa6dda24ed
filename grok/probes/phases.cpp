#include "grok/analysis/phases.h"

#include "grok/probes/probe.h"

// The phases of a run that groks, read off its own recorded curves when it has ended. Events of
// kind "phase_change", one for each boundary that the run has, in order of their steps:
//
//   {"end_of": "memorization"}       the excluded loss turns (without it, the test loss peaks)
//   {"end_of": "circuit_formation"}  the test loss falls fastest
//   {"end_of": "cleanup"}            the test loss has done 95% of its fall
//   {"reached": "train_accuracy"}    first step at 0.99 or more: memorized
//   {"reached": "test_accuracy"}     first step at 0.99 or more: grokked
//   source  the phases: Nanda et al. 2023, arXiv:2301.05217, section 5, drawn there by eye; the
//           rules are ours (analysis/phases.h)
namespace grok {
namespace {

struct Curve {
  explicit Curve(const std::vector<MetricPoint>& points) {
    for (const MetricPoint& point : points) {
      steps.push_back(point.step);
      values.push_back(point.value);
    }
  }
  Series series() const { return {steps, values}; }

  std::vector<std::int64_t> steps;
  std::vector<double> values;
};

std::vector<Event> conclude(const CurveLookup& curve) {
  const Curve train_accuracy(curve("train_accuracy")), test_accuracy(curve("test_accuracy")),
      test_loss(curve("test_loss")), excluded(curve("excluded_loss_all_frequencies"));
  if (train_accuracy.steps.empty() || test_accuracy.steps.empty() || test_loss.steps.empty())
    return {};
  const Phases phases = find_phases(
      {train_accuracy.series(), test_accuracy.series(), test_loss.series(), excluded.series()});
  std::vector<Event> out;
  const auto add = [&](const std::optional<std::int64_t>& step, const char* detail) {
    if (step) out.push_back({*step, "phase_change", detail});
  };
  add(phases.memorized_step, R"({"reached":"train_accuracy"})");
  add(phases.memorization_end, R"({"end_of":"memorization"})");
  add(phases.circuit_formation_end, R"({"end_of":"circuit_formation"})");
  add(phases.grok_step, R"({"reached":"test_accuracy"})");
  add(phases.cleanup_end, R"({"end_of":"cleanup"})");
  return out;
}

}  // namespace

const ProbeDef& probes::phases() {
  static constexpr ProbeDef def{
      .name = "phases",
      .meaning =
          "ends of memorization, circuit formation and cleanup, from a finished run's curves",
      .source = "Nanda et al. 2023, arXiv:2301.05217, section 5",
      .conclude = conclude};
  return def;
}

}  // namespace grok
