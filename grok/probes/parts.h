#pragma once
// Which parts a task and a model have: what probes ask before they measure.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/models/answers.h"
#include "grok/spec/params.h"
#include "grok/tasks/task.h"

namespace grok {

bool has_weight(const TaskData& task, const Params& model, std::string_view name);
/// Throws ContractBroken unless every weight of the model is there, in its shape.
void require_weights(const Weights& weights, std::span<const WeightInfo> infos);

/// Number of blocks, by the names of the model's weights.
int n_blocks(const TaskData& task, const Params& model);
/// "blocks.1." of a model of two; "blocks.-1." of one without blocks, which no weight is named.
std::string last_block(const TaskData& task, const Params& model);

/// True if the task is a function mod an odd p of 3 or more, with a class for each residue. Other
/// moduli have no pair of waves for every frequency.
bool has_odd_modulus(const TaskData& task);
/// True if that function is addition, so that waves of a + b are what a network should learn.
bool is_odd_addition(const TaskData& task);

/// An odd modulus, and an embedding with a row per token.
bool has_modular_embedding(const TaskData& task, const Params& model);
/// An odd modulus, and in the last block an MLP that the unembedding reads, perhaps through a
/// LayerNorm.
bool has_modular_mlp(const TaskData& task, const Params& model);
/// Odd addition, for any model.
bool adds_modulo_odd(const TaskData& task, const Params& model);

/// Hooks of a probe that reads the logits alone, and of one that reads the last MLP's neurons.
std::vector<std::string> logits_alone(const TaskData& task, const Params& model);
std::vector<std::string> last_neurons(const TaskData& task, const Params& model);

}  // namespace grok
