#include "grok/lab/lifetimes.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/lab/curves.h"
#include "grok/lab/ending.h"
#include "grok/lab/origin.h"
#include "grok/spec/stop_rule.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

constexpr int n_relabellings = 9999, n_median_resamples = 2000;

bool is_phase(const std::string& text) {
  return text == "memorized_step" || text == "grok_step" || text == "grok_delay";
}

// Of a series: the event at `step`, or not by its end; nothing if it held from a fork on.
std::optional<Lifetime> lifetime(const RunFile& file, std::int64_t end,
                                 const std::optional<std::int64_t>& step) {
  if (!step) return Lifetime{end, true};
  const auto origin = origin_of(file);
  if (origin && *step == origin->step) return std::nullopt;
  return Lifetime{*step, false};
}

std::optional<Lifetime> phase_lifetime(const RunFile& file, const std::string& name) {
  const Curve train = curve_of(file, "train_accuracy"), test = curve_of(file, "test_accuracy");
  const auto first_learnt = [&](const Curve& curve) -> std::optional<Lifetime> {
    if (curve.steps.empty()) return std::nullopt;
    return lifetime(file, curve.steps.back(), first_at_least(curve.series(), learnt_accuracy));
  };
  const auto memorized = first_learnt(train), grokked = first_learnt(test);
  if (name == "memorized_step") return memorized;
  if (name == "grok_step") return grokked;
  if (!memorized || !grokked) return std::nullopt;
  // Before it has memorized, the delay has not begun.
  if (memorized->is_censored) return Lifetime{0, true};
  // A test split may be learnt first; then there was no delay.
  return Lifetime{std::max<std::int64_t>(0, grokked->step - memorized->step), grokked->is_censored};
}

std::optional<Lifetime> rule_lifetime(const RunFile& file, const StopRule& rule) {
  const std::vector<MetricPoint> points = recorded_points(file, rule.metric);
  if (points.empty() && !file.metric_names().empty())
    throw Error(ErrorCode::usage, file.path().string() + ": no metric " + rule.metric);
  if (points.empty()) return std::nullopt;
  return lifetime(file, points.back().step, first_holding(points, rule));
}

}  // namespace

Waited Waited::parse(const std::string& text) {
  if (is_phase(text)) return {text};
  try {
    if (const auto rule = parse_stop_rule(text)) return {stop_rule_text(*rule)};
  } catch (const Error&) {
    // Said below, with the names that a rule does not know of.
  }
  throw Error(ErrorCode::usage,
              "expected grok_step, memorized_step, grok_delay, or a rule such as \"test_loss < "
              "0.5\", found \"" +
                  text + "\"");
}

std::optional<Lifetime> lifetime_of(const RunFile& file, const Waited& event) {
  if (is_phase(event.text)) return phase_lifetime(file, event.text);
  return rule_lifetime(file, parse_stop_rule(event.text).value());
}

std::size_t Lifetimes::n_events() const {
  return static_cast<std::size_t>(std::count_if(
      known.begin(), known.end(), [](const Lifetime& run) { return !run.is_censored; }));
}

std::vector<fs::path> runs_at(const std::vector<std::string>& paths) {
  std::vector<fs::path> out;
  for (const std::string& text : paths) {
    std::error_code error;
    if (!fs::is_directory(text, error)) {
      out.emplace_back(text);
      continue;
    }
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(text))
      if (entry.path().extension() == ".grok") found.push_back(entry.path());
    if (found.empty())
      throw Error(ErrorCode::not_found, text + ": no run in this folder (no file NAME.grok)");
    std::sort(found.begin(), found.end());
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

Lifetimes lifetimes_of(const std::vector<fs::path>& paths, const Waited& event, double confidence) {
  Lifetimes out;
  for (const fs::path& path : paths) {
    const RunFile file = RunFile::open(path, Access::read);
    RunLifetime run{.path = path, .lifetime = lifetime_of(file, event)};
    if (const auto ending = ending_of(file)) run.ending = name_of(ending->ending);
    if (run.lifetime) out.known.push_back(*run.lifetime);
    out.runs.push_back(std::move(run));
  }
  out.median = survival_quantile(kaplan_meier(out.known), 0.5, confidence);
  return out;
}

GroupComparison compare_groups(const Lifetimes& a, const Lifetimes& b, double confidence) {
  return {.log_rank = log_rank(a.known, b.known),
          .permutation_p = log_rank_permutation(a.known, b.known, n_relabellings),
          .ratio = median_ratio(a.known, b.known, confidence, n_median_resamples)};
}

}  // namespace grok
