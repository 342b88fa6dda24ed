#include "grok/ops/catalog.h"
#include "grok/terms/frequencies.h"
#include "grok/terms/waves.h"

// The restricted loss: cross-entropy, in double, of the waves of a + b of some frequencies alone,
// with each output's mean restored. The waves depend on an input through s = a + b alone, so that p
// rows are computed, each counted as often as a pair of the split has that sum.
//
//   R = (1/p) P S          S[s] = sum of L[a, b] over a + b = s, P the projection on the waves and
//   on
//                          the constant
//   value = mean over the rows of CE(R[a + b])
//
//   source  Nanda et al. 2023, arXiv:2301.05217, section 5.1, and its future directions: training
//   on
//           the metric itself
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{{terms::weight_field(), terms::frequencies_field(),
                              terms::reread_field(), terms::rows_field()}};
  return schema;
}

bool reads_examples(const Params&) { return true; }

NodeId value(const TermGraph& term) {
  Graph& g = term.graph;
  const int p = *term.site.task.modulus;
  const NodeId sums = terms::sums_along(g, terms::class_logits(term), p, terms::Along::sum);
  const NodeId waves = terms::onto_waves(term, sums, terms::Constant::kept);
  const NodeId alone = g.add(ops::scale(), {waves}, {{"factor", 1.0 / p}});

  const TokenTensor sum_of = terms::index_along(p, terms::Along::sum);
  TokenTensor labels(Shape{p}), counts(Shape{p});
  for (int s = 0; s < p; ++s) labels.data[static_cast<std::size_t>(s)] = s;
  for (const std::int32_t row : terms::rows_of_split(term))
    ++counts.data[static_cast<std::size_t>(sum_of.data[static_cast<std::size_t>(row)])];
  const NodeId losses =
      g.add(ops::cross_entropy(), {alone, g.constant(std::move(labels))}, {{"precision", 64}});
  return g.add(ops::mean(), {losses, g.constant(std::move(counts))});
}

}  // namespace

const TermDef& terms::restricted() {
  static constexpr TermDef def{
      .name = "restricted",
      .meaning = "restricted loss: that of the waves of a + b of some frequencies alone",
      .source = "Nanda et al. 2023, arXiv:2301.05217",
      .schema = schema,
      .require = require_sum_waves,
      .reads_examples = reads_examples,
      .state_shape = mask_shape,
      .read = mask_of_waves_and_constant,
      .value = value};
  return def;
}

}  // namespace grok
