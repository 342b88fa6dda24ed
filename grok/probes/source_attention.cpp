#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How much each head looks, from where the answer is read, at the token that decides it. In skip
// trigrams that is the key: a head that has found it has learnt its half of the trigram.
//
//   source_attention [n_layers, n_heads]  attention (after softmax) from the last position to the
//                                         source, mean over all examples; 0 to 1
//   source  Elhage et al. 2021, "A mathematical framework for transformer circuits" (skip
//           trigrams); Nanda et al. 2023, arXiv:2301.05217
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  const std::vector<std::string> layers = pattern_hooks(input.task(), input.model());
  const Tokens sources = input.task().sources.span();
  const Shape shape = input.captures().shape(layers[0]);  // [n_examples, n_heads, n_ctx]
  const auto n_heads = static_cast<std::size_t>(shape[1]),
             n_ctx = static_cast<std::size_t>(shape[2]);
  std::vector<double> all;
  for (const std::string& hook : layers) {
    const ConstFloats patterns = input.captures().at(hook);
    for (std::size_t h = 0; h < n_heads; ++h) {
      double sum = 0;
      for (std::size_t i = 0; i < sources.size(); ++i)
        sum += static_cast<double>(
            patterns[(i * n_heads + h) * n_ctx + static_cast<std::size_t>(sources[i])]);
      all.push_back(sum / static_cast<double>(sources.size()));
    }
  }
  out.arrays.push_back(
      {.name = "source_attention",
       .values = DoubleTensor({static_cast<std::int64_t>(layers.size()), shape[1]}, all)});
}

// A source for each example, and its one answer at the last position.
bool applies(const TaskData& task, const Params& model) {
  return task.sources.shape == Shape{task.n_examples()} && task.n_answers == 1 &&
         !task.has_positions() && task.answers_begin() == task.n_ctx - 1 &&
         !pattern_hooks(task, model).empty();
}

}  // namespace

const ProbeDef& probes::source_attention() {
  static constexpr ProbeDef def{
      .name = "source_attention",
      .meaning = "mean attention of each head from the answer to the token that decides it",
      .source = "Elhage et al. 2021, A mathematical framework for transformer circuits",
      .hooks = patterns_to_answer,
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
