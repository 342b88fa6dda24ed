#include "grok/base/error.h"
#include "grok/models/answers.h"
#include "grok/models/parts.h"
#include "grok/ops/catalog.h"
#include "grok/terms/frequencies.h"
#include "grok/terms/waves.h"

// The weight that some frequencies have in a part of the network: to suppress them with a weight
// above 0, to encourage them with one below. With X what the part is, a row per number or per
// input:
//
//   embedding   X = the embedding's rows of the p numbers; waves of the number
//   neurons     X = the last neurons' values at the answer, on all inputs; waves of a, of b, of a +
//   b
//               and of a - b: the rows and columns {0, 2k-1, 2k} of its transform in a and in b
//   logits      X = the logits of the residues, on all inputs; waves of a + b
//
//   power   sum of squares of X's projection on the waves
//   share   the same over that of X less its mean row: 0 to 1
//
// The last two read all inputs, those of the test split among them.
//   source  Nanda et al. 2023, arXiv:2301.05217, future directions
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {terms::weight_field(), terms::frequencies_field(), terms::reread_field(),
       word_field(
           "of", "embedding", {"embedding", "neurons", "logits"},
           "What is made of waves: the embedding of the numbers, the last neurons' values on "
           "all inputs, or the logits on all inputs."),
       word_field("measure", "share", {"share", "power"},
                  "The chosen frequencies' share of the variance, 0 to 1, or their sum of squares "
                  "itself, which has no bound.")}};
  return schema;
}

void require(const TermSite& site) {
  terms::require_frequencies(site);
  const std::string& of = site.params.text("of");
  const bool is_there = of == "logits" ||
                        (of == "neurons" && has_modular_mlp(site.task, site.model)) ||
                        (of == "embedding" && has_modular_embedding(site.task, site.model));
  if (!is_there)
    throw Error(ErrorCode::usage,
                "terms." + site.label + ".of: the model has no " + of + " that could have waves");
}

bool reads_examples(const Params& params) { return params.text("of") != "embedding"; }

struct Power {
  NodeId of_waves = no_node, of_all = no_node;  // float64 scalars
};

// Of rows less their mean: sum of squares less that of the mean row.
NodeId variance(Graph& g, NodeId rows) {
  const auto n = static_cast<double>(g.shape(rows)[0]);
  const NodeId sum = g.add(ops::sum_leading(), {rows}, {{"n_axes", 1}});
  const NodeId mean = g.add(ops::scale(), {g.add(ops::sum_squares(), {sum})}, {{"factor", -1 / n}});
  return g.add(ops::add(), {g.add(ops::sum_squares(), {rows}), mean});
}

// A projection of the table on waves of one number has p equal rows for each of its p rows, each a
// p-th of the projected sums.
NodeId power_along(const TermGraph& term, NodeId table, terms::Along along) {
  Graph& g = term.graph;
  const int p = *term.site.task.modulus;
  const NodeId sums = terms::sums_along(g, table, p, along);
  const NodeId waves = terms::onto_waves(term, sums, terms::Constant::left_out);
  return g.add(ops::scale(), {g.add(ops::sum_squares(), {waves})}, {{"factor", 1.0 / p}});
}

Power of_embedding(const TermGraph& term) {
  Graph& g = term.graph;
  const NodeId all = g.find_leaf(embedding_weight(term.site.task, term.site.model));
  const std::int64_t p = *term.site.task.modulus;
  const NodeId rows =
      g.add(ops::slice(), {all}, {{"axis", 0}, {"begin", std::int64_t{0}}, {"end", p}});
  const NodeId waves = terms::onto_waves(term, rows, terms::Constant::left_out);
  return {g.add(ops::sum_squares(), {waves}), variance(g, rows)};
}

Power of_neurons(const TermGraph& term) {
  Graph& g = term.graph;
  const TaskData& task = term.site.task;
  const NodeId everywhere = g.find_hook(last_neurons(task, term.site.model)->hook);
  const NodeId values = answer_logits(g, task, everywhere, no_node);
  NodeId sum = power_along(term, values, terms::Along::a);
  for (const terms::Along along : {terms::Along::b, terms::Along::sum, terms::Along::difference})
    sum = g.add(ops::add(), {sum, power_along(term, values, along)});
  return {sum, variance(g, values)};
}

Power of_logits(const TermGraph& term) {
  const NodeId logits = terms::class_logits(term);
  return {power_along(term, logits, terms::Along::sum), variance(term.graph, logits)};
}

NodeId value(const TermGraph& term) {
  const std::string& of = term.site.params.text("of");
  const Power power = of == "embedding" ? of_embedding(term)
                      : of == "neurons" ? of_neurons(term)
                                        : of_logits(term);
  if (term.site.params.text("measure") == "power") return power.of_waves;
  return term.graph.add(ops::divide(), {power.of_waves, power.of_all});
}

}  // namespace

const TermDef& terms::frequency_power() {
  static constexpr TermDef def{
      .name = "frequency_power",
      .meaning = "the weight of some frequencies in the embedding, the neurons or the logits",
      .source = "Nanda et al. 2023, arXiv:2301.05217, future directions",
      .schema = schema,
      .require = require,
      .reads_examples = reads_examples,
      .state_shape = mask_shape,
      .read = mask_of_waves,
      .value = value};
  return def;
}

}  // namespace grok
