#pragma once
// Where a task and a model meet: what the task asks of the model, and where in the model's logits
// the task's answers are read.

#include "grok/models/model.h"
#include "grok/tasks/task.h"

namespace grok {

ModelSizes model_sizes(const TaskData& task);

/// For a task whose answers move about: the rows of logits [n * n_ctx, classes] at which those of
/// `examples` are read, example by example.
///   out  [n * n_answers]
void write_answer_rows(const Examples& examples, std::span<Token> out);
TokenTensor answer_rows(const Examples& examples);

/// The logits of all answers, example by example: [n * n_answers, d_vocab_out].
///   logits  [n, n_ctx, d_vocab_out], or [n, 1, d_vocab_out] of a model with one answer per example
///   rows    as `answer_rows` gives them; no_node for a task whose answers have fixed positions
///   throws  Error{usage} if the task asks for more answers than the model gives
NodeId answer_logits(Graph& graph, const TaskData& task, NodeId logits, NodeId rows);

}  // namespace grok
