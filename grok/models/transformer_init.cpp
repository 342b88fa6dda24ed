#include <algorithm>
#include <cmath>

#include "grok/models/initializers.h"
#include "grok/models/transformer_config.h"
#include "grok/models/weight_layout.h"

// First weights by the rules of several sources. Each is drawn in the layout in which its source
// creates it, so that PyTorch's stream gives the source's own numbers.
//   source  Nanda et al. 2023, arXiv:2301.05217; Zhong et al. 2023, arXiv:2306.17844 (pizza);
//           TransformerLens's init_mode gpt2; torch.nn.Linear and Embedding
namespace grok {
namespace {

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

double one_over_root(std::int64_t n) { return 1 / std::sqrt(static_cast<double>(n)); }

bool is_query_key_value(std::string_view last) {
  return last == "W_Q" || last == "W_K" || last == "W_V";
}

// Standard deviation of a matrix.
double deviation(const TransformerConfig& c, std::string_view last) {
  if (c.init == "gpt2") return 0.8 * one_over_root(c.d_model);
  if (last == "W_U") return one_over_root(c.d_vocab_out);
  if (c.init == "pizza" && last == "W_in") return one_over_root(c.d_mlp);
  if (c.init == "induction" && is_query_key_value(last)) return one_over_root(c.d_head);
  return one_over_root(c.d_model);
}

// Numbers that one output of a weight's linear map is a sum of; of a bias, those of its map.
std::int64_t n_inputs(const TransformerConfig& c, std::string_view last) {
  if (last == "W_O" || last == "b_O") return c.d_heads();
  if (last == "W_out" || last == "b_out") return c.d_mlp;
  return c.d_model;
}

bool is_gain(const WeightInfo& info) { return info.name.ends_with(".w"); }
bool is_norm(const WeightInfo& info) { return is_gain(info) || info.name.ends_with(".b"); }
bool is_bias(const WeightInfo& info) { return last_part(info.name).starts_with("b_"); }

Tensor drawn(const TransformerConfig& c, const WeightInfo& info, const Shape& shape,
             Initializer& initializer) {
  const std::string_view last = last_part(info.name);
  const bool is_embedding = last == "W_E" || last == "W_pos";
  if (is_norm(info)) {
    Tensor out(shape);
    if (is_gain(info)) std::ranges::fill(out.data, 1.0f);
    return out;
  }
  if (c.init != "torch") {
    if (is_bias(info)) return Tensor(shape);
    return initializer.normal(info.name, shape, deviation(c, last));
  }
  if (is_embedding) return initializer.normal(info.name, shape, 1);
  return initializer.uniform(info.name, shape, one_over_root(n_inputs(c, last)));
}

}  // namespace

Weights transformer_init(const Params& params, const ModelSizes& sizes) {
  const TransformerConfig c(params, sizes);
  const std::vector<WeightInfo> infos = transformer_weights(params, sizes);
  const WeightLayout layout =
      c.init == "nanda_per_head" ? WeightLayout::per_head : WeightLayout::progress_measures;
  Initializer initializer(params.text("init_rng"), c.seed);
  Weights out;
  for (const WeightInfo& info : infos) {
    Tensor& tensor = out.add(info.name, drawn(c, info, stored_shape(info, layout), initializer));
    if (c.init_scale != 1 && !is_norm(info))
      for (float& x : tensor.data) x *= static_cast<float>(c.init_scale);
  }
  return to_transformer_lens(out, infos, layout, "initial weights");
}

}  // namespace grok
