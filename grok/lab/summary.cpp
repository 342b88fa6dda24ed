#include "grok/lab/summary.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "grok/analysis/neurons.h"
#include "grok/base/error.h"
#include "grok/lab/closing.h"
#include "grok/lab/foreign.h"
#include "grok/lab/keyframe.h"
#include "grok/spec/run_spec.h"
#include "grok/store/run_file.h"
#include "grok/store/safetensors_header.h"

namespace grok {
namespace {

std::optional<NeuronClusters> clusters_at(const RunFile& file, std::int64_t step) {
  const auto frequency = file.array_metric_at("neuron_frequency", step);
  const auto explained = file.array_metric_at("neuron_explained", step);
  if (!frequency || !explained || frequency->data.size() != explained->data.size())
    return std::nullopt;
  NeuronClusters out;
  out.n_neurons = static_cast<int>(frequency->data.size());
  for (std::size_t i = 0; i < frequency->data.size(); ++i) {
    if (!(explained->data[i] >= cluster_threshold)) continue;
    const double k = frequency->data[i];
    if (!(k >= 0 && k <= largest_frequency))
      throw Error(ErrorCode::damaged, file.path().string() +
                                          ": array metric neuron_frequency at step " +
                                          std::to_string(step) + ": unexpected " + real_text(k));
    ++out.n_in_clusters;
    ++out.by_frequency[static_cast<int>(k)];
  }
  return out;
}

// Share of each frequency in the squares of the spectrum, entry k-1 for frequency k.
std::vector<double> shares(const std::optional<DoubleTensor>& norms) {
  if (!norms) return {};
  double sum = 0;
  for (const double x : norms->data) sum += x * x;
  std::vector<double> out;
  for (const double x : norms->data) out.push_back(x * x / sum);
  return out;
}

std::vector<KeyFrequency> key_frequencies(const RunFile& file, const RunSummary& summary) {
  const std::vector<double> share =
      shares(file.array_metric_at("embedding_spectrum", summary.final_step));
  std::vector<KeyFrequency> out;
  for (const int k : key_frequencies_of(file)) {
    KeyFrequency key{.frequency = k};
    if (k >= 1 && static_cast<std::size_t>(k) <= share.size())
      key.embedding_share = share[static_cast<std::size_t>(k) - 1];
    if (summary.clusters) {
      const auto found = summary.clusters->by_frequency.find(k);
      key.n_neurons = found == summary.clusters->by_frequency.end() ? 0 : found->second;
    }
    out.push_back(key);
  }
  return out;
}

void add_final_metrics(const RunFile& file, RunSummary& out) {
  const std::vector<MetricPoint> losses = recorded_points(file, "all_loss");
  if (losses.empty()) return;
  out.final_step = losses.back().step;
  for (const MetricRow& row : file.metrics(out.final_step - 1))
    if (row.step == out.final_step) out.final[row.name] = row.value;
}

}  // namespace

std::optional<double> RunSummary::final_metric(const std::string& name) const {
  const auto found = final.find(name);
  return found == final.end() ? std::nullopt : std::optional(found->second);
}

RunSpec outline_of(const RunFile& file) {
  return naming_file(file, [&] {
    RunSpec spec = from_canonical_json(file.spec_json());
    const Value* steps = spec.train.find("steps");
    const bool is_known = spec.task.is_text("name") && spec.model.is_text("name") &&
                          spec.train.is_text("stop_when") && spec.train.contains("seed") && steps &&
                          std::holds_alternative<std::int64_t>(*steps);
    if (is_known) return spec;
    throw Error(ErrorCode::damaged,
                "the stored spec lacks task.name, model.name, train.steps, train.seed or "
                "train.stop_when; another program made or changed the file");
  });
}

RunSummary summarize(const RunFile& file) {
  RunSummary out;
  out.spec_digest = file.spec_digest();
  out.spec_json = file.spec_json();
  out.manifest_json = file.manifest_json();
  out.step_limit = outline_of(file).train.integer("steps");
  const std::optional<EndingEvent> ending = ending_of(file);
  if (ending) out.ending = ending->ending;
  if (ending) out.diverged = ending->what;
  out.origin = origin_of(file);
  out.seconds = training_seconds(file);
  out.is_closed = is_closed(file);
  const std::vector<std::int64_t> keyframes = file.keyframe_steps();
  out.n_keyframes = static_cast<std::int64_t>(keyframes.size());
  out.steps = file.last_step().value_or(0);
  add_final_metrics(file, out);
  out.phases = phases_of(file);
  out.phase_spans = phase_spans(out.phases, out.origin ? out.origin->step : 0);
  out.clusters = clusters_at(file, out.final_step);
  out.key_frequencies = key_frequencies(file, out);
  if (!keyframes.empty())
    out.weights_digest = naming_file(
        file, [&] { return weights_digest(weights_of(file.keyframe(keyframes.back()))); });
  return out;
}

}  // namespace grok
