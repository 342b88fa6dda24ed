#include "grok/models/answers.h"

#include "grok/base/error.h"
#include "grok/ops/catalog.h"

namespace grok {

ModelSizes model_sizes(const TaskData& task) {
  return {.d_vocab = task.d_vocab,
          .d_vocab_out = task.d_vocab_out,
          .n_ctx = task.n_ctx,
          .features = task.features};
}

void write_answer_rows(const Examples& examples, std::span<Token> out) {
  const auto n_ctx = static_cast<std::size_t>(examples.tokens.shape[1]);
  const auto n_answers = static_cast<std::size_t>(examples.positions.shape[1]);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<Token>(i / n_answers * n_ctx) + examples.positions.data[i];
}

TokenTensor answer_rows(const Examples& examples) {
  TokenTensor out(Shape{examples.positions.shape.n_elements()});
  write_answer_rows(examples, out.span());
  return out;
}

NodeId answer_logits(Graph& g, const TaskData& task, NodeId logits, NodeId rows) {
  const Shape shape = g.shape(logits);
  const std::int64_t n = shape[0], n_ctx = shape[1], classes = shape[2];
  const auto reshaped = [&](NodeId node, std::int64_t n_rows) {
    return g.add(ops::reshape(), {node}, {{"shape", std::vector<std::int64_t>{n_rows, classes}}});
  };
  if (n_ctx != task.n_ctx) {  // a model that answers for the whole example
    if (n_ctx != task.n_answers || rows != no_node)
      throw Error(ErrorCode::usage,
                  "model.name: the model gives one answer per example, the task "
                  "asks for " +
                      std::to_string(task.n_answers));
    return reshaped(logits, n * n_ctx);
  }
  if (rows != no_node) return g.add(ops::gather_rows(), {reshaped(logits, n * n_ctx), rows});
  const std::int64_t begin = task.answers_begin(), end = begin + task.n_answers;
  GROK_REQUIRE(0 <= begin && end <= n_ctx, "answers at " + std::to_string(begin) + " to " +
                                               std::to_string(end) + " of " + shape.to_string());
  const NodeId answers =
      g.add(ops::slice(), {logits}, {{"axis", 1}, {"begin", begin}, {"end", end}});
  return reshaped(answers, n * task.n_answers);
}

}  // namespace grok
