#pragma once
// What probes ask of a task and a model before they measure, beside their parts.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/models/parts.h"
#include "grok/probes/captures.h"
#include "grok/spec/params.h"
#include "grok/tasks/task.h"

namespace grok {

/// Throws ContractBroken unless every weight of the model is there, in its shape.
void require_weights(const Weights& weights, std::span<const WeightInfo> infos);

/// Odd addition, for any model.
bool adds_modulo_odd(const TaskData& task, const Params& model);

/// The embedding's rows, and the unembedding's columns as rows, of a task's symbols, in the order
/// of the group's elements from `begin` to `end`: [end - begin, d]. Nothing of a model without
/// such.
struct SymbolRows {
  std::vector<double> embedding, unembedding;
};
SymbolRows symbol_rows(const TaskData& task, const Params& model, const Weights& weights,
                       std::int64_t begin, std::int64_t end);
/// True if there is a group of that kind, and an embedding of its symbols.
bool has_group(const TaskData& task, const Params& model, SymbolGroup::Kind kind);

/// True if every block has attention, from every position to every position.
bool has_attention(const TaskData& task, const Params& model);
/// The hook points of what attention is after softmax, a layer each: [batch, head, query, key].
/// Models that attend for the whole example have one query. Empty without attention.
std::vector<std::string> pattern_hooks(const TaskData& task, const Params& model);

/// Hooks of a probe that reads the logits alone, and of one that reads the last neurons.
std::vector<HookRequest> logits_alone(const TaskData& task, const Params& model);
std::vector<HookRequest> neurons_alone(const TaskData& task, const Params& model);
/// All pattern_hooks, read where the name says.
std::vector<HookRequest> patterns_to_answer(const TaskData& task, const Params& model);
std::vector<HookRequest> patterns_of_sample(const TaskData& task, const Params& model);

}  // namespace grok
