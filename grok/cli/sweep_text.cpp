#include "grok/cli/sweep_text.h"

#include <algorithm>
#include <map>
#include <vector>

#include "grok/analysis/survival.h"
#include "grok/cli/format.h"
#include "grok/cli/median_text.h"
#include "grok/lab/sweep_names.h"

namespace grok::cli {
namespace {

constexpr std::size_t gap = 2;

enum class Median { told, left_out };

std::string step_text(const std::optional<std::int64_t>& step) {
  return step ? grouped(*step) : "-";
}

std::string keys_text(const SweepRow& row) {
  std::string out;
  for (const int k : row.key_frequencies) out += (out.empty() ? "" : " ") + std::to_string(k);
  return out.empty() ? "-" : out;
}

std::string line_of(const std::string& name, const SweepRow& row, std::size_t name_width) {
  std::string out = left(name, name_width + gap);
  out += left(row.ending.empty() ? "not begun" : row.ending, 17);
  if (row.is_failed()) return out + row.error + "\n";
  out += right(step_text(row.steps), 8);
  out += right(row.train_loss ? significant(*row.train_loss, 3) : "-", 11);
  out += right(row.test_loss ? significant(*row.test_loss, 3) : "-", 11);
  out += right(row.test_accuracy ? percent(*row.test_accuracy) : "-", 9);
  out += right(step_text(row.grok_step), 10);
  return out + "  " + keys_text(row) + "\n";
}

std::string head_line(std::size_t name_width) {
  return left("run", name_width + gap) + left("ending", 17) + right("steps", 8) +
         right("train loss", 11) + right("test loss", 11) + right("right", 9) +
         right("grokked", 10) + "  key frequencies\n";
}

// When how many of them grokked: what one asks of a hundred seeds. Runs that have not count in the
// median as not by their last step.
std::string grok_text(std::span<const SweepRow> rows, Median median_is) {
  std::vector<std::int64_t> steps;
  std::vector<Lifetime> runs;
  for (const SweepRow& row : rows) {
    if (row.grok_step) steps.push_back(*row.grok_step);
    if (row.grok_step || row.steps)
      runs.push_back({row.grok_step ? *row.grok_step : *row.steps, !row.grok_step});
  }
  const std::string n = grouped(static_cast<std::int64_t>(steps.size()));
  std::string out = n + " of " + grouped(static_cast<std::int64_t>(rows.size())) + " grokked";
  if (steps.size() < 2) return out + "\n";
  std::sort(steps.begin(), steps.end());
  out += ", at steps " + grouped(steps.front()) + " to " + grouped(steps.back());
  if (median_is == Median::left_out) return out + "\n";
  const SurvivalQuantile median = survival_quantile(kaplan_meier(runs), 0.5, 0.9);
  return out + (median.step ? ", median " : ", ") + median_text(median) + "\n";
}

// Runs that differ in nothing but their seeds.
struct Setting {
  std::vector<Value> values;  // of the keys that are no seeds
  std::vector<SweepRow> rows;
};

std::vector<std::string> setting_keys(const SweepPlan& plan) {
  std::vector<std::string> out;
  for (const std::string& key : plan.keys)
    if (!is_seed(key)) out.push_back(key);
  return out;
}

// In the order of the grid.
std::vector<Setting> settings_of(const SweepPlan& plan, std::span<const SweepRow> rows) {
  std::vector<Setting> out;
  std::map<std::vector<Value>, std::size_t> place;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::vector<Value> values;
    for (std::size_t a = 0; a < plan.keys.size(); ++a)
      if (!is_seed(plan.keys[a])) values.push_back(plan.runs[i].values[a]);
    const auto [found, is_new] = place.try_emplace(values, out.size());
    if (is_new) out.push_back({std::move(values), {}});
    out[found->second].rows.push_back(rows[i]);
  }
  return out;
}

// A median of runs with different settings would be one of nothing: each setting has its own, and
// none where each is a single run.
std::string groks_text(const SweepPlan& plan, std::span<const SweepRow> rows) {
  const std::vector<Setting> settings = settings_of(plan, rows);
  if (settings.size() == 1) return grok_text(rows, Median::told);
  if (settings.size() == rows.size()) return grok_text(rows, Median::left_out);
  const std::vector<std::string> keys = short_keys(setting_keys(plan));
  std::vector<std::string> names;
  std::size_t width = 0;
  for (const Setting& setting : settings) {
    names.push_back(file_name(keys, setting.values, ""));
    width = std::max(width, names.back().size());
  }
  std::string out;
  for (std::size_t i = 0; i < settings.size(); ++i)
    out += left(names[i], width + gap) + grok_text(settings[i].rows, Median::told);
  return out;
}

}  // namespace

std::string sweep_text(const SweepPlan& plan, std::span<const SweepRow> rows) {
  std::size_t name_width = 3;
  for (const SweepRun& run : plan.runs) name_width = std::max(name_width, run.name.size());
  std::string out = head_line(name_width);
  for (std::size_t i = 0; i < rows.size(); ++i)
    out += line_of(plan.runs[i].name, rows[i], name_width);
  return out + "\n" + groks_text(plan, rows);
}

}  // namespace grok::cli
