#include <cmath>

#include "grok/base/exact_math.h"
#include "grok/models/model.h"
#include "grok/models/transformer_config.h"
#include "grok/ops/catalog.h"

// A transformer, decoder-only unless causal is off: any number of layers and heads, with or without
// an MLP; norms, positions, biases and activations as its settings say (transformer_config.h).
//   source  Nanda et al. 2023, arXiv:2301.05217; names and layouts of TransformerLens
//           attention rate: Zhong et al. 2023, arXiv:2306.17844
//           rotary positions: Su et al. 2021, arXiv:2104.09864
namespace grok {
namespace {

using Dims = std::vector<std::int64_t>;

constexpr double masked_score = -1e10;  // as in the progress-measures code
constexpr double norm_eps = 1e-5;       // as in TransformerLens and PyTorch
constexpr double two_pi = 6.283185307179586;
constexpr double wave_base = 10000;  // of sinusoidal and of rotary positions

// Waves of falling frequency: sines in even columns, cosines in odd ones.
//   source  Vaswani et al. 2017, arXiv:1706.03762, section 3.5
Tensor sinusoids(std::int64_t n_ctx, std::int64_t d_model) {
  Tensor out({n_ctx, d_model});
  for (std::int64_t pos = 0; pos < n_ctx; ++pos)
    for (std::int64_t i = 0; i < d_model; ++i) {
      const double exponent = static_cast<double>(i - i % 2) / static_cast<double>(d_model);
      const double angle = static_cast<double>(pos) * exact_exp(-exponent * exact_log(wave_base));
      const CosSin wave = exact_cos_sin_2pi(angle / two_pi);
      out.data[static_cast<std::size_t>(pos * d_model + i)] =
          static_cast<float>(i % 2 == 0 ? wave.sin : wave.cos);
    }
  return out;
}

class Builder {
 public:
  Builder(Graph& graph, const TransformerConfig& config, NodeId step)
      : g_(graph), c_(config), step_(step) {}

  NodeId run(NodeId tokens) {
    batch_ = g_.shape(tokens)[0];
    n_pos_ = g_.shape(tokens)[1];
    const NodeId W_E = g_.weight("embed.W_E", {c_.d_vocab, c_.d_model});
    NodeId x = g_.hook(g_.add(ops::gather_rows(), {W_E, tokens}), "hook_embed");
    if (c_.positions == Positions::learned)
      x = sum(x, g_.weight("pos_embed.W_pos", {c_.n_ctx, c_.d_model}));
    if (c_.positions == Positions::sinusoidal)
      x = sum(x, g_.constant(sinusoids(c_.n_ctx, c_.d_model)));
    for (std::int64_t i = 0; i < c_.n_layers; ++i) x = layer(i, x);
    if (c_.norm_place == NormPlace::pre || c_.norm_place == NormPlace::final)
      x = norm("ln_final", x, c_.is_rms_norm);
    return unembed(x, W_E);
  }

 private:
  NodeId sum(NodeId a, NodeId b) { return g_.add(ops::add(), {a, b}); }
  NodeId scaled(NodeId x, double factor) {
    return factor == 1 ? x : g_.add(ops::scale(), {x}, {{"factor", factor}});
  }
  NodeId reshaped(NodeId x, Dims shape) {
    return g_.add(ops::reshape(), {x}, {{"shape", std::move(shape)}});
  }
  // x + the bias of that name, if the model has such.
  NodeId with_bias(NodeId x, const std::string& name, const Shape& shape, Biases least) {
    const bool has_bias = c_.biases == Biases::all || c_.biases == least;
    return has_bias ? sum(x, g_.weight(name, shape)) : x;
  }

  NodeId unembed(NodeId x, NodeId W_E) {
    const NodeId logits =
        c_.is_tied
            ? g_.add(ops::matmul(), {x, W_E}, {{"transpose_b", 1}})
            : g_.add(ops::matmul(), {x, g_.weight("unembed.W_U", {c_.d_model, c_.d_vocab_out})});
    return with_bias(logits, "unembed.b_U", {c_.d_vocab_out}, Biases::all);
  }

  // x [batch, pos, d_model] by W [head, d_model, d_head], all heads in one product.
  NodeId heads(NodeId x, const std::string& at, const char* which, const std::string& hook) {
    const NodeId W = g_.weight(at + "W_" + which, {c_.n_heads, c_.d_model, c_.d_head});
    const NodeId merged = reshaped(g_.add(ops::permute(), {W}, {{"axes", Dims{1, 0, 2}}}),
                                   {c_.d_model, c_.d_heads()});
    const NodeId product = g_.add(ops::matmul(), {x, merged});
    const NodeId by_head = reshaped(product, {batch_, n_pos_, c_.n_heads, c_.d_head});
    return g_.hook(with_bias(by_head, at + "b_" + which, {c_.n_heads, c_.d_head}, Biases::all),
                   at + hook);
  }

  NodeId norm(const std::string& name, NodeId x, bool is_rms) {
    const Attributes settings{{"eps", norm_eps}, {"centre", is_rms ? 0 : 1}};
    const Shape width{g_.shape(x)[-1]};
    g_.hook(g_.add(ops::layer_norm_scale(), {x}, settings), name + ".hook_scale");
    const NodeId unit = g_.add(ops::layer_norm(), {x}, settings);
    const std::string hook = name + ".hook_normalized";  // TransformerLens: of RMS before the gain
    if (is_rms) g_.hook(unit, hook);
    const NodeId gained = g_.add(ops::multiply(), {unit, g_.weight(name + ".w", width)});
    return is_rms ? gained : g_.hook(sum(gained, g_.weight(name + ".b", width)), hook);
  }

  // 1 where a query may look, else 0.
  Tensor visible() const {
    Tensor out({n_pos_, n_pos_});
    for (std::int64_t i = 0; i < n_pos_; ++i)
      for (std::int64_t j = 0; j < n_pos_; ++j)
        out.data[static_cast<std::size_t>(i * n_pos_ + j)] = j <= i || !c_.is_causal ? 1 : 0;
    return out;
  }

  NodeId masked(NodeId scores) {
    if (!c_.is_causal) return scores;
    Tensor mask = visible();
    for (float& x : mask.data) x = x == 1 ? 0 : static_cast<float>(masked_score);
    return sum(scores, g_.constant(std::move(mask)));
  }

  // What softmax leaves is shared out evenly, with weight one for each visible position.
  NodeId at_attention_rate(NodeId softmax) {
    if (c_.attention_rate == 1) return softmax;
    Tensor even = visible();
    for (float& x : even.data) x *= static_cast<float>(1 - c_.attention_rate);
    return sum(scaled(softmax, c_.attention_rate), g_.constant(std::move(even)));
  }

  NodeId turned(NodeId x, const std::string& hook) {
    if (c_.positions != Positions::rotary) return x;
    return g_.hook(
        g_.add(ops::rotary(), {x}, {{"n_rotary", c_.d_head}, {"base", wave_base}, {"inverse", 0}}),
        hook);
  }

  NodeId attention(const std::string& at, NodeId x) {
    const NodeId k = turned(heads(x, at, "K", "hook_k"), at + "hook_rot_k");
    const NodeId q = turned(heads(x, at, "Q", "hook_q"), at + "hook_rot_q");
    const NodeId v = heads(x, at, "V", "hook_v");
    const double scale = 1 / std::sqrt(static_cast<double>(c_.d_head));
    const NodeId raw = g_.add(ops::attention_scores(), {q, k}, {{"scale", scale}});
    const NodeId scores = g_.hook(masked(raw), at + "hook_attn_scores");
    const NodeId softmax = g_.add(ops::softmax(), {scores});
    const NodeId pattern = g_.hook(at_attention_rate(softmax), at + "hook_pattern");
    const NodeId z = g_.hook(g_.add(ops::attention_mix(), {pattern, v}), at + "hook_z");
    const NodeId W_O = g_.weight(at + "W_O", {c_.n_heads, c_.d_head, c_.d_model});
    const NodeId out = g_.add(ops::matmul(), {reshaped(z, {batch_, n_pos_, c_.d_heads()}),
                                              reshaped(W_O, {c_.d_heads(), c_.d_model})});
    return with_bias(out, at + "b_O", {c_.d_model}, Biases::all);
  }

  NodeId activation(const std::string& at, NodeId x) {
    if (c_.act == "relu") return g_.add(ops::relu(), {x});
    if (c_.act == "gelu") return g_.add(ops::gelu(), {x});
    if (c_.act == "gelu_new") return g_.add(ops::gelu_tanh(), {x});
    if (c_.act == "silu") return g_.add(ops::silu(), {x});
    if (c_.act == "square") return g_.add(ops::multiply(), {x, x});
    const NodeId solu = g_.add(ops::multiply(), {x, g_.add(ops::softmax(), {x})});
    return c_.norms_in_mlp() ? norm(at + "ln", g_.hook(solu, at + "hook_mid"), false) : solu;
  }

  NodeId mlp(std::int64_t i, NodeId x) {
    const std::string at = block_name(i) + "mlp.";
    const NodeId W_in = g_.weight(at + "W_in", {c_.d_model, c_.d_mlp});
    const NodeId pre =
        with_bias(g_.add(ops::matmul(), {x, W_in}), at + "b_in", {c_.d_mlp}, Biases::mlp);
    const NodeId post = g_.hook(activation(at, g_.hook(pre, at + "hook_pre")), at + "hook_post");
    const NodeId W_out = g_.weight(at + "W_out", {c_.d_mlp, c_.d_model});
    const NodeId out =
        with_bias(g_.add(ops::matmul(), {post, W_out}), at + "b_out", {c_.d_model}, Biases::mlp);
    return dropped(i, out);
  }

  NodeId dropped(std::int64_t layer, NodeId x) {
    if (c_.dropout == 0 || step_ == no_node) return x;
    return g_.add(
        ops::dropout(), {x, step_},
        {{"rate", c_.dropout}, {"seed", static_cast<std::int64_t>(c_.seed)}, {"stream", layer}});
  }

  // What a part of the model reads of the residual stream.
  NodeId read(const std::string& name, NodeId x) {
    return c_.norm_place == NormPlace::pre ? norm(name, x, c_.is_rms_norm) : x;
  }

  // The residual stream once a part has written to it.
  NodeId written(const std::string& name, NodeId out, NodeId x) {
    const NodeId both = sum(out, scaled(x, c_.residual_multiplier));
    return c_.norm_place == NormPlace::post ? norm(name, both, c_.is_rms_norm) : both;
  }

  NodeId layer(std::int64_t i, NodeId x) {
    const std::string at = block_name(i);
    g_.hook(x, at + "hook_resid_pre");
    const NodeId heads_wrote =
        g_.hook(attention(at + "attn.", read(at + "ln1", x)), at + "hook_attn_out");
    const NodeId mid = written(at + "ln1", heads_wrote, x);
    if (!c_.has_mlp) return g_.hook(mid, at + "hook_resid_post");
    g_.hook(mid, at + "hook_resid_mid");
    const NodeId mlp_wrote = g_.hook(mlp(i, read(at + "ln2", mid)), at + "hook_mlp_out");
    return g_.hook(written(at + "ln2", mlp_wrote, mid), at + "hook_resid_post");
  }

  Graph& g_;
  const TransformerConfig& c_;
  NodeId step_;
  std::int64_t batch_ = 0;
  std::int64_t n_pos_ = 0;
};

NodeId build(Graph& graph, const Params& params, const ModelSizes& sizes,
             const ModelInputs& inputs) {
  const TransformerConfig config(params, sizes);
  return Builder(graph, config, inputs.step).run(inputs.tokens);
}

}  // namespace

const ModelDef& models::transformer() {
  static constexpr ModelDef def{.name = "transformer",
                                .meaning = "transformer, decoder-only unless causal is off",
                                .source = "Nanda et al. 2023, arXiv:2301.05217",
                                .schema = transformer_schema,
                                .weights = transformer_weights,
                                .init = transformer_init,
                                .build = build};
  return def;
}

}  // namespace grok
