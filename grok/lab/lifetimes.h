#pragma once
// When something first happened in each of many runs, or how long it has not.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grok/analysis/survival.h"
#include "grok/store/run_file.h"

namespace grok {

/// What is waited for: "memorized_step" and "grok_step", the first step with an accuracy of at
/// least 0.99 (learnt_accuracy) on the train and on the test split; "grok_delay", the steps from
/// the one to the other; or a rule, METRIC < NUMBER or METRIC > NUMBER, at the first record of
/// which it holds.
struct Waited {
  std::string text;

  /// throws   Error{usage} if it is none of these
  static Waited parse(const std::string& text);
};

/// One run's: the step, or the last record by which it had not happened. None if it had happened
/// when the run began from a fork, since the step is then its parent's; and if there is no record.
///   throws   Error{usage} if the run never recorded the metric of a rule
std::optional<Lifetime> lifetime_of(const RunFile& file, const Waited& event);

struct RunLifetime {
  std::filesystem::path path;
  std::string ending;  // as name_of(Ending); empty if it has not ended
  std::optional<Lifetime> lifetime;
};

/// A group of runs and what it says.
struct Lifetimes {
  std::vector<RunLifetime> runs;
  std::vector<Lifetime> known;  // those of the runs that have one
  SurvivalQuantile median;

  std::size_t n_events() const;
};

/// The run files among `paths` and in the folders among them (NAME.grok, not those deeper down), by
/// name.
///   throws   Error{not_found} if there is no such path, or no run in a folder
std::vector<std::filesystem::path> runs_at(const std::vector<std::string>& paths);

Lifetimes lifetimes_of(const std::vector<std::filesystem::path>& paths, const Waited& event,
                       double confidence);

/// Two groups against each other.
struct GroupComparison {
  std::optional<LogRank> log_rank;
  std::optional<double> permutation_p;
  std::optional<MedianRatio> ratio;  // of the second median to the first
};

GroupComparison compare_groups(const Lifetimes& a, const Lifetimes& b, double confidence);

}  // namespace grok
