#include "grok/probes/parts.h"

#include <algorithm>

#include "grok/analysis/modular_logits.h"
#include "grok/base/error.h"

namespace grok {

bool has_weight(const TaskData& task, const Params& model, std::string_view name) {
  const auto infos = models::of(model).weights(model, model_sizes(task));
  return std::any_of(infos.begin(), infos.end(),
                     [&](const WeightInfo& info) { return info.name == name; });
}

void require_weights(const Weights& weights, std::span<const WeightInfo> infos) {
  for (const WeightInfo& info : infos) {
    const Shape& shape = weights.at(info.name).shape;
    GROK_REQUIRE(shape == info.shape,
                 info.name + " is " + shape.to_string() + ", not " + info.shape.to_string());
  }
}

int n_blocks(const TaskData& task, const Params& model) {
  const auto infos = models::of(model).weights(model, model_sizes(task));
  int n = 0;
  const auto is_next = [&](const WeightInfo& info) {
    return info.name.starts_with("blocks." + std::to_string(n) + ".");
  };
  while (std::any_of(infos.begin(), infos.end(), is_next)) ++n;
  return n;
}

std::string last_block(const TaskData& task, const Params& model) {
  return "blocks." + std::to_string(n_blocks(task, model) - 1) + ".";
}

bool has_odd_modulus(const TaskData& task) {
  return task.modulus && task.n_answers == 1 && *task.modulus >= 3 && *task.modulus % 2 == 1 &&
         task.d_vocab_out >= *task.modulus;
}

bool is_odd_addition(const TaskData& task) {
  return has_odd_modulus(task) &&
         std::ranges::equal(addition_labels(*task.modulus), task.labels.data);
}

bool has_modular_embedding(const TaskData& task, const Params& model) {
  return has_odd_modulus(task) && task.d_vocab >= *task.modulus &&
         has_weight(task, model, "embed.W_E");
}

bool has_modular_mlp(const TaskData& task, const Params& model) {
  return has_odd_modulus(task) && has_weight(task, model, "unembed.W_U") &&
         has_weight(task, model, last_block(task, model) + "mlp.W_out");
}

bool adds_modulo_odd(const TaskData& task, const Params&) { return is_odd_addition(task); }

std::vector<std::string> logits_alone(const TaskData&, const Params&) { return {}; }

std::vector<std::string> last_neurons(const TaskData& task, const Params& model) {
  return {last_block(task, model) + "mlp.hook_post"};
}

}  // namespace grok
