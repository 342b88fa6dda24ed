#include "grok/lab/explain.h"

#include <algorithm>

#include "grok/base/error.h"
#include "grok/graph/graph.h"
#include "grok/lab/batch_loss.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/spec_schema.h"
#include "grok/lab/stored_size.h"
#include "grok/models/model.h"
#include "grok/plan/gradient.h"
#include "grok/plan/program.h"
#include "grok/probes/probe.h"
#include "grok/spec/schedule.h"
#include "grok/store/safetensors.h"
#include "grok/train/trainer.h"

namespace grok {
namespace {

void add_file_size(const RunSpec& spec, const TaskData& task, Explanation& out) {
  ThreadPool pool(1);
  Trainer trainer(spec, task, pool);
  const Checkpoint& first = trainer.checkpoint();
  for (const auto& [name, weight] : first.weights) out.n_weights += weight.shape.n_elements();
  out.keyframe_bytes =
      static_cast<std::int64_t>(encode_safetensors(keyframe_tensors(first)).size());
  const std::int64_t last = spec.train.integer("steps");
  out.n_keyframes = static_cast<std::int64_t>(keyframe_steps(spec, last).size());
  out.n_records = static_cast<std::int64_t>(record_steps(spec, last).size());
  ProbeSet probes(spec.model, task, probes_of(spec), pool);
  // How many key frequencies there will be is not known; how many is of little weight.
  const std::vector<int> some_keys = task.modulus ? std::vector<int>{1} : std::vector<int>{};
  Measurements record = probes.measure(first.weights);
  if (records_batch_loss(spec)) add_batch_loss(trainer, record);
  out.file_bytes =
      stored_file_bytes +
      out.n_keyframes * (stored_blob_bytes(out.keyframe_bytes) +
                         stored_bytes(probes.measure_with_keys(first.weights, some_keys))) +
      out.n_records * stored_bytes(record);
}

bool is_none(std::span<const std::string> passes) {
  const bool named = std::find(passes.begin(), passes.end(), "none") != passes.end();
  if (named && passes.size() > 1)
    throw Error(ErrorCode::usage, "passes: none stands alone: it means that no pass runs");
  return named;
}

PassTable run_passes(Graph& graph, std::span<const std::string> passes, Stage last) {
  PassTable table;
  table.written = cost_of(graph);
  if (!is_none(passes)) graph = optimize_reporting(graph, passes, table.passes, last);
  return table;
}

}  // namespace

Cost PassTable::saved(std::size_t i) const {
  const Cost& before = i == 0 ? written : passes[i - 1].after;
  const Cost& after = passes[i].after;
  return {before.n_ops - after.n_ops, before.flops - after.flops, before.bytes - after.bytes};
}

Explanation explain(const RunSpec& spec, std::span<const std::string> passes) {
  const TaskData task = tasks::data_of(spec.task);
  require_storable(spec, task);
  Explanation out;
  out.unoptimized_step = cost_of(training_graph(spec, task));
  Graph graph = loss_graph(spec, task);
  out.forward = run_passes(graph, passes, Stage::algebra);
  add_weight_gradients(graph, graph.find_output("loss"));
  out.step = run_passes(graph, passes, Stage::layout);
  for (NodeId id = 0; id < graph.size(); ++id) out.program.push_back(line_of(graph, id));
  out.arena_bytes = Program(std::move(graph), 1).arena_bytes();
  add_file_size(spec, task, out);
  return out;
}

}  // namespace grok
