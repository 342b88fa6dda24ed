#pragma once
// The same weights as others store them. Inside grokscope every weight has TransformerLens's name
// and layout; the files of the progress-measures paper use the same names with axes swapped, and
// "attn_blocks" for the blocks of a model of attention alone.

#include <optional>
#include <span>
#include <string_view>

#include "grok/models/model.h"

namespace grok {

enum class WeightLayout {
  transformer_lens,   // W_E [d_vocab, d_model], W_Q [head, d_model, d_head], W_O [head, d_head,
                      // d_model]
  progress_measures,  // W_E [d_model, d_vocab], W_Q [head, d_head, d_model], W_O [d_model, head *
                      // d_head]
  per_head,           // the same but for W_O [head, d_model, d_head]
};

/// "transformer-lens", "progress-measures" and "per-head"; nothing for another name.
std::optional<WeightLayout> weight_layout(std::string_view name);
/// The shape in which `layout` stores a weight of TransformerLens's shape.
Shape stored_shape(const WeightInfo& info, WeightLayout layout);

/// Weights of a file brought to TransformerLens's layout, in the model's order.
///
///   expected  the model's weights
///   layout    nothing: the first that all shapes agree with; if none, progress_measures
///   throws    Error{damaged} naming each tensor that is missing or has another shape; tensors that
///             the model does not have are left out only if they are buffers (attn.mask)
Weights to_transformer_lens(const Weights& file, std::span<const WeightInfo> expected,
                            std::optional<WeightLayout> layout, std::string_view source);

/// The way back, for export.
Weights to_layout(const Weights& weights, WeightLayout layout);

}  // namespace grok
