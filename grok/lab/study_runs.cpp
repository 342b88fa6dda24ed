#include "grok/lab/study_runs.h"

#include "grok/lab/ending.h"
#include "grok/lab/sweep_names.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

constexpr double confidence = 0.9;

bool is_finished_run(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return false;
  return is_over(ending_of(RunFile::open(path, Access::read)));
}

std::vector<fs::path> finished_runs(const StudyGroup& group) {
  std::vector<fs::path> out;
  for (const SweepRun& run : group.plan.runs)
    if (fs::path path = group.folder / (run.name + ".grok"); is_finished_run(path))
      out.push_back(std::move(path));
  return out;
}

}  // namespace

std::vector<StudyGroup> groups_of(const Study& study, const fs::path& folder,
                                  const LoadPreset& load) {
  Waited::parse(study.event);
  std::vector<StudyGroup> out;
  for (const auto& overrides : {study.control, study.changed}) {
    StudyGroup group{.name = name_of_group(overrides), .folder = {}, .plan = {}};
    group.folder = folder / file_name(Value(group.name));
    group.plan = plan_sweep({.name = group.name,
                             .overrides = overrides,
                             .grid = {},
                             .seeds = study.seeds,
                             .load = load});
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
  StudyResult out{.study = study, .names = {}, .groups = {}, .n_planned = {}, .comparison = {}};
  for (const StudyGroup& group : groups) {
    out.names.push_back(group.name);
    out.n_planned.push_back(group.plan.runs.size());
    out.groups.push_back(lifetimes_of(finished_runs(group), {study.event}, confidence));
  }
  if (out.is_finished()) out.comparison = compare_groups(out.groups[0], out.groups[1], confidence);
  return out;
}

}  // namespace grok
