#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Where each head looks from the last position.
//
//   attention_to_tokens [n_layers, n_heads, n_ctx]  attention (after softmax) to each position,
//                                                   mean over all examples; rows sum to 1
//   source  Nanda et al. 2023, arXiv:2301.05217, section 4
namespace grok {
namespace {

bool applies(const TaskData& task, const Params& model) {
  return !pattern_hooks(task, model).empty();
}

std::vector<double> mean_over_examples(ConstFloats patterns, std::int64_t n_examples) {
  std::vector<double> mean(patterns.size() / static_cast<std::size_t>(n_examples));
  for (std::size_t i = 0; i < patterns.size(); i += mean.size())
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += static_cast<double>(patterns[i + j]);
  for (double& x : mean) x /= static_cast<double>(n_examples);
  return mean;
}

void measure(const ProbeInput& input, Measurements& out) {
  const std::vector<std::string> layers = pattern_hooks(input.task(), input.model());
  const Shape one = input.captures().shape(layers[0]).with(0, 1);  // [1, n_heads, n_ctx]
  std::vector<double> all;
  for (const std::string& hook : layers) {
    const auto mean = mean_over_examples(input.captures().at(hook), input.task().n_examples());
    all.insert(all.end(), mean.begin(), mean.end());
  }
  const auto n_layers = static_cast<std::int64_t>(layers.size());
  out.arrays.push_back(
      {.name = "attention_to_tokens", .values = DoubleTensor(one.with(0, n_layers), all)});
}

}  // namespace

const ProbeDef& probes::attention_to_tokens() {
  static constexpr ProbeDef def{
      .name = "attention_to_tokens",
      .meaning = "mean attention of each head from the last position to each position",
      .source = "Nanda et al. 2023, arXiv:2301.05217, section 4",
      .hooks = patterns_to_answer,
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
