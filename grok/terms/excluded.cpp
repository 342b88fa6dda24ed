#include "grok/ops/catalog.h"
#include "grok/terms/frequencies.h"
#include "grok/terms/waves.h"

// The excluded loss: cross-entropy, in double, of the logits without the waves of a + b of some
// frequencies, all of them at once (the 2D flavour of docs/progress_measures.md). With a weight
// above 0 a network is trained to do without the waves, below 0 to lean on them; that loss has no
// bound, so that only weight decay holds such a run together.
//
//   R = (1/p) P S          S[s] = sum of L[a, b] over a + b = s, P the projection on the waves
//   value = mean over the rows of CE(L[a, b] - R[a + b])
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
  const NodeId logits = terms::class_logits(term);
  const NodeId sums = terms::sums_along(g, logits, p, terms::Along::sum);
  const NodeId waves = terms::onto_waves(term, sums, terms::Constant::left_out);
  const NodeId less = g.add(ops::scale(), {waves}, {{"factor", -1.0 / p}});

  const std::vector<std::int32_t> rows = terms::rows_of_split(term);
  const Shape shape{static_cast<std::int64_t>(rows.size())};
  const TokenTensor sum_of = terms::index_along(p, terms::Along::sum);
  TokenTensor labels(shape);
  for (std::size_t i = 0; i < rows.size(); ++i)
    labels.data[i] = sum_of.data[static_cast<std::size_t>(rows[i])];
  const NodeId index = g.constant(TokenTensor(shape, rows));
  const NodeId label = g.constant(std::move(labels));  // which is also the row of `less`
  const NodeId rest = g.add(ops::add(), {g.add(ops::gather_rows(), {logits, index}),
                                         g.add(ops::gather_rows(), {less, label})});
  return g.add(ops::mean(), {g.add(ops::cross_entropy(), {rest, label}, {{"precision", 64}})});
}

}  // namespace

const TermDef& terms::excluded() {
  static constexpr TermDef def{
      .name = "excluded",
      .meaning = "excluded loss: that of the logits without the waves of a + b of some frequencies",
      .source = "Nanda et al. 2023, arXiv:2301.05217",
      .schema = schema,
      .require = require_sum_waves,
      .reads_examples = reads_examples,
      .state_shape = mask_shape,
      .read = mask_of_waves,
      .value = value};
  return def;
}

}  // namespace grok
