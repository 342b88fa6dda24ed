#include "grok/probes/parts.h"

#include <algorithm>

#include "grok/analysis/modular_logits.h"
#include "grok/base/error.h"
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

bool adds_modulo_odd(const TaskData& task, const Params&) { return is_odd_addition(task); }

SymbolRows symbol_rows(const TaskData& task, const Params& model, const Weights& weights,
                       std::int64_t begin, std::int64_t end) {
  SymbolRows out;
  const std::int64_t first = task.group->first;
  const Tensor& W_E = weights.at(embedding_weight(task, model));
  const auto d = static_cast<std::size_t>(W_E.shape[1]);
  const auto rows = W_E.span().subspan(static_cast<std::size_t>(first + begin) * d,
                                       static_cast<std::size_t>(end - begin) * d);
  out.embedding.assign(rows.begin(), rows.end());
  const std::string unembedding = unembedding_weight(task, model);
  if (unembedding.empty()) return out;
  const Tensor& W_U = weights.at(unembedding);
  for (std::int64_t symbol = first + begin; symbol < first + end; ++symbol)
    for (std::int64_t i = 0; i < W_U.shape[0]; ++i)
      out.unembedding.push_back(
          static_cast<double>(W_U.data[static_cast<std::size_t>(i * W_U.shape[1] + symbol)]));
  return out;
}

bool has_group(const TaskData& task, const Params& model, SymbolGroup::Kind kind) {
  if (!task.group || task.group->kind != kind) return false;
  const std::string W_E = embedding_weight(task, model);
  // One-hot rows are those of the first token, which is a symbol only where symbols come first.
  return W_E == "embed.W_E" || (!W_E.empty() && task.group->first == 0);
}

bool has_attention(const TaskData& task, const Params& model) {
  const int n = n_blocks(task, model);
  for (int i = 0; i < n; ++i)
    if (!has_weight(task, model, "blocks." + std::to_string(i) + ".attn.W_Q")) return false;
  return n > 0;
}

std::vector<std::string> pattern_hooks(const TaskData& task, const Params& model) {
  const char* const of_whole_example = "hook_pattern";
  std::vector<std::string> out;
  if (has_attention(task, model)) {
    for (int i = 0; i < n_blocks(task, model); ++i)
      out.push_back("blocks." + std::to_string(i) + ".attn.hook_pattern");
  } else if (hook_shape(task, model, of_whole_example)) {
    out.push_back(of_whole_example);
  }
  return out;
}

std::vector<HookRequest> logits_alone(const TaskData&, const Params&) { return {{"logits"}}; }

std::vector<HookRequest> neurons_alone(const TaskData& task, const Params& model) {
  return {{last_neurons(task, model)->hook}};
}

std::vector<HookRequest> patterns_to_answer(const TaskData& task, const Params& model) {
  std::vector<HookRequest> out;
  for (const std::string& hook : pattern_hooks(task, model)) out.push_back({hook, Where::answer});
  return out;
}

std::vector<HookRequest> patterns_of_sample(const TaskData& task, const Params& model) {
  std::vector<HookRequest> out;
  for (const std::string& hook : pattern_hooks(task, model)) out.push_back({hook, Where::sample});
  return out;
}

}  // namespace grok
