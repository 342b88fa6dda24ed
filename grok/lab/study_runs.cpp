#include "grok/lab/study_runs.h"

#include <algorithm>

#include "grok/base/digest.h"
#include "grok/base/error.h"
#include "grok/lab/ending.h"
#include "grok/lab/sweep_names.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

constexpr double confidence = 0.9;

// A file that another spec's run has left there is not this one's.
bool is_finished_run(const SweepRun& run, const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return false;
  const RunFile file = RunFile::open(path, Access::read);
  return file.spec_digest() == run.spec_digest && is_over(ending_of(file));
}

std::vector<fs::path> finished_runs(const StudyGroup& group) {
  std::vector<fs::path> out;
  for (const SweepRun& run : group.plan.runs)
    if (fs::path path = group.folder / (run.name + ".grok"); is_finished_run(run, path))
      out.push_back(std::move(path));
  return out;
}

// Of another text another folder, also where their names come out alike.
std::string folder_name(const std::string& name) {
  const std::string out = file_name(Value(name));
  return out == name ? out : out + "-" + sha256_hex(name).substr(0, 8);
}

// A rule's metric is checked as that of train.stop_when is: it must be in every record.
void check_event(const std::string& event, const LoadPreset& load) {
  const std::string text = Waited::parse(event).text;
  if (text.find(' ') != std::string::npos) load({"train.stop_when=\"" + text + "\""});
}

std::size_t count_diverged(const Lifetimes& group) {
  return static_cast<std::size_t>(std::ranges::count(
      group.runs, "diverged", [](const RunLifetime& run) { return run.ending; }));
}

}  // namespace

std::vector<StudyGroup> groups_of(const Study& study, const fs::path& folder,
                                  const LoadPreset& load) {
  check_event(study.event, load);
  std::vector<StudyGroup> out;
  for (const auto& overrides : {study.control, study.changed}) {
    StudyGroup group{.name = name_of_group(overrides), .folder = {}, .plan = {}};
    group.folder = folder / folder_name(group.name);
    group.plan = plan_sweep({.name = group.name,
                             .overrides = overrides,
                             .grid = {},
                             .seeds = study.seeds,
                             .load = load});
    if (!group.plan.warning.empty())
      throw Error(ErrorCode::usage, "study of " + group.name + ": " + group.plan.warning);
    out.push_back(std::move(group));
  }
  return out;
}

bool StudyResult::is_finished() const {
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (groups[i].runs.size() < n_planned[i]) return false;
  return true;
}

StudyResult look_at_study(const Study& study, const std::vector<StudyGroup>& groups) {
  StudyResult out{.study = study,
                  .names = {},
                  .groups = {},
                  .n_planned = {},
                  .n_diverged = {},
                  .comparison = {}};
  for (const StudyGroup& group : groups) {
    out.names.push_back(group.name);
    out.n_planned.push_back(group.plan.runs.size());
    out.groups.push_back(lifetimes_of(finished_runs(group), {study.event}, confidence));
    out.n_diverged.push_back(count_diverged(out.groups.back()));
  }
  if (out.is_finished()) out.comparison = compare_groups(out.groups[0], out.groups[1], confidence);
  return out;
}

}  // namespace grok
