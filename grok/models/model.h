#pragma once
// Architectures: how weights are drawn, and the graph from tokens to logits with its hook points,
// all spelled as in TransformerLens. To add one, copy attention_table.cpp and put its name into
// catalog.def.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/graph/graph.h"
#include "grok/spec/schema.h"

namespace grok {

/// What a task asks of a model.
struct ModelSizes {
  int d_vocab = 0;
  int d_vocab_out = 0;
  int n_ctx = 0;
  std::shared_ptr<const Tensor> features = nullptr;  // as TaskData::features
};

/// What a model reads, as nodes of a graph.
struct ModelInputs {
  NodeId tokens = no_node;  // [batch, n_ctx], int32
  NodeId step = no_node;    // [1], int32: the step's number, for what differs from step to step in
                            // training alone (dropout); no_node: nothing is dropped
};

struct WeightInfo {
  std::string name;
  Shape shape;
};

struct ModelDef {
  std::string_view name;
  std::string_view meaning;
  std::string_view source;
  const Schema& (*schema)() = nullptr;
  /// Names and shapes of all weights, in TransformerLens's layout.
  std::vector<WeightInfo> (*weights)(const Params& params, const ModelSizes& sizes) = nullptr;
  /// Weights as the spec's initialiser draws them.
  Weights (*init)(const Params& params, const ModelSizes& sizes) = nullptr;
  /// Adds the model to the graph and returns its logits, [batch, n_ctx, d_vocab_out]; or [batch, 1,
  /// d_vocab_out] where it reads an example as a whole. Error{usage}, from here and the two above,
  /// where the sizes or the features of a task do not suit it.
  NodeId (*build)(Graph& graph, const Params& params, const ModelSizes& sizes,
                  const ModelInputs& inputs) = nullptr;
};

namespace models {
#define GROK_MODEL(name) const ModelDef& name();
#include "grok/models/catalog.def"
#undef GROK_MODEL

std::span<const ModelDef* const> catalog();
/// Null if there is no model of that name.
const ModelDef* find(std::string_view name);
/// The model of a spec's [model] section.
const ModelDef& of(const Params& section);
}  // namespace models

}  // namespace grok
