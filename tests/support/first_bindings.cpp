#include "tests/support/first_bindings.h"

#include "grok/models/answers.h"
#include "grok/tasks/generated.h"

namespace grok {

Bindings first_bindings(const RunSpec& spec, const TaskData& task) {
  Bindings out = in_double(first_weights(spec, task));
  out.tokens.add("step", TokenTensor({1}));
  for (const auto& [label, tensor] : first_checkpoint(spec, task).terms) {
    DoubleTensor& mask = out.reals.add("terms." + label, DoubleTensor(tensor.shape));
    for (std::size_t i = 0; i < mask.data.size(); ++i) mask.data[i] = i % 4 < 2 ? 0 : 1;
  }
  if (spec.train.is_text("batch")) return out;  // "full": the training split is a constant
  const std::int64_t size = spec.train.integer("batch");
  Examples batch = room_for(size, task.n_ctx, task.n_answers, task.has_positions());
  batches_of(task, size, static_cast<std::uint64_t>(spec.train.integer("seed")))->fill(0, batch);
  if (task.has_positions()) out.tokens.add("answer_rows", answer_rows(batch));
  batch.labels.shape = Shape{batch.labels.shape.n_elements()};
  out.tokens.add("tokens", std::move(batch.tokens));
  out.tokens.add("labels", std::move(batch.labels));
  return out;
}

}  // namespace grok
