#pragma once
// What a preset asks of many runs: whether a change of its settings makes something happen sooner
// or later than in a control, over the same seeds. Tables [[study]] at the end of the preset's
// file.
//
//   [[study]]
//   question = "Does the penalty delay grokking?"
//   event = "test_accuracy > 0.99"       # or grok_step, memorized_step, grok_delay
//   seeds = "0:19"                       # of train.seed, both included
//   control = ["terms.a.weight=0"]       # overrides of the preset; none: the preset itself
//   changed = ["terms.a.weight=0.01"]

#include <optional>
#include <string>
#include <vector>

#include "grok/spec/mistakes.h"
#include "grok/spec/schema.h"

namespace grok {

struct Study {
  std::string question, event, seeds;
  std::vector<std::string> control, changed;
};

/// "weight=0.01" for one of the groups; "as it is" for no overrides.
std::string name_of_group(const std::vector<std::string>& overrides);

/// One table, checked but for its event, seeds and overrides, which are when they are used;
/// nothing, with a mistake, if it is not sound.
std::optional<Study> check_study(const std::vector<FoundEntry>& entries, Mistakes& mistakes);

}  // namespace grok
