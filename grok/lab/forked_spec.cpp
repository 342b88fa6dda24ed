#include "grok/base/error.h"
#include "grok/lab/fork.h"
#include "grok/lab/spec_schema.h"
#include "grok/spec/toml_text.h"
#include "grok/train/trainer.h"

namespace grok {
namespace {

void refuse(const std::string& why) { throw Error(ErrorCode::usage, "fork: " + why); }

// The first weights come from the parent, however the spec would draw them.
void check_init(const RunSpec& parent, const RunSpec& child) {
  for (const auto& [key, value] : child.model) {
    const Value* before = parent.model.find(key);
    if (key.starts_with("init") && before && *before != value)
      refuse("model." + key + " has no effect: the weights are the parent's");
  }
}

// In a fork of a run on the full batch nothing is left for it to act on.
void check_seed(const RunSpec& parent, const RunSpec& child) {
  if (child.train.integer("seed") != parent.train.integer("seed") && child.train.is_text("batch"))
    refuse(
        "train.seed has no effect: the weights are the parent's, and the split has a seed of its "
        "own; set task.split_seed");
}

void check_shapes(const RunSpec& parent, const RunSpec& child) {
  const auto before = weight_infos(parent, tasks::data_of(parent.task));
  const auto after = weight_infos(child, tasks::data_of(child.task));
  const auto text = [](const std::vector<WeightInfo>& infos, std::size_t i) {
    return i < infos.size() ? infos[i].name + " " + infos[i].shape.to_string() : "nothing";
  };
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i)
    if (text(before, i) != text(after, i))
      refuse("the parent has " + text(before, i) + " where the fork would have " + text(after, i) +
             "; what changes the weights' shapes needs a run of its own");
}

}  // namespace

RunSpec forked_spec(const RunSpec& parent, std::int64_t step,
                    const std::vector<std::string>& overrides) {
  RunSpec child = parse_spec(toml_text(parent), "the parent's spec", overrides, spec_schema());
  check_init(parent, child);
  check_seed(parent, child);
  check_shapes(parent, child);
  const std::int64_t steps = child.train.integer("steps");
  if (steps <= step)
    refuse("train.steps is " + std::to_string(steps) +
           ", which leaves nothing to train after step " + std::to_string(step) +
           "; set it higher");
  return child;
}

}  // namespace grok
