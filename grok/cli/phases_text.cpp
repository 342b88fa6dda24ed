#include "grok/cli/phases_text.h"

#include <cmath>

#include "grok/cli/format.h"
#include "grok/cli/median_text.h"

namespace grok::cli {
namespace {

constexpr std::size_t levels_width = 22, step_width = 26;
constexpr std::size_t most_spikes_told = 4;

std::string step_text(double step) {
  return grouped(static_cast<std::int64_t>(std::llround(step)));
}

std::string estimate_text(const Estimate& e) {
  return step_text(e.value) + " [" + step_text(e.low) + ", " + step_text(e.high) + "]";
}

std::string share_text(const Estimate& e) {
  return fixed(100 * e.value, 0) + " % [" + fixed(100 * e.low, 0) + ", " + fixed(100 * e.high, 0) +
         "]";
}

std::string levels_text(const PhaseChange& change, ValueScale scale) {
  const auto level = [&](double x) {
    return significant(scale == ValueScale::logarithmic ? std::exp(x) : x, 3);
  };
  return level(change.before) + " to " + level(change.after);
}

std::string change_text(const PhaseChange& change, ValueScale scale) {
  std::string out = left(levels_text(change, scale), levels_width);
  std::string onset = estimate_text(change.onset);
  if (!change.is_resolved) onset += " *";
  out += left(onset, step_width) + left(estimate_text(change.steepest), step_width);
  out += left(change.end ? estimate_text(*change.end) : "not by the last step", step_width);
  out += share_text(change.sharpness);
  return out;
}

std::string head_text(std::size_t name_width) {
  return "  " + left("series", name_width) + left("from, to", levels_width) +
         left("onset (10 %)", step_width) + left("steepest", step_width) +
         left("end (90 %)", step_width) + "sharpness\n";
}

std::string spikes_text(const std::vector<Spike>& spikes) {
  std::string out = std::to_string(spikes.size());
  out += spikes.size() == 1 ? " spike: " : " spikes: ";
  for (std::size_t i = 0; i < std::min(spikes.size(), most_spikes_told); ++i) {
    if (i > 0) out += "; ";
    out += "step " + grouped(spikes[i].peak) + ", " + significant(spikes[i].value, 3) +
           " where about " + significant(spikes[i].level, 3);
  }
  if (spikes.size() > most_spikes_told)
    out += "; and " + std::to_string(spikes.size() - most_spikes_told) + " more (--json)";
  return out;
}

std::string series_text(const SeriesChanges& s, std::size_t name_width, ValueScale scale) {
  std::string out, name = s.name;
  const auto line = [&](const std::string& text) {
    out += "  " + left(name, name_width) + text + "\n";
    name.clear();
  };
  for (const PhaseChange& change : s.found.changes) line(change_text(change, scale));
  if (s.found.changes.empty())
    line("none (" + grouped(static_cast<std::int64_t>(s.found.n_records)) + " records, steps " +
         grouped(s.first_step) + " to " + grouped(s.last_step) + ")");
  if (!s.found.spikes.empty()) line(spikes_text(s.found.spikes));
  return out;
}

std::string lifetime_text(const std::optional<Lifetime>& lifetime) {
  if (!lifetime) return "not told: before the fork, or not recorded";
  if (lifetime->is_censored) return "not by step " + grouped(lifetime->step);
  return "step " + grouped(lifetime->step);
}

// One below that baseline is not on the way from there.
std::string plateau_text(double plateau, double adjusted) {
  const std::string out = "; it was " + percent(plateau) + " when the training pairs were learnt";
  return adjusted >= 0 ? out + ", " + percent(adjusted) + " of the way from there to 1" : out;
}

std::string steps_text(const RunPhases& run) {
  std::string out = "  train accuracy first at least " + percent(learnt_accuracy) + ": " +
                    lifetime_text(run.memorized_step) + "\n";
  out += "  test accuracy first at least " + percent(learnt_accuracy) +
         " (grok step): " + lifetime_text(run.grok_step);
  if (run.grok_delay && !run.grok_delay->is_censored)
    out += ", a delay of " + grouped(run.grok_delay->step) + " steps";
  out += "\n";
  if (!run.leak) return out;
  const MirrorLeak& leak = *run.leak;
  out += "  " + percent(leak.mirrored_share()) +
         " of the test pairs have their mirror image among the training pairs: knowing that "
         "operands may be\n  swapped gives a test accuracy of " +
         percent(leak.baseline());
  if (run.plateau) out += plateau_text(*run.plateau, leak.adjusted(*run.plateau));
  return out + "\n";
}

bool has_unresolved(const RunPhases& run) {
  for (const SeriesChanges& s : run.series)
    for (const PhaseChange& change : s.found.changes)
      if (!change.is_resolved) return true;
  return false;
}

std::string run_text(const RunPhases& run, const ChangeOptions& options) {
  std::size_t name_width = 8;
  for (const SeriesChanges& s : run.series)
    name_width = std::max(name_width, n_characters(s.name) + 2);
  std::string out = run.path.filename().string() + "\n" + steps_text(run) + "\n";
  out += head_text(name_width);
  for (const SeriesChanges& s : run.series) out += series_text(s, name_width, options.scale);
  if (has_unresolved(run))
    out +=
        "  * sharper than the records are close: its steps are known to lie between two of "
        "them\n";
  return out;
}

std::string p_text(double p) { return p < 1e-4 ? significant(p, 2) : fixed(p, 4); }

std::string comparison_text(const GroupComparison& c) {
  std::string out = "\n";
  if (!c.log_rank) return out + "  nothing to compare: no event happened while both were at risk\n";
  const LogRank& test = *c.log_rank;
  out += "  log-rank test: chi squared " + fixed(test.chi_squared, 2) +
         " with 1 degree of freedom, p = " + p_text(test.p_value) + "\n";
  out += "    events observed and expected if the groups were alike: " + fixed(test.observed_a, 0) +
         " and " + fixed(test.expected_a, 1) + " in the first, " + fixed(test.observed_b, 0) +
         " and " + fixed(test.expected_b, 1) + " in the second\n";
  if (c.permutation_p)
    out += "    by relabelling the runs, whatever their number: p = " + p_text(*c.permutation_p) +
           "\n";
  if (c.ratio) out += "  median of the second over the first: " + ratio_text(*c.ratio) + "\n";
  return out;
}

}  // namespace

std::string phases_text(const std::vector<RunPhases>& runs, const ChangeOptions& options) {
  std::string out;
  for (const RunPhases& run : runs) out += (out.empty() ? "" : "\n") + run_text(run, options);
  out += "\nIn brackets: " + fixed(100 * options.confidence, 0) +
         " % intervals. Sharpness: the largest share of the change within a factor of " +
         significant(sharpness_factor, 2) + " of the steps.\nSteepest per ";
  out += options.axis == StepAxis::log_step ? "logarithm of the step" : "step";
  out += options.scale == ValueScale::logarithmic ? ", of the logarithm of the value.\n" : ".\n";
  return out;
}

std::string groups_text(const GroupReport& report) {
  std::size_t name_width = 6;
  for (const std::string& name : report.names)
    name_width = std::max(name_width, n_characters(name) + 2);
  std::string out = report.event + ", medians with " + fixed(100 * report.confidence, 0) +
                    " % intervals; runs without it count as \"not by their last step\"\n\n";
  out += "  " + left("runs", name_width) + right("number", 8) + right("had it", 8) +
         right("not yet", 9) + "   median\n";
  const std::string unit = report.event == "grok_delay" ? " steps" : "";
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    const Lifetimes& group = report.groups[i];
    const auto n = static_cast<std::int64_t>(group.known.size());
    const auto n_events = static_cast<std::int64_t>(group.n_events());
    out += "  " + left(report.names[i], name_width) + right(grouped(n), 8) +
           right(grouped(n_events), 8) + right(grouped(n - n_events), 9) + "   " +
           median_text(group.median, unit) + "\n";
  }
  for (const Lifetimes& group : report.groups)
    for (const RunLifetime& run : group.runs) {
      if (!run.lifetime)
        out += "  left out: " + run.path.string() + " (before the fork, or not recorded)\n";
      if (run.ending == "diverged")
        out += "  " + run.path.string() + " diverged; it counts as not by its last record\n";
    }
  if (report.comparison) out += comparison_text(*report.comparison);
  return out;
}

}  // namespace grok::cli
