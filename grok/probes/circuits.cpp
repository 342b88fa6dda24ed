#include "grok/probes/head_circuits.h"
#include "grok/probes/parts.h"

// Whether each head copies, and whether it looks at what is like the query: the sum of the real
// parts of a circuit's eigenvalues over the sum of their moduli, -1 to 1; 0 where all are 0. The
// circuits are those of head_circuits.h, without norms, positions and biases.
//
//   ov_copying_score [n_layers, n_heads]   of W_E W_V W_O W_U: near 1 where a token raises its own
//                                          logit; only where tokens and classes are as many
//   qk_matching_score [n_layers, n_heads]  of W_E W_Q W_K^T W_E^T: near 1 where a token looks at
//                                          tokens like itself
//   source  Elhage et al. 2021, "A mathematical framework for transformer circuits" (eigenvalues,
//           copying); the same of QK circuits is ours
namespace grok {
namespace {

void add_score(const char* name, const CircuitEigenvalues& circuits, Measurements& out) {
  DoubleTensor scores({circuits.n_layers, circuits.n_heads});
  for (std::size_t i = 0; i < circuits.of_head.size(); ++i) {
    double real = 0, moduli = 0;
    for (const Eigenvalue& e : circuits.of_head[i]) {
      real += e.real;
      moduli += e.modulus();
    }
    scores.data[i] = moduli == 0 ? 0 : real / moduli;
  }
  out.arrays.push_back({.name = name, .values = std::move(scores)});
}

void measure(const ProbeInput& input, Measurements& out) {
  if (has_ov_circuit(input.task(), input.model()))
    add_score("ov_copying_score", ov_eigenvalues(input), out);
  add_score("qk_matching_score", qk_eigenvalues(input), out);
}

}  // namespace

const ProbeDef& probes::circuits() {
  static constexpr ProbeDef def{
      .name = "circuits",
      .meaning = "whether each head copies tokens, and whether it looks at tokens like the query",
      .source = "Elhage et al. 2021, A mathematical framework for transformer circuits",
      .applies = has_qk_circuit,
      .measure = measure};
  return def;
}

}  // namespace grok
