#pragma once
// Which parts a task and a model have, by the names of the model's weights and hook points: what
// probes and terms of the loss ask before they read them.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/models/answers.h"

namespace grok {

bool has_weight(const TaskData& task, const Params& model, std::string_view name);
/// The shape of a hook point's value on one example; none if the model has no such hook point.
std::optional<Shape> hook_shape(const TaskData& task, const Params& model, std::string_view hook);

/// Number of blocks, by the names of the model's weights.
int n_blocks(const TaskData& task, const Params& model);
/// "blocks.1." of a model of two; "blocks.-1." of one without blocks, which no weight is named.
std::string last_block(const TaskData& task, const Params& model);

/// True if the task is a function mod an odd p of 3 or more, with a class for each residue. Other
/// moduli have no pair of waves for every frequency.
bool has_odd_modulus(const TaskData& task);
/// True if that function is addition, so that waves of a + b are what a network should learn.
bool is_odd_addition(const TaskData& task);

/// The weight in which each token has a row: "embed.W_E"; or the first layer of a network that
/// reads tokens one-hot, where the first d_vocab rows are those of the first token. Empty without
/// such.
std::string embedding_weight(const TaskData& task, const Params& model);
/// The weight in which each class has a column: "unembed.W_U", or the last layer. Empty without
/// such.
std::string unembedding_weight(const TaskData& task, const Params& model);

/// The neurons from which logits are made, and by which weights.
struct LastNeurons {
  std::string hook;   // their values behind the nonlinearity
  std::string W_out;  // what they write, [d_mlp, d_model]; empty where W_U reads them
  std::string W_U;    // [d_model, d_vocab_out]
};
/// Of a transformer those of the last block; none where no MLP is what the unembedding reads,
/// perhaps through a LayerNorm.
std::optional<LastNeurons> last_neurons(const TaskData& task, const Params& model);

/// An odd modulus, and an embedding with a row per token.
bool has_modular_embedding(const TaskData& task, const Params& model);
/// An odd modulus, and neurons from which logits are made.
bool has_modular_mlp(const TaskData& task, const Params& model);

}  // namespace grok
