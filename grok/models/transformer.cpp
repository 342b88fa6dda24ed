#include <algorithm>
#include <cmath>

#include "grok/base/error.h"
#include "grok/models/initializers.h"
#include "grok/models/model.h"
#include "grok/models/weight_layout.h"
#include "grok/ops/catalog.h"

// A decoder-only transformer: learned positions, causal attention, an MLP per layer unless
// attn_only, LayerNorm before each part and the unembedding if asked for, untied unembedding.
//   source  Nanda et al. 2023, arXiv:2301.05217; names and layouts of TransformerLens
namespace grok {
namespace {

using Dims = std::vector<std::int64_t>;

constexpr double masked_score = -1e10;   // as in the progress-measures code
constexpr double layer_norm_eps = 1e-5;  // as in TransformerLens and PyTorch

struct Sizes {
  std::int64_t n_layers, d_model, n_heads, d_head, d_mlp, d_vocab, d_vocab_out, n_ctx;
  bool has_layer_norm, has_mlp;
};

Sizes sizes_of(const Params& p, const ModelSizes& s) {
  return {p.integer("n_layers"),
          p.integer("d_model"),
          p.integer("n_heads"),
          p.integer("d_head"),
          p.integer("d_mlp"),
          s.d_vocab,
          s.d_vocab_out,
          s.n_ctx,
          p.text("layer_norm") == "pre",
          !p.flag("attn_only")};
}

const Schema& schema() {
  const auto size = [](const char* name, std::int64_t otherwise, const char* meaning) {
    return Field{.name = name,
                 .type = FieldType::integer,
                 .default_value = Value{otherwise},
                 .range = from_to(1, 65536),
                 .meaning = meaning};
  };
  const auto words = [](const char* name, const char* otherwise, std::vector<std::string> allowed,
                        const char* meaning) {
    return Field{.name = name,
                 .type = FieldType::text,
                 .default_value = Value{std::string(otherwise)},
                 .words = std::move(allowed),
                 .meaning = meaning};
  };
  static const Schema schema{
      {size("n_layers", 1, "Number of blocks, each attention then MLP."),
       size("d_model", 128, "Width of the residual stream."),
       size("n_heads", 4, "Attention heads per layer."), size("d_head", 32, "Width of one head."),
       size("d_mlp", 512, "Neurons per MLP."),
       words("act", "relu", {"relu"}, "Activation of the MLP."),
       words("layer_norm", "none", {"none", "pre"},
             "Where LayerNorm stands: pre is before attention, MLP and unembedding."),
       Field{.name = "attn_only",
             .type = FieldType::flag,
             .default_value = Value{false},
             .meaning = "No MLP; d_mlp and act then say nothing."},
       words("init", "nanda", {"nanda"},
             "Standard deviations: 1/sqrt(d_model), for W_U 1/sqrt(d_vocab); biases zero, gains "
             "one."),
       Field{.name = "init_seed",
             .type = FieldType::integer,
             .default_from = "seed",
             .range = at_least(0),
             .meaning = "Seed of the first weights."},
       words("init_rng", "philox", {"philox", "torch"},
             "Random stream of the first weights: our own, or PyTorch's.")}};
  return schema;
}

std::string block(std::int64_t layer) { return "blocks." + std::to_string(layer) + "."; }

// Gain and bias of a LayerNorm.
void add_layer_norm(std::vector<WeightInfo>& out, const std::string& name, const Sizes& s) {
  if (!s.has_layer_norm) return;
  out.push_back({name + ".w", {s.d_model}});
  out.push_back({name + ".b", {s.d_model}});
}

// In the order in which the progress-measures code creates them.
std::vector<WeightInfo> weights(const Params& params, const ModelSizes& model_sizes) {
  const Sizes s = sizes_of(params, model_sizes);
  std::vector<WeightInfo> out{{"embed.W_E", {s.d_vocab, s.d_model}},
                              {"pos_embed.W_pos", {s.n_ctx, s.d_model}}};
  for (std::int64_t i = 0; i < s.n_layers; ++i) {
    const Shape heads{s.n_heads, s.d_model, s.d_head};
    add_layer_norm(out, block(i) + "ln1", s);
    out.push_back({block(i) + "attn.W_K", heads});
    out.push_back({block(i) + "attn.W_Q", heads});
    out.push_back({block(i) + "attn.W_V", heads});
    out.push_back({block(i) + "attn.W_O", {s.n_heads, s.d_head, s.d_model}});
    if (!s.has_mlp) continue;
    add_layer_norm(out, block(i) + "ln2", s);
    out.push_back({block(i) + "mlp.W_in", {s.d_model, s.d_mlp}});
    out.push_back({block(i) + "mlp.b_in", {s.d_mlp}});
    out.push_back({block(i) + "mlp.W_out", {s.d_mlp, s.d_model}});
    out.push_back({block(i) + "mlp.b_out", {s.d_model}});
  }
  add_layer_norm(out, "ln_final", s);
  out.push_back({"unembed.W_U", {s.d_model, s.d_vocab_out}});
  return out;
}

// Drawn in the progress-measures layout, so that PyTorch's stream gives the paper's own weights.
Weights init(const Params& params, const ModelSizes& model_sizes) {
  const Sizes s = sizes_of(params, model_sizes);
  const std::vector<WeightInfo> infos = weights(params, model_sizes);
  NormalInitializer initializer(params.text("init_rng"),
                                static_cast<std::uint64_t>(params.integer("init_seed")));
  const double std = 1 / std::sqrt(static_cast<double>(s.d_model));
  const double std_unembed = 1 / std::sqrt(static_cast<double>(s.d_vocab_out));
  Weights drawn;
  for (const WeightInfo& info : infos) {
    const Shape stored = stored_shape(info, WeightLayout::progress_measures);
    if (info.shape.rank() > 1) {
      drawn.add(info.name, initializer.draw(info.name, stored,
                                            info.name == "unembed.W_U" ? std_unembed : std));
    } else {
      Tensor& gain_or_bias = drawn.add(info.name, Tensor(stored));
      if (info.name.ends_with(".w")) std::ranges::fill(gain_or_bias.data, 1.0f);
    }
  }
  return to_transformer_lens(drawn, infos, WeightLayout::progress_measures, "initial weights");
}

class Builder {
 public:
  Builder(Graph& graph, const Sizes& sizes) : g_(graph), s_(sizes) {}

  NodeId run(NodeId tokens) {
    batch_ = g_.shape(tokens)[0];
    n_pos_ = g_.shape(tokens)[1];
    const NodeId W_E = g_.weight("embed.W_E", {s_.d_vocab, s_.d_model});
    const NodeId W_pos = g_.weight("pos_embed.W_pos", {s_.n_ctx, s_.d_model});
    const NodeId embed = g_.hook(g_.add(ops::gather_rows(), {W_E, tokens}), "hook_embed");
    NodeId x = g_.add(ops::add(), {embed, W_pos});
    for (std::int64_t i = 0; i < s_.n_layers; ++i) x = layer(i, x);
    x = layer_norm("ln_final", x);
    const NodeId W_U = g_.weight("unembed.W_U", {s_.d_model, s_.d_vocab_out});
    return g_.add(ops::matmul(), {x, W_U});
  }

 private:
  NodeId reshaped(NodeId x, Dims shape) {
    return g_.add(ops::reshape(), {x}, {{"shape", std::move(shape)}});
  }

  // x [batch, pos, d_model] by W [head, d_model, d_head], all heads in one product.
  NodeId heads(NodeId x, const std::string& name, const std::string& hook) {
    const NodeId W = g_.weight(name, {s_.n_heads, s_.d_model, s_.d_head});
    const NodeId merged =
        reshaped(g_.add(ops::permute(), {W}, {{"axes", Dims{1, 0, 2}}}), {s_.d_model, d_heads()});
    const NodeId product = g_.add(ops::matmul(), {x, merged});
    return g_.hook(reshaped(product, {batch_, n_pos_, s_.n_heads, s_.d_head}), hook);
  }

  // What a part of the model reads of the residual stream.
  NodeId layer_norm(const std::string& name, NodeId x) {
    if (!s_.has_layer_norm) return x;
    const Attributes eps{{"eps", layer_norm_eps}};
    g_.hook(g_.add(ops::layer_norm_scale(), {x}, eps), name + ".hook_scale");
    const NodeId w = g_.weight(name + ".w", {s_.d_model});
    const NodeId b = g_.weight(name + ".b", {s_.d_model});
    const NodeId gained = g_.add(ops::multiply(), {g_.add(ops::layer_norm(), {x}, eps), w});
    return g_.hook(g_.add(ops::add(), {gained, b}), name + ".hook_normalized");
  }

  NodeId causal_mask() {
    Tensor mask({n_pos_, n_pos_});
    for (std::int64_t i = 0; i < n_pos_; ++i)
      for (std::int64_t j = i + 1; j < n_pos_; ++j)
        mask.data[static_cast<std::size_t>(i * n_pos_ + j)] = static_cast<float>(masked_score);
    return g_.constant(std::move(mask));
  }

  NodeId attention(const std::string& at, NodeId x) {
    const NodeId k = heads(x, at + "attn.W_K", at + "attn.hook_k");
    const NodeId q = heads(x, at + "attn.W_Q", at + "attn.hook_q");
    const NodeId v = heads(x, at + "attn.W_V", at + "attn.hook_v");
    const double scale = 1 / std::sqrt(static_cast<double>(s_.d_head));
    const NodeId raw = g_.add(ops::attention_scores(), {q, k}, {{"scale", scale}});
    const NodeId scores =
        g_.hook(g_.add(ops::add(), {raw, causal_mask()}), at + "attn.hook_attn_scores");
    const NodeId pattern = g_.hook(g_.add(ops::softmax(), {scores}), at + "attn.hook_pattern");
    const NodeId z = g_.hook(g_.add(ops::attention_mix(), {pattern, v}), at + "attn.hook_z");
    const NodeId W_O = g_.weight(at + "attn.W_O", {s_.n_heads, s_.d_head, s_.d_model});
    const NodeId out = g_.add(ops::matmul(), {reshaped(z, {batch_, n_pos_, d_heads()}),
                                              reshaped(W_O, {d_heads(), s_.d_model})});
    return g_.hook(out, at + "hook_attn_out");
  }

  NodeId mlp(const std::string& at, NodeId x) {
    const NodeId W_in = g_.weight(at + "mlp.W_in", {s_.d_model, s_.d_mlp});
    const NodeId b_in = g_.weight(at + "mlp.b_in", {s_.d_mlp});
    const NodeId W_out = g_.weight(at + "mlp.W_out", {s_.d_mlp, s_.d_model});
    const NodeId b_out = g_.weight(at + "mlp.b_out", {s_.d_model});
    const NodeId pre = g_.add(ops::add(), {g_.add(ops::matmul(), {x, W_in}), b_in});
    const NodeId post = g_.add(ops::relu(), {g_.hook(pre, at + "mlp.hook_pre")});
    const NodeId out = g_.add(ops::matmul(), {g_.hook(post, at + "mlp.hook_post"), W_out});
    return g_.hook(g_.add(ops::add(), {out, b_out}), at + "hook_mlp_out");
  }

  NodeId layer(std::int64_t i, NodeId x) {
    const std::string at = block(i);
    g_.hook(x, at + "hook_resid_pre");
    const NodeId heads_wrote = attention(at, layer_norm(at + "ln1", x));
    const NodeId mid = g_.add(ops::add(), {heads_wrote, x});
    if (!s_.has_mlp) return g_.hook(mid, at + "hook_resid_post");
    g_.hook(mid, at + "hook_resid_mid");
    const NodeId mlp_wrote = mlp(at, layer_norm(at + "ln2", mid));
    return g_.hook(g_.add(ops::add(), {mlp_wrote, mid}), at + "hook_resid_post");
  }

  std::int64_t d_heads() const { return s_.n_heads * s_.d_head; }

  Graph& g_;
  Sizes s_;
  std::int64_t batch_ = 0;
  std::int64_t n_pos_ = 0;
};

NodeId build(Graph& graph, const Params& params, const ModelSizes& model_sizes, NodeId tokens) {
  return Builder(graph, sizes_of(params, model_sizes)).run(tokens);
}

}  // namespace

const ModelDef& models::transformer() {
  static constexpr ModelDef def{.name = "transformer",
                                .meaning = "decoder-only transformer",
                                .source = "Nanda et al. 2023, arXiv:2301.05217",
                                .schema = schema,
                                .weights = weights,
                                .init = init,
                                .build = build};
  return def;
}

}  // namespace grok
