#pragma once
// The phase changes of a run's recorded series.

#include <string>
#include <vector>

#include "grok/analysis/phase_changes.h"
#include "grok/lab/curves.h"
#include "grok/store/run_file.h"

namespace grok {

/// A number over time: a metric, or one number of an array metric.
struct NamedCurve {
  std::string name;  // "test_loss", "test_loss_by_position[2]", "hook[0,3]"
  Curve curve;
};

/// How many series one name may stand for.
inline constexpr std::int64_t most_series = 1024;

/// As the run recorded it in passing: NAME of a metric is one series, NAME of an array metric one
/// for each of its numbers, NAME[I] and NAME[I,J] one of them. Numbers that an array does not have
/// at some step are missing there.
///   throws   Error{usage} if nothing of that name was recorded, with the nearest name; if there is
///            no such number, or more than most_series of them
std::vector<NamedCurve> curves_named(const RunFile& file, const std::string& name);

/// Losses and accuracies of train and test split, or of the batches, as far as recorded.
std::vector<std::string> usual_metrics(const RunFile& file);

struct SeriesChanges {
  std::string name;
  std::int64_t first_step = 0, last_step = 0;
  PhaseChanges found;
};

/// throws   as curves_named
std::vector<SeriesChanges> changes_in(const RunFile& file, const std::vector<std::string>& metrics,
                                      const ChangeOptions& options);

}  // namespace grok
