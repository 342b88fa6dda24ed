#pragma once
// What a preset's run came to, held against what was published (grok/spec/expectation.h), and what
// its studies say.

#include <optional>
#include <string>
#include <vector>

#include "grok/lab/study_runs.h"
#include "grok/spec/expectation.h"
#include "grok/store/run_file.h"

namespace grok {

struct Finding {
  Expectation expectation;
  /// Nothing where the run has no such number: the rule never held, nothing of that name was
  /// recorded there.
  std::optional<double> found;

  bool is_reproduced() const { return found && expectation.holds(*found); }
};

/// What the run recorded, or a replay since; but when a rule first held is told by the former
/// alone.
std::optional<double> find_expected(const RunFile& file, const Expectation& expectation);

std::vector<Finding> findings_in(const RunFile& file, const std::vector<Expectation>& expectations);

/// A preset, and what is known of its run.
struct Reproduction {
  std::string preset;
  std::string about;  // the comment that the preset begins with
  bool is_finished = false;
  std::int64_t last_step = 0;
  std::vector<Finding> findings;  // with nothing found, if the run is not finished
  std::vector<StudyResult> studies;

  /// All that it asks for has been run.
  bool is_complete() const;
};

}  // namespace grok
