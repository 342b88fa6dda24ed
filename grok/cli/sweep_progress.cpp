#include "grok/cli/sweep_progress.h"

#include "grok/cli/format.h"

namespace grok::cli {
namespace {

std::string count(std::size_t n) { return grouped(static_cast<std::int64_t>(n)); }

std::string row_text(const SweepRow& row) {
  if (row.is_failed()) return "failed: " + row.error;
  std::string out = row.ending;
  if (row.steps) out += " at step " + grouped(*row.steps);
  if (row.grok_step) out += ", grokked at step " + grouped(*row.grok_step);
  if (row.seconds) out += ", " + duration(*row.seconds);
  return out;
}

}  // namespace

void SweepProgress::on_row(const SweepRun& run, const SweepRow& row, const SweepState& state) {
  live_.note(right(count(state.n_ended), count(state.n_runs).size()) + " of " +
             count(state.n_runs) + "  " + run.name + ": " + row_text(row));
}

void SweepProgress::on_tick(const SweepState& state) {
  speed_.at(state.steps_done);
  std::string text = count(state.n_ended) + " of " + count(state.n_runs) + " done, " +
                     count(state.n_running) + " running";
  if (state.n_failed > 0) text += ", " + count(state.n_failed) + " failed";
  live_.draw(text + speed_.text(state.steps_left));
}

}  // namespace grok::cli
