#pragma once
// A run whose step is measured: its task, and what a step trains on, drawn beforehand. So drawing
// counts for nobody, and a peer can be handed the very same work.

#include <filesystem>
#include <string>
#include <vector>

#include "grok/spec/run_spec.h"
#include "grok/tasks/task.h"

namespace grok::bench {

struct StepCase {
  std::string name;
  RunSpec spec;
  /// Where a step trains on some examples at a time, steps take `batches` in turn, by copying.
  TaskData task;
  /// The first ones of the run; the whole training split alone, where a step trains on that.
  std::vector<Examples> batches;
  /// Milliseconds that drawing one took, by the clock; 0 for the whole split.
  double draw_ms = 0;
};

StepCase step_case(std::string name, RunSpec spec);

/// The spec whose step trains on the whole training split of the task that is given to it.
RunSpec full_batch(RunSpec spec);

/// Writes all that a peer needs for the same steps, as a safetensors file; numbers of tokens are
/// float32 there, which holds them exactly.
///
///   metadata   spec    canonical JSON
///              sizes   JSON: n_ctx, d_vocab, d_vocab_out, n_answers, answers_begin, n_batches
///   tensors    weights.NAME, the first weights, in TransformerLens's layout
///              batch.0.PART, batch.1.PART .. and test.PART, where PART is tokens [n, n_ctx],
///              labels [n, n_answers], positions [n, n_answers] if answers move about, targets [n,
///              d_vocab_out] if they are numbers features [d_vocab, d_features] if the task has
///              such
void write_for_peer(const StepCase& c, const std::filesystem::path& path);

}  // namespace grok::bench
