#include "grok/terms/waves.h"

#include <numeric>

#include "grok/analysis/cross_entropy.h"
#include "grok/analysis/fourier.h"
#include "grok/base/error.h"
#include "grok/models/parts.h"
#include "grok/ops/catalog.h"
#include "grok/terms/frequencies.h"

namespace grok::terms {
namespace {

// Rows of the Fourier basis as columns, [p, rows].
Tensor columns(const FourierBasis& basis, const std::vector<int>& rows) {
  const auto p = static_cast<std::size_t>(basis.p());
  Tensor out(Shape{basis.p(), static_cast<std::int64_t>(rows.size())});
  for (std::size_t j = 0; j < rows.size(); ++j)
    for (std::size_t x = 0; x < p; ++x)
      out.data[x * rows.size() + j] = static_cast<float>(basis.row(rows[j])[x]);
  return out;
}

std::vector<int> rows_of_basis(const TermSite& site, Constant constant) {
  if (are_key(site)) {
    std::vector<int> all(static_cast<std::size_t>(*site.task.modulus));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  std::vector<int> out;
  if (constant == Constant::kept) out.push_back(0);
  for (const int k : fixed_frequencies(site)) {
    out.push_back(2 * k - 1);
    out.push_back(2 * k);
  }
  return out;
}

}  // namespace

TokenTensor index_along(int p, Along along) {
  TokenTensor out(Shape{std::int64_t{p} * p});
  std::size_t i = 0;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b) {
      const int x = along == Along::a     ? a
                    : along == Along::b   ? b
                    : along == Along::sum ? a + b
                                          : a - b;
      out.data[i++] = (x + p) % p;
    }
  return out;
}

NodeId sums_along(Graph& g, NodeId table, int p, Along along) {
  return g.add(ops::scatter_rows(), {table, g.constant(index_along(p, along))}, {{"n_rows", p}});
}

NodeId onto_waves(const TermGraph& term, NodeId rows, Constant constant) {
  Graph& g = term.graph;
  const FourierBasis basis(*term.site.task.modulus);
  const NodeId waves = g.constant(columns(basis, rows_of_basis(term.site, constant)));
  NodeId parts = g.add(ops::matmul(), {rows, waves}, {{"transpose_a", 1}});  // [n, waves]
  if (term.state != no_node) parts = g.add(ops::multiply(), {parts, term.state});
  return g.add(ops::matmul(), {waves, parts}, {{"transpose_b", 1}});
}

void require_sum_waves(const TermSite& site) {
  require_frequencies(site);
  if (!is_odd_addition(site.task))
    throw Error(ErrorCode::usage,
                "terms." + site.label +
                    ": the task is no addition mod an odd p, so that waves of a + "
                    "b are nothing that it should learn");
}

Field rows_field() {
  return word_field(
      "rows", "train", {"train", "all"},
      "Pairs on which the loss is taken. Projections use all pairs in either case, so "
      "that the test pairs' logits enter; with \"all\" so do their labels.");
}

NodeId class_logits(const TermGraph& term) {
  const std::int64_t p = *term.site.task.modulus;
  if (term.graph.shape(term.all_answers)[1] == p) return term.all_answers;
  return term.graph.add(ops::slice(), {term.all_answers},
                        {{"axis", 1}, {"begin", std::int64_t{0}}, {"end", p}});
}

std::vector<std::int32_t> rows_of_split(const TermGraph& term) {
  if (term.site.params.text("rows") == "train") return term.site.task.train;
  return all_rows(term.site.task.n_examples());
}

}  // namespace grok::terms
