#pragma once
// A sweep as a table: one row for each run, in the order of the plan. Nothing but the column
// `seconds` depends on how many runs went at once.

#include <span>
#include <string>

#include "grok/lab/sweep_plan.h"
#include "grok/lab/sweep_row.h"

namespace grok {

/// CSV with a head line: name, spec_digest, a column for each key of the grid, seed, ending, steps,
/// seconds, train_loss, test_loss, train_accuracy, test_accuracy, memorized_step, grok_step,
/// grok_delay, key_frequencies (separated by semicolons), weights_digest, error. What is not known,
/// or is no finite number, is empty.
std::string sweep_csv(const SweepPlan& plan, std::span<const SweepRow> rows);

/// The same as a JSON array of objects with those keys; what is empty in the table is null, key
/// frequencies are an array.
std::string sweep_json(const SweepPlan& plan, std::span<const SweepRow> rows);

}  // namespace grok
