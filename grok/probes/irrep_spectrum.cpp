#include "grok/analysis/irreps.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"
#include "grok/tasks/group.h"

// Which irreducible representations of the symmetric group S_n the embedding of its elements is
// made of: the share of its sum of squares that lies in each (its isotypic part), 0 to 1; all add
// up to 1.
//
//   irrep_spectrum.W_E [n_partitions]  of the embedding's rows
//   irrep_spectrum.W_U [n_partitions]  of the unembedding's columns, where there is one
//
// The order is that of partitions of n: (n), which is the mean, (n-1, 1), .. , (1, .., 1), which is
// the sign. A random embedding has d^2 / n! in a representation of dimension d.
//   source  Chughtai, Chan, Nanda 2023, arXiv:2302.03025
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  const auto permutations = permutations_of(input.task().group->n);
  const SymbolRows rows = symbol_rows(input.task(), input.model(), input.weights(), 0,
                                      static_cast<std::int64_t>(permutations.size()));
  out.add("irrep_spectrum.W_E", shares_of_irreps(rows.embedding, permutations));
  if (!rows.unembedding.empty())
    out.add("irrep_spectrum.W_U", shares_of_irreps(rows.unembedding, permutations));
}

bool applies(const TaskData& task, const Params& model) {
  return has_group(task, model, SymbolGroup::Kind::symmetric);
}

}  // namespace

const ProbeDef& probes::irrep_spectrum() {
  static constexpr ProbeDef def{
      .name = "irrep_spectrum",
      .meaning = "share of the embedding in each irreducible representation of S_n",
      .source = "Chughtai et al. 2023, arXiv:2302.03025",
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
