#pragma once
// The runs of a preset's studies (grok/spec/study.h): which they are, where they lie, and what they
// say.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "grok/lab/lifetimes.h"
#include "grok/lab/sweep_plan.h"
#include "grok/spec/study.h"

namespace grok {

/// A preset with overrides of its spec, as load_spec.
using LoadPreset = std::function<RunSpec(const std::vector<std::string>& overrides)>;

/// One group of runs, the same settings with each seed.
struct StudyGroup {
  std::string name;              // name_of_group
  std::filesystem::path folder;  // FOLDER/NAME, where plan.runs lie
  SweepPlan plan;
};

/// The control, then the changed ones.
///   folder   of the preset
///   throws   Error{usage} on mistakes of seeds, overrides or event; if the event's metric is not
///            recorded whenever anything is; and if the seeds change nothing
std::vector<StudyGroup> groups_of(const Study& study, const std::filesystem::path& folder,
                                  const LoadPreset& load);

struct StudyResult {
  Study study;
  std::vector<std::string> names;  // of the groups
  std::vector<Lifetimes> groups;   // of the runs that are finished
  std::vector<std::size_t> n_planned, n_diverged;
  std::optional<GroupComparison> comparison;  // once all are finished

  bool is_finished() const;
};

/// What the runs that are there say, with intervals of 90%.
StudyResult look_at_study(const Study& study, const std::vector<StudyGroup>& groups);

}  // namespace grok
