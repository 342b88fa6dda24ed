#pragma once
// What is measured, and on what. A probe sees weights, not a trainer: the same probe measures a
// live run, a stored keyframe, a replayed step and a foreign weight file. To add one, copy gini.cpp
// and put its name into catalog.def.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grok/analysis/modular_logits.h"
#include "grok/probes/captures.h"
#include "grok/store/run_file.h"

namespace grok {

/// What probes have found at one step: numbers, and arrays (one value per frequency, head, neuron).
struct Measurements {
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<ArrayMetric> arrays;

  void add(std::string name, double value) { metrics.emplace_back(std::move(name), value); }
  void add(std::string name, std::span<const double> values);
};

/// What a probe may look at. Values that several probes need are computed once per step.
class ProbeInput {
 public:
  ProbeInput(const Params& model, const TaskData& task, const Weights& weights,
             const Captures& captures, std::span<const int> key_frequencies, ThreadPool& pool);

  const Params& model() const { return model_; }
  const TaskData& task() const { return task_; }
  const Weights& weights() const { return weights_; }
  const Captures& captures() const { return captures_; }
  ThreadPool& pool() const { return pool_; }

  /// The frequencies that the finished network uses; empty while they are not yet known, and then
  /// only what is per frequency can be measured.
  std::span<const int> key_frequencies() const { return key_frequencies_; }

  /// Of a task mod p: logits without '=', in double, [p * p, p], and their spectrum along a + b.
  const std::vector<double>& class_logits() const;
  const SumSpectrum& spectrum() const;

 private:
  const Params& model_;
  const TaskData& task_;
  const Weights& weights_;
  const Captures& captures_;
  std::span<const int> key_frequencies_;
  ThreadPool& pool_;
  mutable std::optional<std::vector<double>> class_logits_;
  mutable std::optional<SumSpectrum> spectrum_;
};

struct ProbeDef {
  std::string_view name;
  std::string_view meaning;  // one line
  std::string_view source;   // the paper, and where the definition stands
  /// Hook points that it reads, beside the logits. Null: none.
  std::vector<std::string> (*hooks)(const Params& model) = nullptr;
  /// Whether it has a meaning for this task and model. Null: always.
  bool (*applies)(const TaskData& task, const Params& model) = nullptr;
  /// What can be measured at any step. Null: nothing.
  void (*measure)(const ProbeInput& input, Measurements& out) = nullptr;
  /// What can be measured only once the key frequencies of the final weights are known; a run does
  /// so at its keyframes when it ends. Null: nothing.
  void (*measure_with_keys)(const ProbeInput& input, Measurements& out) = nullptr;
};

namespace probes {
#define GROK_PROBE(name) const ProbeDef& name();
#include "grok/probes/catalog.def"
#undef GROK_PROBE

std::span<const ProbeDef* const> catalog();
/// Null if there is no probe of that name.
const ProbeDef* find(std::string_view name);
}  // namespace probes

/// The probes of a run, compiled once and measured again and again.
class ProbeSet {
 public:
  /// Probes that do not apply to the task or model are left out. `task` and `pool` must outlive it.
  ///   names   of the catalogue; all where it is empty
  ///   throws  Error{usage} on an unknown name
  ProbeSet(const Params& model, const TaskData& task, std::span<const std::string> names,
           ThreadPool& pool);

  /// Measures all probes on the given weights.
  Measurements measure(const Weights& weights);
  /// Only what needs the key frequencies.
  Measurements measure_with_keys(const Weights& weights, std::span<const int> key_frequencies);
  /// Key frequencies of these weights by the default rule (embedding_rule); empty where the task
  /// has no modulus.
  std::vector<int> key_frequencies(const Weights& weights);

  std::span<const ProbeDef* const> probes() const { return probes_; }

 private:
  Params model_;
  const TaskData& task_;
  ThreadPool& pool_;
  std::vector<const ProbeDef*> probes_;
  std::unique_ptr<Captures> captures_;
};

}  // namespace grok
