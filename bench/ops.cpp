#include <algorithm>
#include <set>

#include "bench/cases.h"
#include "bench/copy.h"
#include "bench/kernel_rows.h"
#include "bench/measure.h"
#include "grok/plan/pass.h"
#include "grok/train/trainer.h"

namespace grok::bench {
namespace {

// Values that neither grow nor vanish whatever an op does with them.
Constant filled(const TensorType& type) {
  const auto fill = [&](auto tensor) -> Constant {
    for (std::size_t i = 0; i < tensor.data.size(); ++i)
      tensor.data[i] = static_cast<typename decltype(tensor.data)::value_type>(
          static_cast<double>(i % 101) * 0.01 - 0.5);
    return tensor;
  };
  if (type.dtype == DType::f32) return fill(Tensor(type.shape));
  if (type.dtype == DType::f64) return fill(DoubleTensor(type.shape));
  return TokenTensor(type.shape);  // the first row, the first class
}

// One node of a graph as a graph of its own; its constants keep their values.
Graph alone(const Graph& graph, const Node& node) {
  Graph out;
  std::vector<NodeId> inputs;
  for (const NodeId input : node.inputs) {
    const auto& constant = graph[input].constant;
    inputs.push_back(out.constant(constant ? *constant : filled(graph[input].type)));
  }
  const NodeId copy = out.add_copy(node, inputs);
  out.put_into_region(copy, 0);
  out.output("y", copy);
  return out;
}

// What tells one use of an op from another: "matmul f32[227, 128] f32[128, 512] transpose_b=1".
std::string signature(const Graph& graph, const Node& node) {
  std::string out(node.op->name);
  for (const TensorType& type : graph.input_types(node)) out += " " + type.to_string();
  const std::string attributes = node.attributes.to_string();
  return attributes.empty() ? out : out + " " + attributes;
}

struct Subject {
  std::string name;
  std::string call;
  Cost cost;
  int n_uses = 1;  // in one step
  std::function<void()> work;
};

Json row_of(const Subject& subject, ThreadPool& pool, const Options& options) {
  Copy copy(subject.cost.bytes);
  const std::function<double()> contestants[] = {per_call(pool, subject.work),
                                                 per_call(pool, [&] { copy.run(pool); })};
  const Neighbours neighbours;
  const auto found = alternate(options.n_rounds, contestants);
  const double ms = median(found[0]);
  return {{"kind", "op"},
          {"name", subject.name},
          {"call", subject.call},
          {"threads", pool.n_threads()},
          {"uses", subject.n_uses},
          {"us", ms * 1e3},
          {"flops", subject.cost.flops},
          {"gflops", subject.cost.flops / ms * 1e-6},
          {"bytes", subject.cost.bytes},
          {"gb_per_s", subject.cost.bytes / ms * 1e-6},
          {"copy_gb_per_s", subject.cost.bytes / median(found[1]) * 1e-6},
          {"copy_fraction", median(found[1]) / ms},
          {"rounds", options.n_rounds},
          {"noisy", is_scattered(found[0]) || (pool.n_threads() > 1 && neighbours.are_noisy())}};
}

}  // namespace

void add_ops(const Options& options, ThreadPool& pool, Json& rows) {
  const Case& canonical = cases()[0];
  const RunSpec spec = spec_of(canonical);
  const TaskData task = tasks::data_of(spec.task);
  const Graph graph = optimized_training_graph(spec, task);
  std::map<std::string, int> uses;
  const auto is_instruction = [&](const Node& node) { return !is_leaf(node) && node.op->forward; };
  for (NodeId id = 0; id < graph.size(); ++id)
    if (is_instruction(graph[id])) ++uses[signature(graph, graph[id])];
  std::set<std::string> done;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    const std::string call = is_instruction(node) ? signature(graph, node) : "";
    if (call.empty() || !options.wants(node.op->name) || !done.insert(call).second) continue;
    Program program(alone(graph, node), pool.n_threads());
    const Subject subject{std::string(node.op->name), call, cost_of(program.graph()), uses[call],
                          [&] { program.run(pool); }};
    rows.push_back(row_of(subject, pool, options));
  }
}

}  // namespace grok::bench
