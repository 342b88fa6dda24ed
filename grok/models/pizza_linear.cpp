#include <cmath>

#include "grok/models/fields.h"
#include "grok/models/model.h"
#include "grok/ops/catalog.h"

// The linear models of the pizza paper: two tokens a and b, embedded, mixed by at most two layers
// with ReLU, read by an unembedding; one answer per example.
//
//   alpha   relu(l1(Ea + Eb)) U
//   beta    relu(l2(relu(l1(Ea + Eb)))) U
//   gamma   relu(l2(relu(l1(Ea) + l1(Eb)))) U
//   delta   relu(l1([Ea, Eb])) U, each embedding half as wide
//   x       as alpha, with an embedding of its own for each operand
//
//   embed.W_E [d_vocab, d], for x embed.W_E_b too; layers.i.W, layers.i.b; unembed.W_U
//   hook points  hook_embed; layers.i.hook_pre, layers.i.hook_post [batch, 1, d_model]
//   source       Zhong, Liu, Tegmark, Andreas 2023, arXiv:2306.17844, appendix (models A to D, X)
namespace grok {
namespace {

using Dims = std::vector<std::int64_t>;

struct Config {
  std::string variant;
  std::int64_t d_model, d_vocab, d_out;

  Config(const Params& p, const ModelSizes& s)
      : variant(p.text("variant")),
        d_model(p.integer("d_model")),
        d_vocab(s.d_vocab),
        d_out(s.d_vocab_out) {
    if (s.n_ctx != 2)
      throw Error(ErrorCode::usage, "model.name: pizza_linear reads two tokens, the task has " +
                                        std::to_string(s.n_ctx) +
                                        "; task.layout = \"pizza\" has two");
  }
  int n_layers() const { return variant == "beta" || variant == "gamma" ? 2 : 1; }
  std::int64_t d_embed() const { return variant == "delta" ? d_model / 2 : d_model; }
};

void check(const Params& params, Mistakes& mistakes) {
  if (params.text("variant") == "delta" && params.integer("d_model") % 2 != 0)
    mistakes.add("d_model", "expected an even number for the variant delta, found " +
                                std::to_string(params.integer("d_model")));
}

const Schema& schema() {
  static const Schema schema{
      {word_field("variant", "alpha", {"alpha", "beta", "gamma", "delta", "x"},
                  "How the two embeddings are mixed."),
       size_field("d_model", 256, "Width of the hidden layers."),
       real_field("init_scale", 1, above(0), "Factor of all first weights."), init_seed_field(),
       init_rng_field()},
      check};
  return schema;
}

std::string layer_name(int i) { return "layers." + std::to_string(i) + "."; }

std::vector<WeightInfo> weights(const Params& params, const ModelSizes& sizes) {
  const Config c(params, sizes);
  std::vector<WeightInfo> out{{"embed.W_E", {c.d_vocab, c.d_embed()}}};
  if (c.variant == "x") out.push_back({"embed.W_E_b", {c.d_vocab, c.d_embed()}});
  for (int i = 0; i < c.n_layers(); ++i) {
    out.push_back({layer_name(i) + "W", {c.d_model, c.d_model}});
    out.push_back({layer_name(i) + "b", {c.d_model}});
  }
  out.push_back({"unembed.W_U", {c.d_model, c.d_out}});
  return out;
}

// Embeddings of deviation 1/sqrt(d/2), unembedding 1/sqrt(d), layers as torch.nn.Linear.
Weights init(const Params& params, const ModelSizes& sizes) {
  const Config c(params, sizes);
  Initializer initializer = initializer_of(params);
  const double scale = params.real("init_scale");
  const double one_over_root = scale / std::sqrt(static_cast<double>(c.d_model));
  Weights out;
  for (const WeightInfo& info : weights(params, sizes)) {
    const bool is_layer = info.name.starts_with("layers.");
    const bool is_embedding = info.name.starts_with("embed.");
    out.add(info.name, is_layer ? initializer.uniform(info.name, info.shape, one_over_root)
                                : initializer.normal(info.name, info.shape,
                                                     is_embedding ? std::sqrt(2.0) * one_over_root
                                                                  : one_over_root));
  }
  return out;
}

class Builder {
 public:
  Builder(Graph& graph, const Config& config) : g_(graph), c_(config) {}

  NodeId run(NodeId tokens) {
    const NodeId a = embedded(tokens, 0, "embed.W_E");
    const NodeId b = embedded(tokens, 1, c_.variant == "x" ? "embed.W_E_b" : "embed.W_E");
    NodeId x = c_.variant == "gamma" ? layer_of_each(a, b) : layer(0, joined(a, b));
    if (c_.n_layers() == 2) x = layer(1, x);
    return g_.add(ops::matmul(), {x, g_.weight("unembed.W_U", {c_.d_model, c_.d_out})});
  }

 private:
  NodeId sum(NodeId a, NodeId b) { return g_.add(ops::add(), {a, b}); }

  NodeId embedded(NodeId tokens, int position, const std::string& name) {
    const NodeId found = g_.find_leaf(name);
    const NodeId W = found != no_node ? found : g_.weight(name, {c_.d_vocab, c_.d_embed()});
    const NodeId token =
        g_.add(ops::slice(), {tokens}, {{"axis", 1}, {"begin", position}, {"end", position + 1}});
    return g_.add(ops::gather_rows(), {W, token});
  }

  NodeId padded(NodeId x, std::int64_t before, std::int64_t after) {
    return g_.add(ops::pad(), {x}, {{"axis", 2}, {"before", before}, {"after", after}});
  }

  NodeId joined(NodeId a, NodeId b) {
    if (c_.variant != "delta") return g_.hook(sum(a, b), "hook_embed");
    return g_.hook(sum(padded(a, 0, c_.d_embed()), padded(b, c_.d_embed(), 0)), "hook_embed");
  }

  NodeId W(int i) { return g_.weight(layer_name(i) + "W", {c_.d_model, c_.d_model}); }
  NodeId b(int i) { return g_.weight(layer_name(i) + "b", {c_.d_model}); }

  NodeId activated(int i, NodeId pre) {
    g_.hook(pre, layer_name(i) + "hook_pre");
    return g_.hook(g_.add(ops::relu(), {pre}), layer_name(i) + "hook_post");
  }

  NodeId layer(int i, NodeId x) {
    return activated(i, sum(g_.add(ops::matmul(), {x, W(i)}), b(i)));
  }

  // l1(Ea) + l1(Eb): the bias counts twice.
  NodeId layer_of_each(NodeId a, NodeId other) {
    const NodeId weight = W(0), bias = b(0);
    const auto l1 = [&](NodeId x) { return sum(g_.add(ops::matmul(), {x, weight}), bias); };
    return activated(0, sum(l1(a), l1(other)));
  }

  Graph& g_;
  const Config& c_;
};

NodeId build(Graph& g, const Params& params, const ModelSizes& sizes, const ModelInputs& inputs) {
  const Config config(params, sizes);
  return Builder(g, config).run(inputs.tokens);
}

}  // namespace

const ModelDef& models::pizza_linear() {
  static constexpr ModelDef def{.name = "pizza_linear",
                                .meaning = "two embeddings, added or joined, and layers with ReLU",
                                .source = "Zhong et al. 2023, arXiv:2306.17844",
                                .schema = schema,
                                .weights = weights,
                                .init = init,
                                .build = build};
  return def;
}

}  // namespace grok
