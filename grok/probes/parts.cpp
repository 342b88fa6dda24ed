#include "grok/probes/parts.h"

#include "grok/base/error.h"

namespace grok {

void require_weights(const Weights& weights, std::span<const WeightInfo> infos) {
  for (const WeightInfo& info : infos) {
    const Shape& shape = weights.at(info.name).shape;
    GROK_REQUIRE(shape == info.shape,
                 info.name + " is " + shape.to_string() + ", not " + info.shape.to_string());
  }
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
