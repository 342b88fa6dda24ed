#include "grok/models/fields.h"
#include "grok/models/model.h"
#include "grok/models/token_input.h"
#include "grok/ops/catalog.h"

// Two numbers are learnt, u and v, and the answer is u^a v^b x: the smallest model whose loss has a
// saddle, and the normal crossing of singular learning theory. x is the sum of all tokens'
// features.
//
//   u [1], v [1]
//   source  the two-parameter product of the theory of phase changes; Watanabe 2009 (normal
//   crossings)
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {{.name = "exponents",
        .type = FieldType::integers,
        .default_value = Value{Integers{1, 1}},
        .range = from_to(0, 8),
        .n_values = 2,
        .meaning = "Powers a and b of the two numbers."},
       {.name = "first",
        .type = FieldType::reals,
        .default_value = Value{Reals{0.1, 0.1}},
        .n_values = 2,
        .meaning = "The two numbers at the start, before init_noise."},
       real_field("init_noise", 0, at_least(0), "Standard deviation of what is added to them."),
       init_seed_field(),
       init_rng_field()}};
  return schema;
}

std::vector<WeightInfo> weights(const Params&, const ModelSizes&) {
  return {{"u", {1}}, {"v", {1}}};
}

Weights init(const Params& params, const ModelSizes& sizes) {
  Initializer initializer = initializer_of(params);
  const double noise = params.real("init_noise");
  const auto& first = std::get<Reals>(*params.find("first"));
  Weights out;
  for (const WeightInfo& info : weights(params, sizes)) {
    Tensor drawn = initializer.normal(info.name, info.shape, 1);
    drawn.data[0] = static_cast<float>(first[info.name == "u" ? 0 : 1] +
                                       noise * static_cast<double>(drawn.data[0]));
    out.add(info.name, std::move(drawn));
  }
  return out;
}

NodeId build(Graph& g, const Params& params, const ModelSizes& sizes, const ModelInputs& inputs) {
  if (sizes.d_vocab_out != 1)
    throw Error(ErrorCode::usage, "model.name: product_model gives one number, the task asks for " +
                                      std::to_string(sizes.d_vocab_out));
  Tensor ones({width_of_tokens(sizes), 1});
  for (float& x : ones.data) x = 1;
  NodeId y = tokens_times(g, sizes, inputs.tokens, g.constant(std::move(ones)));
  const auto& exponents = std::get<Integers>(*params.find("exponents"));
  for (const char* name : {"u", "v"}) {
    const NodeId w = g.weight(name, {1});
    for (std::int64_t i = 0; i < exponents[name[0] == 'u' ? 0 : 1]; ++i)
      y = g.add(ops::multiply(), {y, w});
  }
  return y;
}

}  // namespace

const ModelDef& models::product_model() {
  static constexpr ModelDef def{.name = "product_model",
                                .meaning = "u^a v^b x: two numbers are learnt",
                                .source = "Watanabe 2009, normal crossings",
                                .schema = schema,
                                .weights = weights,
                                .init = init,
                                .build = build};
  return def;
}

}  // namespace grok
