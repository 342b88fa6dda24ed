#include "grok/probes/head_circuits.h"
#include "grok/probes/parts.h"

// The eigenvalues of each head's circuits that are not nothing (head_circuits.h), by modulus, the
// largest first. Measured only where it is named.
//
//   ov_eigenvalues [n_layers, n_heads, d_head, 2]  of W_E W_V W_O W_U: real and imaginary parts;
//                                                  only where tokens and classes are as many
//   qk_eigenvalues [n_layers, n_heads, d_head, 2]  of W_E W_Q W_K^T W_E^T
//   source  Elhage et al. 2021, "A mathematical framework for transformer circuits"
namespace grok {
namespace {

void add_eigenvalues(const char* name, const CircuitEigenvalues& circuits, Measurements& out) {
  std::vector<double> numbers;
  for (const auto& head : circuits.of_head)
    for (const Eigenvalue& e : head) {
      numbers.push_back(e.real);
      numbers.push_back(e.imaginary);
    }
  const Shape shape{circuits.n_layers, circuits.n_heads, circuits.d_head, 2};
  out.arrays.push_back({.name = name, .values = DoubleTensor(shape, numbers)});
}

void measure(const ProbeInput& input, Measurements& out) {
  if (has_ov_circuit(input.task(), input.model()))
    add_eigenvalues("ov_eigenvalues", ov_eigenvalues(input), out);
  add_eigenvalues("qk_eigenvalues", qk_eigenvalues(input), out);
}

}  // namespace

const ProbeDef& probes::circuit_eigenvalues() {
  static constexpr ProbeDef def{
      .name = "circuit_eigenvalues",
      .meaning = "the eigenvalues of each head's OV and QK circuits",
      .source = "Elhage et al. 2021, A mathematical framework for transformer circuits",
      .applies = has_qk_circuit,
      .measure = measure,
      .by_default = false};
  return def;
}

}  // namespace grok
