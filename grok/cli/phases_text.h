#pragma once
// The phase changes of runs, and groups of runs against each other, as people and programs read
// them.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grok/lab/lifetimes.h"
#include "grok/lab/run_changes.h"
#include "grok/tasks/mirror_leak.h"

namespace grok::cli {

/// All that is told of one run.
struct RunPhases {
  std::filesystem::path path;
  std::optional<Lifetime> memorized_step, grok_step, grok_delay;
  std::optional<MirrorLeak> leak;
  std::optional<double> plateau;  // test accuracy when the train split was learnt
  std::vector<SeriesChanges> series;
};

std::string phases_text(const std::vector<RunPhases>& runs, const ChangeOptions& options);
std::string phases_json(const std::vector<RunPhases>& runs, const ChangeOptions& options);

/// One group, or two with their comparison.
struct GroupReport {
  std::string event;
  double confidence = 0.9;
  std::vector<std::string> names;  // as they were asked for
  std::vector<Lifetimes> groups;   // as many
  std::optional<GroupComparison> comparison;
};

std::string groups_text(const GroupReport& report);
std::string groups_json(const GroupReport& report);

}  // namespace grok::cli
