#pragma once
// What a preset's run should come to, with the figure that was published and how far from it a run
// may be: tables [[expect]] at the end of the preset's file.
//
//   [[expect]]
//   first_step = "test_loss < 1.0"     # when the rule first holds; or
//   final = "test_loss"                # the last recorded value; or
//   value = "batch_loss"  at = 300     # the value recorded there; or
//   least = "test_loss"                # the smallest recorded; or
//   most = "test_loss"                 # the largest
//   index = 2                          # of an array metric: which number, counted from 0
//   published = 7583
//   within = [3800, 15200]             # what counts as reproduced, ends included
//   source = "Nanda et al. 2023, saved run"

#include <optional>
#include <string>
#include <vector>

#include "grok/spec/mistakes.h"
#include "grok/spec/schema.h"

namespace grok {

struct Expectation {
  enum class Kind { first_step, final, value, least, most };
  Kind kind = Kind::final;
  std::string metric;  // of first_step the whole rule
  std::int64_t at = 0;
  std::optional<std::int64_t> index;
  double published = 0;
  double low = 0, high = 0;
  std::string source;

  bool holds(double x) const { return low <= x && x <= high; }
};

/// "first step with test_loss < 1.0", "batch_loss at step 300", "last test_loss".
std::string text_of(const Expectation& expectation);

/// One table, checked; nothing, with a mistake, if it is not sound.
std::optional<Expectation> check_expectation(const std::vector<FoundEntry>& entries,
                                             Mistakes& mistakes);

}  // namespace grok
