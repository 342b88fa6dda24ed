#include "grok/models/parts.h"

#include <algorithm>

#include "grok/analysis/modular_logits.h"
#include "grok/graph/graph.h"

namespace grok {
namespace {

std::string layer_weight(int i) { return "layers." + std::to_string(i) + ".W"; }

// Of a network of layers, without blocks.
int n_layers(const TaskData& task, const Params& model) {
  int n = 0;
  while (has_weight(task, model, layer_weight(n))) ++n;
  return n;
}

}  // namespace

bool has_weight(const TaskData& task, const Params& model, std::string_view name) {
  const auto infos = models::of(model).weights(model, model_sizes(task));
  return std::any_of(infos.begin(), infos.end(),
                     [&](const WeightInfo& info) { return info.name == name; });
}

std::optional<Shape> hook_shape(const TaskData& task, const Params& model, std::string_view hook) {
  Graph g;
  models::of(model).build(g, model, model_sizes(task),
                          {.tokens = g.constant(TokenTensor({1, task.n_ctx}))});
  const NodeId node = g.find_hook(hook);
  return node == no_node ? std::nullopt : std::optional(g.shape(node));
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

std::string embedding_weight(const TaskData& task, const Params& model) {
  if (has_weight(task, model, "embed.W_E")) return "embed.W_E";
  const bool is_one_hot = !task.features && has_weight(task, model, layer_weight(0));
  return is_one_hot ? layer_weight(0) : "";
}

std::string unembedding_weight(const TaskData& task, const Params& model) {
  if (has_weight(task, model, "unembed.W_U")) return "unembed.W_U";
  const int n = n_layers(task, model);
  return n > 1 ? layer_weight(n - 1) : "";
}

std::optional<LastNeurons> last_neurons(const TaskData& task, const Params& model) {
  const std::string W_U = unembedding_weight(task, model), block = last_block(task, model);
  if (W_U.empty()) return std::nullopt;
  if (has_weight(task, model, block + "mlp.W_out"))
    return LastNeurons{block + "mlp.hook_post", block + "mlp.W_out", W_U};
  const int n = n_layers(task, model);
  const int last = W_U == "unembed.W_U" ? n - 1 : n - 2;
  const std::string hook = "layers." + std::to_string(last) + ".hook_post";
  if (!hook_shape(task, model, hook)) return std::nullopt;
  return LastNeurons{hook, "", W_U};
}

bool has_modular_embedding(const TaskData& task, const Params& model) {
  return has_odd_modulus(task) && task.d_vocab >= *task.modulus &&
         !embedding_weight(task, model).empty();
}

bool has_modular_mlp(const TaskData& task, const Params& model) {
  return has_odd_modulus(task) && last_neurons(task, model);
}

}  // namespace grok
