#include "grok/probes/probe.h"

// Sums of squares of weights, biases and embeddings included.
//
//   sum_squared_weights       over all tensors
//   sum_squared_weights.NAME  over one tensor, by its name: sum_squared_weights.embed.W_E
//   source  Nanda et al. 2023, arXiv:2301.05217, "sum of squared weights"
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  double total = 0;
  Measurements by_name;
  for (const auto& [name, tensor] : input.weights()) {
    double sum = 0;
    for (const float w : tensor.data) sum += static_cast<double>(w) * static_cast<double>(w);
    by_name.add("sum_squared_weights." + name, sum);
    total += sum;
  }
  out.add("sum_squared_weights", total);
  for (auto& [name, sum] : by_name.metrics) out.add(std::move(name), sum);
}

}  // namespace

const ProbeDef& probes::weight_norms() {
  static constexpr ProbeDef def{.name = "weight_norms",
                                .meaning = "sum of squared weights, in all and of each tensor",
                                .source = "Nanda et al. 2023, arXiv:2301.05217",
                                .measure = measure};
  return def;
}

}  // namespace grok
