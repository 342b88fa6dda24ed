#include "grok/lab/parts_fit.h"

#include "grok/lab/keyframe.h"
#include "grok/tasks/batches.h"
#include "grok/train/trainer.h"

namespace grok {

void require_parts_fit(const RunSpec& spec) {
  const TaskData task = tasks::data_of(spec.task);
  loss_graph(spec, task);
  require_storable(spec, task);
  first_checkpoint(spec, task);
  if (spec.train.is_text("batch")) return;
  batches_of(task, spec.train.integer("batch"),
             static_cast<std::uint64_t>(spec.train.integer("seed")));
}

}  // namespace grok
