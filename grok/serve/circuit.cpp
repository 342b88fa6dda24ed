#include "grok/serve/circuit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "grok/analysis/neurons.h"
#include "grok/analysis/pictures.h"
#include "grok/base/error.h"
#include "grok/base/float_environment.h"
#include "grok/models/answers.h"
#include "grok/models/products.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"
#include "grok/serve/attention.h"

namespace grok::serve {
namespace {

constexpr std::size_t most_frequencies = 1024;

ProbeInput input_of(const State& state, const Captures* captures) {
  return ProbeInput(state.spec().model, state.task(), state.weights(), captures, {}, state.pool());
}

// embedding: circle.K [p, 2] for each frequency K asked for, spectrum [n_freq]
Arrays embedding(const State& state, const Request& request) {
  const ProbeInput input = input_of(state, nullptr);
  const int p = input.p();
  const FourierBasis basis(p);
  const std::vector<double> rows = input.number_embedding();
  Arrays out;
  std::set<std::string> asked;
  for (const std::string& text : request.list("k", most_frequencies)) {
    if (!asked.insert(text).second) continue;
    Request one;
    one.target.query["k"] = text;
    const auto k = static_cast<int>(one.integer("k", 1, n_frequencies(p)));
    out.add_f32("circle." + text, {p, 2}, circle_of_frequency(basis, rows, k));
  }
  const std::vector<double> spectrum = frequency_norms(input.embedding_components());
  out.add("spectrum", {static_cast<std::int64_t>(spectrum.size())}, spectrum);
  return out;
}

// neurons: frequency [d_mlp], explained [d_mlp]
Arrays neurons(const State& state, const Request&) {
  const ProbeInput input = input_of(state, &state.captures());
  std::vector<double> frequency, explained;
  for (const NeuronFrequency& neuron : input.neurons()) {
    frequency.push_back(neuron.frequency);
    explained.push_back(neuron.explained);
  }
  const auto n = static_cast<std::int64_t>(frequency.size());
  Arrays out;
  out.add("frequency", {n}, frequency);
  out.add("explained", {n}, explained);
  return out;
}

// neuron: activation [p, p], row a, column b; spectrum [p, p], its 2D Fourier components
Arrays neuron(const State& state, const Request& request) {
  const std::string hook = last_neurons(state.task(), state.spec().model)->hook;
  const Captures& captures = state.captures();
  const std::int64_t n_neurons = captures.shape(hook)[1];
  const std::int64_t index = request.integer("neuron", 0, n_neurons - 1);
  const int p = *state.task().modulus;
  const ConstFloats all = captures.at(hook);
  std::vector<double> activation;
  for (std::int64_t row = 0; row < static_cast<std::int64_t>(p) * p; ++row)
    activation.push_back(
        static_cast<double>(all[static_cast<std::size_t>(row * n_neurons + index)]));
  Arrays out;
  out.add_f32("activation", {p, p}, activation);
  out.add_f32("spectrum", {p, p}, spectrum_of_pairs(FourierBasis(p), activation));
  return out;
}

// logits: by_distance [p], spectrum [p, p] of the logits, cos_coefficients [n_freq]
Arrays logits(const State& state, const Request&) {
  const ProbeInput input = input_of(state, &state.captures());
  const int p = input.p();
  const std::vector<double> coefficients = cos_coefficients(input.spectrum());
  Arrays out;
  out.add("by_distance", {p}, logits_by_distance(input.class_logits(), p));
  out.add("cos_coefficients", {static_cast<std::int64_t>(coefficients.size())}, coefficients);
  out.add_f32("spectrum", {p, p}, spectrum_of_pairs(FourierBasis(p), input.class_logits()));
  return out;
}

// heads: to_first [n_layers, n_heads, p, p], attention from the answer to a, row a, column b
Arrays heads(const State& state, const Request&) {
  const std::vector<std::string> layers = pattern_hooks(state.task(), state.spec().model);
  const Captures& captures = state.captures();
  const Shape shape = captures.shape(layers.front());  // [n_examples, n_heads, n_ctx]
  const std::int64_t n_heads = shape[1], n_ctx = shape[2];
  const std::int64_t p = *state.task().modulus, n_layers = static_cast<std::int64_t>(layers.size());
  std::vector<float> to_first;
  for (const std::string& hook : layers) {
    const ConstFloats pattern = captures.at(hook);
    for (std::int64_t head = 0; head < n_heads; ++head)
      for (std::int64_t row = 0; row < p * p; ++row)
        to_first.push_back(pattern[static_cast<std::size_t>((row * n_heads + head) * n_ctx)]);
  }
  Arrays out;
  out.add_f32("to_first", {n_layers, n_heads, p, p}, ConstFloats(to_first));
  return out;
}

bool looks_at_pairs(const TaskData& task, const Params& model) {
  return task.modulus && !pattern_hooks(task, model).empty();
}

constexpr std::array<CircuitPart, 6> parts{{{"embedding", has_modular_embedding, embedding},
                                            {"neurons", has_modular_mlp, neurons},
                                            {"neuron", has_modular_mlp, neuron},
                                            {"logits", adds_modulo_odd, logits},
                                            {"heads", looks_at_pairs, heads},
                                            {"attention", has_attention, attention_arrays}}};

}  // namespace

std::span<const CircuitPart> circuit_parts() { return parts; }

std::vector<std::string> parts_of(const State& state) {
  std::vector<std::string> out;
  for (const CircuitPart& part : parts)
    if (part.applies(state.task(), state.spec().model)) out.emplace_back(part.name);
  return out;
}

Arrays circuit_arrays(const State& state, std::string_view name, const Request& request) {
  const auto part = std::find_if(parts.begin(), parts.end(),
                                 [&](const CircuitPart& one) { return one.name == name; });
  if (part == parts.end())
    throw Error(ErrorCode::not_found, "no picture of a circuit named " + std::string(name));
  if (!part->applies(state.task(), state.spec().model))
    throw Error(ErrorCode::unsupported,
                "the picture " + std::string(name) + " has no meaning for this task and model");
  const std::lock_guard lock(state.mutex());
  const FlushDenormals flush;
  return part->arrays(state, request);
}

}  // namespace grok::serve
