#pragma once
// What symmetry gives away: where f(a, b) = f(b, a), a test pair whose mirror image was trained on
// is no test of anything but that symmetry.

#include <cstdint>
#include <optional>

#include "grok/tasks/task.h"

namespace grok {

struct MirrorLeak {
  std::int64_t n_test = 0;
  std::int64_t n_mirrored = 0;  // test examples whose mirror image is trained on
  double chance = 0;            // accuracy of always giving the most frequent trained answer

  double mirrored_share() const {
    return static_cast<double>(n_mirrored) / static_cast<double>(n_test);
  }
  /// Test accuracy, 0 to 1, of who knows the training examples by heart and that operands may be
  /// swapped, and else guesses.
  double baseline() const { return mirrored_share() + (1 - mirrored_share()) * chance; }
  /// The part of the way from the baseline to 1 that an accuracy has come: 0 at the baseline, 1 if
  /// all is right, below 0 under it.
  double adjusted(double accuracy) const { return (accuracy - baseline()) / (1 - baseline()); }
};

/// None unless the task has examples with one answer each that differ in exactly two positions, the
/// operands, each example's mirror image is an example with the same answer, and some are tested.
///   source   the effect: test accuracy .74 before grokking at p = 23 with 75% trained, in
///   published
///            runs of two-layer networks
std::optional<MirrorLeak> mirror_leak(const TaskData& task);

}  // namespace grok
