#pragma once
// What is measured, and on what. A probe sees weights, not a trainer: the same probe measures a
// live run, a stored keyframe, a replayed step and a foreign weight file. To add one, copy gini.cpp
// and put its name into catalog.def.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grok/analysis/modular_logits.h"
#include "grok/analysis/neurons.h"
#include "grok/probes/captures.h"
#include "grok/store/moment.h"

namespace grok {

/// What probes have found at one step: numbers, and arrays (one value per frequency, head, neuron).
struct Measurements {
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<ArrayMetric> arrays;

  void add(std::string name, double value) { metrics.emplace_back(std::move(name), value); }
  /// An array of rank 1.
  void add(std::string name, std::span<const double> values);
  /// Null if there is none of that name.
  const double* metric(std::string_view name) const;
  const DoubleTensor* array(std::string_view name) const;
};

/// What a probe may look at. Values that several probes need are computed once per step, when first
/// asked for.
class ProbeInput {
 public:
  /// All that is handed in must outlive it. `captures` may be null where no probe asks for them.
  ProbeInput(const Params& model, const TaskData& task, const Weights& weights,
             const Captures* captures, std::span<const int> key_frequencies, ThreadPool& pool);

  const Params& model() const { return model_; }
  const TaskData& task() const { return task_; }
  const Weights& weights() const { return weights_; }
  ThreadPool& pool() const { return pool_; }
  /// Throws ContractBroken unless the probe has `hooks`.
  const Captures& captures() const;

  /// The frequencies that the finished network uses; empty while they are not yet known, and then
  /// only what is per frequency can be measured.
  std::span<const int> key_frequencies() const { return key_frequencies_; }

  /// The rest is for probes that apply to an odd modulus p only (parts.h).
  int p() const;
  /// Logits without '=', in double, [p * p, p], and their spectrum along a + b.
  Doubles class_logits() const;
  const SumSpectrum& spectrum() const;
  /// The rows of the embedding for the numbers 0 .. p-1, [p, d].
  std::vector<double> number_embedding() const;
  /// Norms of the p Fourier components of W_E, and of W_L = W_U W_out of the last layer, [p].
  Doubles embedding_components() const;
  Doubles neuron_logit_components() const;
  /// The frequency of each neuron of the last layer, [d_mlp].
  std::span<const NeuronFrequency> neurons() const;

 private:
  const Params& model_;
  const TaskData& task_;
  const Weights& weights_;
  const Captures* captures_;
  std::span<const int> key_frequencies_;
  ThreadPool& pool_;
  mutable std::vector<double> class_logits_, embedding_components_, neuron_logit_components_;
  mutable std::optional<SumSpectrum> spectrum_;
  mutable std::vector<NeuronFrequency> neurons_;
};

/// The curve of a metric of a run, as recorded; empty where there is none.
using CurveLookup = std::function<std::vector<MetricPoint>(std::string_view metric)>;

struct ProbeDef {
  std::string_view name;
  std::string_view meaning;  // one line
  std::string_view source;   // the paper, and where the definition stands
  /// Hook points and logits that it reads, and on which examples. Null: it reads only weights.
  std::vector<HookRequest> (*hooks)(const TaskData& task, const Params& model) = nullptr;
  /// Whether it has a meaning for this task and model. Null: always.
  bool (*applies)(const TaskData& task, const Params& model) = nullptr;
  /// What can be measured at any step. Null: nothing.
  void (*measure)(const ProbeInput& input, Measurements& out) = nullptr;
  /// What can be measured only once the key frequencies of the final weights are known; a run does
  /// so at its keyframes when it ends. Null: nothing.
  void (*measure_with_keys)(const ProbeInput& input, Measurements& out) = nullptr;
  /// What a finished run's curves tell, as events at the steps that they concern. Null: nothing.
  std::vector<Event> (*conclude)(const CurveLookup& curve) = nullptr;
  /// False of a probe that is slow, or measures much: it measures only where it is named.
  bool by_default = true;
};

namespace probes {
#define GROK_PROBE(name) const ProbeDef& name();
#include "grok/probes/catalog.def"
#undef GROK_PROBE

std::span<const ProbeDef* const> catalog();
/// Null if there is no probe of that name.
const ProbeDef* find(std::string_view name);
}  // namespace probes

/// Among all, a probe that has no meaning is left out; asked for by name, it is a mistake.
///   throws   Error{usage} that names it
void require_applicable(std::span<const std::string> names, const TaskData& task,
                        const Params& model);

/// The probes of a run, compiled once and measured again and again.
class ProbeSet {
 public:
  /// Probes that do not apply to the task or model are left out. `task` and `pool` must outlive it.
  ///   names   of the catalogue; where it is empty, all that measure by default
  ///   throws  Error{usage} on an unknown name
  ProbeSet(const Params& model, const TaskData& task, std::span<const std::string> names,
           ThreadPool& pool);

  /// Measures all probes on the given weights: the same bits for any number of threads.
  ///   throws  ContractBroken if a weight of the model is missing or has another shape
  Measurements measure(const Weights& weights);
  /// Only what needs the key frequencies. Nothing where there are none.
  Measurements measure_with_keys(const Weights& weights, std::span<const int> key_frequencies);
  /// Both in one.
  Measurements measure_all(const Weights& weights, std::span<const int> key_frequencies);
  /// What the curves of a finished run tell.
  std::vector<Event> conclude(const CurveLookup& curve) const;
  /// Key frequencies of these weights by the default rule (embedding_rule); empty where the task
  /// has no odd modulus or the model no such weights.
  ///   throws  as measure
  std::vector<int> key_frequencies(const Weights& weights) const;

  std::span<const ProbeDef* const> probes() const { return probes_; }

 private:
  using Measure = void (*ProbeDef::*)(const ProbeInput&, Measurements&);
  Measurements measure_part(const Weights& weights, std::span<const int> keys, Measure part);

  Params model_;
  const TaskData& task_;
  ThreadPool& pool_;
  std::vector<const ProbeDef*> probes_;
  std::vector<WeightInfo> infos_;
  std::unique_ptr<Captures> captures_;  // null if no probe reads any
};

}  // namespace grok
