#include "grok/models/transformer_config.h"

namespace grok {
namespace {

class List {
 public:
  explicit List(const TransformerConfig& c) : c_(c) {}

  std::vector<WeightInfo> run() {
    add("embed.W_E", {c_.d_vocab, c_.d_model});
    if (c_.positions == Positions::learned) add("pos_embed.W_pos", {c_.n_ctx, c_.d_model});
    for (std::int64_t i = 0; i < c_.n_layers; ++i) block(block_name(i));
    if (c_.norm_place == NormPlace::pre || c_.norm_place == NormPlace::final)
      norm("ln_final", c_.d_model, c_.is_rms_norm);
    if (!c_.is_tied) add("unembed.W_U", {c_.d_model, c_.d_vocab_out});
    if (c_.biases == Biases::all) add("unembed.b_U", {c_.d_vocab_out});
    return std::move(out_);
  }

 private:
  void add(std::string name, const Shape& shape) { out_.push_back({std::move(name), shape}); }

  // Gain and bias.
  void norm(const std::string& name, std::int64_t width, bool is_rms) {
    add(name + ".w", {width});
    if (!is_rms) add(name + ".b", {width});
  }

  void block(const std::string& at) {
    const bool in_block = c_.norm_place == NormPlace::pre || c_.norm_place == NormPlace::post;
    if (in_block) norm(at + "ln1", c_.d_model, c_.is_rms_norm);
    attention(at + "attn.");
    if (!c_.has_mlp) return;
    if (in_block) norm(at + "ln2", c_.d_model, c_.is_rms_norm);
    mlp(at + "mlp.");
  }

  void attention(const std::string& at) {
    for (const char* name : {"K", "Q", "V"}) {
      add(at + "W_" + name, {c_.n_heads, c_.d_model, c_.d_head});
      if (c_.biases == Biases::all) add(at + "b_" + name, {c_.n_heads, c_.d_head});
    }
    add(at + "W_O", {c_.n_heads, c_.d_head, c_.d_model});
    if (c_.biases == Biases::all) add(at + "b_O", {c_.d_model});
  }

  void mlp(const std::string& at) {
    const bool has_bias = c_.biases != Biases::none;
    add(at + "W_in", {c_.d_model, c_.d_mlp});
    if (has_bias) add(at + "b_in", {c_.d_mlp});
    if (c_.norms_in_mlp()) norm(at + "ln", c_.d_mlp, false);
    add(at + "W_out", {c_.d_mlp, c_.d_model});
    if (has_bias) add(at + "b_out", {c_.d_model});
  }

  const TransformerConfig& c_;
  std::vector<WeightInfo> out_;
};

}  // namespace

std::vector<WeightInfo> transformer_weights(const Params& params, const ModelSizes& sizes) {
  return List(TransformerConfig(params, sizes)).run();
}

}  // namespace grok
