#pragma once
// The settings of a transformer as a value: what its weights, its first draws and its graph read.

#include <string>

#include "grok/models/model.h"

namespace grok {

/// Where norms stand. `pre`: before attention, MLP and unembedding; `post`: behind each addition to
/// the residual stream; `final`: before the unembedding alone.
enum class NormPlace { none, pre, post, final };
enum class Positions { none, learned, sinusoidal, rotary };
/// Which linear maps have a bias: none, the MLP's two, or all of them.
enum class Biases { none, mlp, all };

struct TransformerConfig {
  std::int64_t n_layers, d_model, n_heads, d_head, d_mlp, d_vocab, d_vocab_out, n_ctx;
  std::string act, init;
  NormPlace norm_place;
  bool is_rms_norm, has_mlp, is_causal, is_tied;
  Positions positions;
  Biases biases;
  double attention_rate, residual_multiplier, dropout, init_scale;
  std::uint64_t seed;  // of dropout

  TransformerConfig(const Params& params, const ModelSizes& sizes);
  std::int64_t d_heads() const { return n_heads * d_head; }
  bool norms_in_mlp() const { return act == "solu_ln"; }
};

const Schema& transformer_schema();

/// "blocks.0."
std::string block_name(std::int64_t layer);

/// Names and shapes, in the order in which the progress-measures code creates them.
std::vector<WeightInfo> transformer_weights(const Params& params, const ModelSizes& sizes);

/// First weights, as the spec's `init` says.
Weights transformer_init(const Params& params, const ModelSizes& sizes);

}  // namespace grok
