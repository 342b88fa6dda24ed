#include "grok/lab/sweep_row.h"

#include <new>

#include "grok/base/error.h"
#include "grok/lab/spec_schema.h"
#include "grok/lab/summary.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

std::string ending_text(const RunSummary& summary) {
  if (!summary.ending) return "";
  const bool is_whole = *summary.ending == Ending::interrupted || summary.is_closed;
  return std::string(name_of(is_whole ? *summary.ending : Ending::interrupted));
}

SweepRow row_of(const RunSummary& summary) {
  SweepRow row;
  row.ending = ending_text(summary);
  row.steps = summary.steps;
  row.seconds = summary.seconds;
  row.train_loss = summary.final_metric("train_loss");
  row.test_loss = summary.final_metric("test_loss");
  row.train_accuracy = summary.final_metric("train_accuracy");
  row.test_accuracy = summary.final_metric("test_accuracy");
  row.memorized_step = summary.phases.memorized_step;
  row.grok_step = summary.phases.grok_step;
  row.grok_delay = grok_delay(summary.phases);
  for (const KeyFrequency& key : summary.key_frequencies)
    row.key_frequencies.push_back(key.frequency);
  row.weights_digest = summary.weights_digest;
  return row;
}

// What the file holds of this run; an empty row if nothing is there, or another run.
SweepRow stored_row(const SweepRun& run, const fs::path& path) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path, error))) return {};
  const RunFile file = RunFile::open(path, Access::read);
  return stored_spec(file.spec_json()) == run.spec ? row_of(summarize(file)) : SweepRow{};
}

SweepRow run_or_throw(const SweepRun& run, const fs::path& path, const RunOptions& options) {
  SweepRow before = stored_row(run, path);
  if (before.is_finished()) return before;
  grok::run(run.spec, path, options);
  return stored_row(run, path);
}

// What was recorded before it failed is still worth telling, if it can be read.
SweepRow failed_row(const SweepRun& run, const fs::path& path, const std::string& error) {
  SweepRow row;
  try {
    row = stored_row(run, path);
  } catch (const std::exception&) {
    row = {};  // `error` says why
  }
  row.ending = "failed";
  row.error = error;
  for (char& c : row.error)
    if (c == '\n' || c == '\r') c = ' ';
  return row;
}

}  // namespace

SweepRow run_row(const SweepRun& run, const fs::path& path, const RunOptions& options) noexcept {
  try {
    return run_or_throw(run, path, options);
  } catch (const std::bad_alloc&) {
    return failed_row(run, path, "out of memory");
  } catch (const std::exception& error) {
    return failed_row(run, path, error.what());
  } catch (...) {
    return failed_row(run, path, "unknown exception");
  }
}

}  // namespace grok
