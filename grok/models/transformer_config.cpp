#include "grok/models/transformer_config.h"

#include "grok/models/fields.h"

namespace grok {
namespace {

void check(const Params& params, Mistakes& mistakes) {
  if (params.text("positions") == "rotary" && params.integer("d_head") % 2 != 0)
    mistakes.add("d_head", "expected an even number with rotary positions, found " +
                               std::to_string(params.integer("d_head")));
}

NormPlace norm_place(const std::string& word) {
  if (word == "pre") return NormPlace::pre;
  if (word == "post") return NormPlace::post;
  return word == "final" ? NormPlace::final : NormPlace::none;
}

Positions positions_of(const std::string& word) {
  if (word == "learned") return Positions::learned;
  if (word == "sinusoidal") return Positions::sinusoidal;
  return word == "rotary" ? Positions::rotary : Positions::none;
}

Biases biases_of(const std::string& word) {
  if (word == "all") return Biases::all;
  return word == "mlp" ? Biases::mlp : Biases::none;
}

}  // namespace

TransformerConfig::TransformerConfig(const Params& p, const ModelSizes& s)
    : n_layers(p.integer("n_layers")),
      d_model(p.integer("d_model")),
      n_heads(p.integer("n_heads")),
      d_head(p.integer("d_head")),
      d_mlp(p.integer("d_mlp")),
      d_vocab(s.d_vocab),
      d_vocab_out(s.d_vocab_out),
      n_ctx(s.n_ctx),
      act(p.text("act")),
      init(p.text("init")),
      norm_place(grok::norm_place(p.text("layer_norm"))),
      is_rms_norm(p.text("norm") == "rms_norm"),
      has_mlp(!p.flag("attn_only")),
      is_causal(p.flag("causal")),
      is_tied(p.flag("tied")),
      positions(positions_of(p.text("positions"))),
      biases(biases_of(p.text("biases"))),
      attention_rate(p.real("attention_rate")),
      residual_multiplier(p.real("residual_multiplier")),
      dropout(p.real("dropout")),
      init_scale(p.real("init_scale")),
      seed(static_cast<std::uint64_t>(p.integer("init_seed"))) {
  if (is_tied && d_vocab != d_vocab_out)
    throw Error(ErrorCode::usage, "model.tied: expected as many classes as tokens, found " +
                                      std::to_string(d_vocab_out) + " and " +
                                      std::to_string(d_vocab));
}

const Schema& transformer_schema() {
  static const Schema schema{
      {size_field("n_layers", 1, "Number of blocks, each attention then MLP."),
       size_field("d_model", 128, "Width of the residual stream."),
       size_field("n_heads", 4, "Attention heads per layer."),
       size_field("d_head", 32, "Width of one head."),
       size_field("d_mlp", 512, "Neurons per MLP."),
       word_field("act", "relu", {"relu", "gelu", "gelu_new", "silu", "solu", "solu_ln", "square"},
                  "Activation of the MLP: gelu is exact, gelu_new its form with a tanh, solu is x "
                  "softmax(x), solu_ln that with a LayerNorm behind it, square is x^2."),
       word_field(
           "layer_norm", "none", {"none", "pre", "post", "final"},
           "Where norms stand: pre is before attention, MLP and unembedding; post behind each "
           "addition to the residual stream; final before the unembedding alone."),
       word_field(
           "norm", "layer_norm", {"layer_norm", "rms_norm"},
           "What stands there: LayerNorm, or RMSNorm, which keeps the mean and has no bias."),
       flag_field("attn_only", false, "No MLP; d_mlp and act then say nothing."),
       word_field(
           "positions", "learned", {"learned", "sinusoidal", "rotary", "none"},
           "How a token knows its place: a learned or a fixed vector added to its embedding, or "
           "queries and keys that turn."),
       word_field("biases", "mlp", {"none", "mlp", "all"},
                  "Linear maps with a bias: none, the MLP's, or all."),
       flag_field("tied", false, "The unembedding is the embedding, transposed."),
       flag_field("causal", true, "A position attends to itself and to those before it."),
       real_field("attention_rate", 1, from_to(0, 1),
                  "Share a of softmax in the attention pattern, a softmax + (1 - a): 0 is constant "
                  "attention of weight one."),
       real_field("residual_multiplier", 1, above(0),
                  "Factor of the residual stream before each part's output is added to it."),
       real_field("dropout", 0, from_below(0, 1),
                  "Share of each MLP's output that is dropped in training; the rest is scaled up."),
       word_field(
           "init", "nanda", {"nanda", "nanda_per_head", "pizza", "induction", "gpt2", "torch"},
           "Where first weights come from: nanda has standard deviation 1/sqrt(d_model), for W_U "
           "1/sqrt(d_vocab); nanda_per_head the same with W_O drawn head by head; pizza "
           "1/sqrt(d_mlp) for W_in; induction 1/sqrt(d_head) for W_Q, W_K, W_V; gpt2 0.8/"
           "sqrt(d_model); torch is uniform within 1/sqrt(inputs), embeddings of deviation 1. "
           "Biases are zero (of torch drawn too), gains one."),
       real_field("init_scale", 1, above(0), "Factor of all first weights."),
       init_seed_field(),
       init_rng_field()},
      check};
  return schema;
}

std::string block_name(std::int64_t layer) { return "blocks." + std::to_string(layer) + "."; }

}  // namespace grok
