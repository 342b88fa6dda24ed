#pragma once
// The phases of a run that groks, with their boundaries read off its own curves.

#include <cstdint>
#include <optional>

#include "grok/analysis/changepoint.h"

namespace grok {

/// Accuracy at which a split counts as learnt.
inline constexpr double learnt_accuracy = 0.99;

/// The curves that phases are read from. `excluded_loss` (2D, all (p - 1)/2 frequencies at
/// once, on train) may be empty; the others may not.
struct TrainingCurves {
  Series train_accuracy;
  Series test_accuracy;
  Series test_loss;
  Series excluded_loss;
};

/// Ends of the phases of Nanda et al. 2023. Each is none where the run has no such phase, or has
/// not come to its end.
struct Phases {
  std::optional<std::int64_t> memorized_step;  // first with train accuracy of at least 0.99
  std::optional<std::int64_t> grok_step;       // first with test accuracy of at least 0.99

  /// Where the excluded loss is least, from the memorized to the grok step: from here on the
  /// network leans on its key frequencies ever more. Without that curve, where the test loss is
  /// greatest. None if the run groks as it memorizes, or if the curve does not turn: the excluded
  /// loss must rise by a quarter again, the test loss fall by a tenth.
  std::optional<std::int64_t> memorization_end;
  /// Where the test loss falls fastest per step (see steepest_fall), between the end of
  /// memorization and the grok step. None without both.
  std::optional<std::int64_t> circuit_formation_end;
  /// Where the logarithm of the test loss has made 95% of its fall from the end of circuit
  /// formation to its least. None if it still falls: if the last tenth of the steps holds
  /// more than 5% of that fall.
  std::optional<std::int64_t> cleanup_end;
};

///   source   the phases: Nanda et al. 2023, arXiv:2301.05217, whose vertical lines at 1400, 9400
///   and
///            14000 were drawn by eye. The rules are ours.
Phases find_phases(const TrainingCurves& curves);

/// Steps from memorizing to grokking; none if either never happened.
std::optional<std::int64_t> grok_delay(const Phases& phases);

}  // namespace grok
