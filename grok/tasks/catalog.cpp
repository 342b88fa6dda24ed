#include "grok/base/catalog.h"

#include "grok/tasks/task.h"

namespace grok {

TokenTensor rows_of(const TokenTensor& from, std::span<const std::int32_t> examples) {
  TokenTensor out(from.shape.with(0, static_cast<std::int64_t>(examples.size())));
  const std::int64_t width = from.shape.product(1, from.shape.rank());
  auto to = out.data.begin();
  for (const std::int32_t row : examples)
    for (std::int64_t j = 0; j < width; ++j)
      *to++ = from.data[static_cast<std::size_t>(row * width + j)];
  return out;
}

namespace tasks {

std::span<const TaskDef* const> catalog() {
  static const TaskDef* const all[] = {
#define GROK_TASK(name) &name(),
#include "grok/tasks/catalog.def"
#undef GROK_TASK
  };
  return all;
}

const TaskDef* find(std::string_view name) { return find_entry(catalog(), name); }

TaskData data_of(const Params& section) {
  return entry_of(catalog(), "task", section.text("name")).make(section);
}

}  // namespace tasks
}  // namespace grok
