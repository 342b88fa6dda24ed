#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Where each head looks from every position. Measured only where it is named: it grows with the
// square of the context.
//
//   attention_pattern [n_layers, n_heads, n_ctx, n_ctx]  attention (after softmax) of each query
//                     position, the third axis, to each position; mean over the sample (up to 64
//                     test examples). Kept as float32
//   source  Elhage et al. 2021, "A mathematical framework for transformer circuits"
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  const std::vector<std::string> layers = pattern_hooks(input.task(), input.model());
  const Shape shape = input.captures().shape(layers[0], Where::sample);
  const auto n = static_cast<std::size_t>(shape[0]);
  DoubleTensor mean(shape.with(0, static_cast<std::int64_t>(layers.size())));
  const std::size_t size = mean.data.size() / layers.size();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const ConstFloats patterns = input.captures().at(layers[l], Where::sample);
    const std::span<double> of_layer = mean.span().subspan(l * size, size);
    for (std::size_t i = 0; i < n * size; ++i)
      of_layer[i % size] += static_cast<double>(patterns[i]);
    for (double& x : of_layer) x /= static_cast<double>(n);
  }
  out.arrays.push_back(
      {.name = "attention_pattern", .values = std::move(mean), .precision = ArrayPrecision::f32});
}

}  // namespace

const ProbeDef& probes::attention_pattern() {
  static constexpr ProbeDef def{
      .name = "attention_pattern",
      .meaning = "mean attention of each head from every position to every position",
      .source = "Elhage et al. 2021, A mathematical framework for transformer circuits",
      .hooks = patterns_of_sample,
      .applies = has_attention,
      .measure = measure,
      .by_default = false};
  return def;
}

}  // namespace grok
