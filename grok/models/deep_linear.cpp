#include <cmath>

#include "grok/models/fields.h"
#include "grok/models/model.h"
#include "grok/models/token_input.h"
#include "grok/ops/catalog.h"

// A product of matrices, without activation or bias: x W_0 W_1 ... With n_layers = 1 it is linear
// regression. The input is all tokens' features side by side.
//
//   layers.i.W [in, out]
//   source  Saxe, McClelland, Ganguli 2014, arXiv:1312.6120; n_layers = 1: Levi, Beck, Bar-Sinai
//   2023,
//           arXiv:2310.16441
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {size_field("n_layers", 2, "Matrices in the product."),
       size_field("d_hidden", 64, "Width between them."),
       real_field("init_scale", 1, above(0),
                  "Standard deviation of first weights, times the root of their inputs."),
       init_seed_field(), init_rng_field()}};
  return schema;
}

std::vector<WeightInfo> weights(const Params& params, const ModelSizes& sizes) {
  const std::int64_t n = params.integer("n_layers"), hidden = params.integer("d_hidden");
  std::vector<WeightInfo> out;
  for (std::int64_t i = 0; i < n; ++i)
    out.push_back({"layers." + std::to_string(i) + ".W",
                   {i == 0 ? width_of_tokens(sizes) : hidden,
                    i == n - 1 ? std::int64_t{sizes.d_vocab_out} : hidden}});
  return out;
}

Weights init(const Params& params, const ModelSizes& sizes) {
  Initializer initializer = initializer_of(params);
  Weights out;
  for (const WeightInfo& info : weights(params, sizes))
    out.add(info.name, initializer.normal(info.name, info.shape,
                                          params.real("init_scale") /
                                              std::sqrt(static_cast<double>(info.shape[0]))));
  return out;
}

NodeId build(Graph& g, const Params& params, const ModelSizes& sizes, const ModelInputs& inputs) {
  NodeId x = no_node;
  for (const WeightInfo& info : weights(params, sizes)) {
    const NodeId W = g.weight(info.name, info.shape);
    x = x == no_node ? tokens_times(g, sizes, inputs.tokens, W) : g.add(ops::matmul(), {x, W});
  }
  return x;
}

}  // namespace

const ModelDef& models::deep_linear() {
  static constexpr ModelDef def{.name = "deep_linear",
                                .meaning = "a product of matrices; one of them: linear regression",
                                .source = "Saxe et al. 2014, arXiv:1312.6120",
                                .schema = schema,
                                .weights = weights,
                                .init = init,
                                .build = build};
  return def;
}

}  // namespace grok
