#include <cmath>

#include "grok/base/exact_math.h"
#include "grok/base/rng.h"
#include "grok/models/fields.h"
#include "grok/models/initializers.h"
#include "grok/models/model.h"
#include "grok/models/token_input.h"
#include "grok/ops/catalog.h"

// A multilayer perceptron on all tokens at once: each stands for itself (one-hot) or for the
// features that the task gives it. n_layers hidden layers and a linear map to the answers; one
// answer per example.
//
//   layers.i.W [in, out], layers.i.b [out]    layer n_layers is the last, without activation
//   hook points  layers.i.hook_pre, layers.i.hook_post [batch, 1, d_mlp]
//   source       Gromov 2023, arXiv:2301.02679 (one hidden layer, x^2, one-hot pairs)
namespace grok {
namespace {

struct Config {
  std::int64_t n_layers, d_in, d_mlp, d_vocab, d_out, n_ctx;
  bool has_biases;
  std::string act, init;

  Config(const Params& p, const ModelSizes& s)
      : n_layers(p.integer("n_layers")),
        d_in(width_of_tokens(s)),
        d_mlp(p.integer("d_mlp")),
        d_vocab(s.d_vocab),
        d_out(s.d_vocab_out),
        n_ctx(s.n_ctx),
        has_biases(p.flag("biases")),
        act(p.text("act")),
        init(p.text("init")) {
    if (init == "gromov_analytic" && (n_layers != 1 || act != "square" || n_ctx != 2 || s.features))
      throw Error(ErrorCode::usage,
                  "model.init: gromov_analytic needs n_layers = 1, act = \"square\" and a task of "
                  "pairs of numbers: two tokens, each standing for itself");
  }
  std::int64_t width_before(std::int64_t layer) const { return layer == 0 ? d_in : d_mlp; }
  std::int64_t width_behind(std::int64_t layer) const { return layer == n_layers ? d_out : d_mlp; }
};

std::string layer_name(std::int64_t i) { return "layers." + std::to_string(i) + "."; }

const Schema& schema() {
  static const Schema schema{
      {size_field("n_layers", 1, "Hidden layers."), size_field("d_mlp", 512, "Neurons per layer."),
       word_field("act", "relu", {"relu", "square"}, "Activation of the hidden layers."),
       flag_field("biases", true, "Whether the layers have biases."),
       word_field("init", "torch", {"torch", "normal", "gromov_analytic"},
                  "First weights: torch is uniform within 1/sqrt(inputs), biases too; normal has "
                  "deviation 1/sqrt(inputs), biases zero; gromov_analytic is the solution of "
                  "modular addition in closed form, with random phases."),
       real_field("init_scale", 1, above(0), "Factor of all first weights."), init_seed_field(),
       init_rng_field()}};
  return schema;
}

std::vector<WeightInfo> weights(const Params& params, const ModelSizes& sizes) {
  const Config c(params, sizes);
  std::vector<WeightInfo> out;
  for (std::int64_t i = 0; i <= c.n_layers; ++i) {
    out.push_back({layer_name(i) + "W", {c.width_before(i), c.width_behind(i)}});
    if (c.has_biases) out.push_back({layer_name(i) + "b", {c.width_behind(i)}});
  }
  return out;
}

// Neuron j has frequency k = 1 + j mod (p - 1): first weights cos(2 pi k a / p + u), cos(2 pi k b /
// p
// + v), last weights cos(2 pi k c / p + u + v). The square makes cos(2 pi k (a + b) / p + u + v) of
// it, which stands out where c = a + b; the rest has random phases and drowns.
void set_analytic(const Config& c, std::uint64_t seed, Tensor& first, Tensor& last) {
  const Rng phases(seed, "init.phases");
  const auto wave = [&](std::int64_t k, std::int64_t x, double phase) {
    const double turns = static_cast<double>(k * x % c.d_vocab) / static_cast<double>(c.d_vocab);
    return static_cast<float>(exact_cos_sin_2pi(turns + phase).cos);
  };
  const auto put = [](Tensor& t, std::int64_t row, std::int64_t column, float x) {
    t.data[static_cast<std::size_t>(row * t.shape[1] + column)] = x;
  };
  for (std::int64_t j = 0; j < c.d_mlp; ++j) {
    const std::int64_t k = 1 + j % (c.d_vocab - 1);
    const double u = phases.uniform(static_cast<std::uint64_t>(2 * j));
    const double v = phases.uniform(static_cast<std::uint64_t>(2 * j + 1));
    for (std::int64_t x = 0; x < c.d_vocab; ++x) {
      put(first, x, j, wave(k, x, u));
      put(first, c.d_vocab + x, j, wave(k, x, v));
      if (x < c.d_out) put(last, j, x, wave(k, x, u + v) * (2 / static_cast<float>(c.d_mlp)));
    }
  }
}

Weights init(const Params& params, const ModelSizes& sizes) {
  const Config c(params, sizes);
  Initializer initializer = initializer_of(params);
  const double scale = params.real("init_scale");
  Weights out;
  for (std::int64_t i = 0; i <= c.n_layers; ++i) {
    const std::string at = layer_name(i);
    const double spread = scale / std::sqrt(static_cast<double>(c.width_before(i)));
    const Shape shape{c.width_before(i), c.width_behind(i)}, bias{c.width_behind(i)};
    const bool is_torch = c.init == "torch";
    out.add(at + "W", is_torch ? initializer.uniform(at + "W", shape, spread)
                               : initializer.normal(at + "W", shape, spread));
    if (c.has_biases)
      out.add(at + "b", is_torch ? initializer.uniform(at + "b", bias, spread) : Tensor(bias));
  }
  if (c.init == "gromov_analytic")
    set_analytic(c, static_cast<std::uint64_t>(params.integer("init_seed")), out.at("layers.0.W"),
                 out.at("layers.1.W"));
  return out;
}

NodeId build(Graph& g, const Params& params, const ModelSizes& sizes, const ModelInputs& inputs) {
  const Config c(params, sizes);
  NodeId x = no_node;
  for (std::int64_t i = 0; i <= c.n_layers; ++i) {
    const std::string at = layer_name(i);
    const NodeId W = g.weight(at + "W", {c.width_before(i), c.width_behind(i)});
    x = i == 0 ? tokens_times(g, sizes, inputs.tokens, W) : g.add(ops::matmul(), {x, W});
    if (c.has_biases) x = g.add(ops::add(), {x, g.weight(at + "b", {c.width_behind(i)})});
    if (i == c.n_layers) break;
    g.hook(x, at + "hook_pre");
    x = c.act == "relu" ? g.add(ops::relu(), {x}) : g.add(ops::multiply(), {x, x});
    g.hook(x, at + "hook_post");
  }
  return x;
}

}  // namespace

const ModelDef& models::mlp() {
  static constexpr ModelDef def{.name = "mlp",
                                .meaning = "multilayer perceptron on all tokens at once",
                                .source = "Gromov 2023, arXiv:2301.02679",
                                .schema = schema,
                                .weights = weights,
                                .init = init,
                                .build = build};
  return def;
}

}  // namespace grok
