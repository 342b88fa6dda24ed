#pragma once
// When a run ends before its last step: stop_when = "test_loss < 1e-6".

#include <optional>
#include <string>
#include <string_view>

#include "grok/spec/run_spec.h"

namespace grok {

/// METRIC < NUMBER or METRIC > NUMBER.
struct StopRule {
  enum class Op { below, above };
  std::string metric;
  Op op = Op::below;
  double value = 0;

  /// False for nan: a run that diverged ends for another reason.
  bool holds(double metric_value) const {
    return op == Op::below ? metric_value < value : metric_value > value;
  }
  friend bool operator==(const StopRule&, const StopRule&) = default;
};

/// Nothing for the empty text: never. Throws Error{usage} that says what was expected.
std::optional<StopRule> parse_stop_rule(std::string_view text);

/// The one way to write a rule: "test_loss < 1e-06"; two spellings of one rule have one digest.
std::string stop_rule_text(const StopRule& rule);

/// The rule of a spec that was checked.
std::optional<StopRule> stop_rule(const RunSpec& spec);

}  // namespace grok
