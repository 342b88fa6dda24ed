#include <cmath>

#include "grok/models/fields.h"
#include "grok/models/model.h"
#include "grok/ops/catalog.h"

// The minimal model of a skip trigram: each token has one attention score, whatever the query, and
// one row of what it says about the answer. The answer is the mean of the rows under the softmax of
// the scores; one per example.
//
//   qk [d_vocab]               score of each token
//   ov [d_vocab, d_vocab_out]  its row
//   hook points  hook_attn_scores, hook_pattern [batch, 1, 1, pos]
//   source       Nanda et al. 2023, arXiv:2301.05217 (the minimal models beside its skip trigrams)
namespace grok {
namespace {

using Dims = std::vector<std::int64_t>;

const Schema& schema() {
  static const Schema schema{
      {word_field("ov_init", "inputs", {"inputs", "outputs"},
                  "Standard deviation of first ov: 1/sqrt(d_vocab), or 1/sqrt(d_vocab_out)."),
       init_seed_field(), init_rng_field()}};
  return schema;
}

std::vector<WeightInfo> weights(const Params&, const ModelSizes& s) {
  return {{"qk", {s.d_vocab}}, {"ov", {s.d_vocab, s.d_vocab_out}}};
}

Weights init(const Params& params, const ModelSizes& s) {
  Initializer initializer = initializer_of(params);
  const bool by_outputs = params.text("ov_init") == "outputs";
  Weights out;
  for (const WeightInfo& info : weights(params, s)) {
    const int n = info.name == "ov" && by_outputs ? s.d_vocab_out : s.d_vocab;
    out.add(info.name,
            initializer.normal(info.name, info.shape, 1 / std::sqrt(static_cast<double>(n))));
  }
  return out;
}

NodeId build(Graph& g, const Params&, const ModelSizes& s, const ModelInputs& inputs) {
  const std::int64_t n = g.shape(inputs.tokens)[0], n_pos = g.shape(inputs.tokens)[1];
  const auto reshaped = [&](NodeId x, Dims shape) {
    return g.add(ops::reshape(), {x}, {{"shape", std::move(shape)}});
  };
  const NodeId qk = reshaped(g.weight("qk", {s.d_vocab}), {s.d_vocab, 1});
  const NodeId each = g.add(ops::gather_rows(), {qk, inputs.tokens});
  const NodeId scores = g.hook(reshaped(each, {n, 1, 1, n_pos}), "hook_attn_scores");
  const NodeId pattern = g.hook(g.add(ops::softmax(), {scores}), "hook_pattern");
  const NodeId ov = g.weight("ov", {s.d_vocab, s.d_vocab_out});
  const NodeId rows =
      reshaped(g.add(ops::gather_rows(), {ov, inputs.tokens}), {n, n_pos, 1, s.d_vocab_out});
  return reshaped(g.add(ops::attention_mix(), {pattern, rows}), {n, 1, s.d_vocab_out});
}

}  // namespace

const ModelDef& models::attention_table() {
  static constexpr ModelDef def{.name = "attention_table",
                                .meaning = "one attention score and one row of answers per token",
                                .source = "Nanda et al. 2023, arXiv:2301.05217",
                                .schema = schema,
                                .weights = weights,
                                .init = init,
                                .build = build};
  return def;
}

}  // namespace grok
