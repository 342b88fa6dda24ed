#pragma once
// A sweep as a table: one row for each run, in the order of the plan. Nothing but the column
// `seconds` depends on how many runs went at once.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/lab/sweep_plan.h"
#include "grok/lab/sweep_row.h"

namespace grok {

/// What `sweep_csv` wrote, as it stands in a folder.
struct SweepTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // a cell for each column
};

/// throws   Error{usage} if the text is not such a table; `source` is what the message calls it
SweepTable read_sweep_csv(std::string_view text, const std::string& source);

/// CSV with a head line: name, spec_digest, a column for each key of the grid, seed, ending, steps,
/// seconds, train_loss, test_loss, train_accuracy, test_accuracy, memorized_step, grok_step,
/// grok_delay, key_frequencies (separated by semicolons), weights_digest, error. What is not known,
/// or is no finite number, is empty.
///   former   the folder's table before this sweep. What it tells of a run that this sweep has not
///            yet come to stands until it does; its rows of other runs stand at the end, and its
///            columns beside those of the grid
std::string sweep_csv(const SweepPlan& plan, std::span<const SweepRow> rows,
                      const SweepTable& former = {});

/// The same as a JSON array of objects with those keys; what is empty in the table is null, key
/// frequencies are an array.
std::string sweep_json(const SweepPlan& plan, std::span<const SweepRow> rows);

}  // namespace grok
