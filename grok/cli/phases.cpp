#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include "grok/base/error.h"
#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/phases_text.h"
#include "grok/cli/spec_option.h"
#include "grok/lab/run_leak.h"

namespace grok::cli {
namespace {

struct PhasesCommand {
  std::vector<std::string> paths, against, metrics;
  std::string event, axis = "log", scale = "linear";
  double confidence = 0.9;
  bool is_json = false;

  ChangeOptions options() const {
    ChangeOptions out;
    out.axis = axis == "log" ? StepAxis::log_step : StepAxis::step;
    out.scale = scale == "log" ? ValueScale::logarithmic : ValueScale::linear;
    out.confidence = confidence;
    return out;
  }
};

RunPhases phases_in(const std::string& path, const PhasesCommand& command) {
  const RunFile file = open_run(path);
  RunPhases out{.path = path};
  out.memorized_step = lifetime_of(file, {"memorized_step"});
  out.grok_step = lifetime_of(file, {"grok_step"});
  out.grok_delay = lifetime_of(file, {"grok_delay"});
  out.leak = leak_of(file);
  if (out.leak && out.memorized_step && !out.memorized_step->is_censored) {
    const Curve test = curve_of(file, "test_accuracy");
    if (!test.steps.empty())
      out.plateau = value_at(test.series(), static_cast<double>(out.memorized_step->step));
  }
  const std::vector<std::string> metrics =
      command.metrics.empty() ? usual_metrics(file) : command.metrics;
  out.series = changes_in(file, metrics, command.options());
  return out;
}

int show_changes(const PhasesCommand& command) {
  std::vector<RunPhases> runs;
  for (const std::string& path : command.paths) runs.push_back(phases_in(path, command));
  if (command.is_json)
    std::cout << phases_json(runs, command.options()) << '\n';
  else
    std::cout << phases_text(runs, command.options());
  return 0;
}

std::string name_of_group(const std::vector<std::string>& paths) {
  return paths.size() == 1 ? paths[0] : paths[0] + " and others";
}

Lifetimes group_at(const std::vector<std::string>& paths, const Waited& event, double confidence) {
  const std::vector<std::filesystem::path> files = runs_at(paths);
  for (const std::filesystem::path& path : files) open_run(path);  // errors as of files named here
  return lifetimes_of(files, event, confidence);
}

int show_groups(const PhasesCommand& command) {
  const Waited event = Waited::parse(command.event.empty() ? "grok_step" : command.event);
  GroupReport report{.event = event.text, .confidence = command.confidence};
  for (const auto& paths : {command.paths, command.against}) {
    if (paths.empty()) continue;
    report.names.push_back(name_of_group(paths));
    report.groups.push_back(group_at(paths, event, command.confidence));
  }
  if (report.groups.size() == 2)
    report.comparison = compare_groups(report.groups[0], report.groups[1], command.confidence);
  if (command.is_json)
    std::cout << groups_json(report) << '\n';
  else
    std::cout << groups_text(report);
  return 0;
}

bool is_about_groups(const PhasesCommand& command) {
  if (!command.against.empty() || !command.event.empty()) return true;
  for (const std::string& path : command.paths) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return true;
  }
  return false;
}

int phases(const PhasesCommand& command) {
  if (!is_about_groups(command)) return show_changes(command);
  if (!command.metrics.empty())
    throw Error(ErrorCode::usage,
                "--metric is for the changes of single runs; groups of runs are told by --event, "
                "e.g. --event \"test_loss < 0.5\"");
  return show_groups(command);
}

}  // namespace

void add_phases(CLI::App& program, Action& action) {
  auto options = std::make_shared<PhasesCommand>();
  CLI::App* command = program.add_subcommand(
      "phases", "Find the phase changes of runs, or how long groups of runs take to grok");
  command->add_option("PATH", options->paths, "Run files, or folders of them")->required();
  add_list_option(*command, "--metric", options->metrics,
                  "Series to look at; losses and accuracies if left out. An array metric is a "
                  "series for each of its numbers, NAME[2] is one of them");
  command->add_option("--axis", options->axis, "Steepest per log step, or per step")
      ->check(CLI::IsMember({"log", "step"}));
  command->add_option("--scale", options->scale, "Of the values: as recorded, or their logarithm")
      ->check(CLI::IsMember({"linear", "log"}));
  command->add_option("--confidence", options->confidence, "Of the intervals; 0.9 if left out")
      ->check(CLI::Range(0.5, 0.999))
      ->check([](const std::string& text) {
        return std::isnan(std::stod(text)) ? "nan is no share" : std::string();
      });
  command->add_option("--event", options->event,
                      "What groups of runs are timed to: grok_step, memorized_step, grok_delay, or "
                      "a rule such as \"test_accuracy > 0.9\"");
  command->add_option("--against", options->against,
                      "A second group of runs, to be compared with the first");
  command->add_flag("--json", options->is_json, "As JSON, for programs");
  command->footer(
      "Of files: for each series its changes, or none; spikes, which are no changes; when the run\n"
      "memorised and grokked. Of folders, or with --event or --against: how many runs came to the\n"
      "event, and the median step with its interval; runs that did not count as not by their last\n"
      "step. Two groups are compared by the log-rank test. docs/phase_changes.md says how.\n"
      "Examples:\n"
      "  grokscope phases quick.grok --metric test_loss,test_accuracy\n"
      "  grokscope phases decay\n"
      "  grokscope phases decay/weight_decay=0.5,* --against decay/weight_decay=1.5,* --event "
      "\"test_accuracy > 0.9\"");
  command->callback([options, &action] { action = [options] { return phases(*options); }; });
}

}  // namespace grok::cli
