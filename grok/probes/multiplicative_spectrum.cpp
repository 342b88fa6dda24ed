#include <cmath>

#include "grok/analysis/fourier.h"
#include "grok/analysis/primitive_root.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// The spectrum of the embedding where numbers are multiplied mod a prime p: residues but 0 in the
// order of their discrete logarithms, g^0, g^1, .. with g the least primitive root, in which
// products are sums mod p - 1.
//
//   multiplicative_spectrum [(p-1)/2]      entry k-1: length, over d_model, of W_E's cosine and
//   sine
//                                          components of frequency k in the logarithm; the last has
//                                          the alternating component alone, quadratic residues
//                                          against the rest
//   multiplicative_spectrum.W_U [(p-1)/2]  the same of the unembedding's columns, where there is
//   one source  the transform is that of Nanda et al. 2023, arXiv:2301.05217, over the group of
//   units;
//           representations in place of frequencies: Chughtai et al. 2023, arXiv:2302.03025
namespace grok {
namespace {

// `rows` are those of the residues 1 .. p-1.
std::vector<double> spectrum(Doubles rows, int p) {
  const std::vector<int> powers = powers_of_primitive_root(p);
  const std::size_t d = rows.size() / powers.size();
  std::vector<double> by_logarithm;
  for (const int residue : powers) {
    const Doubles row = rows.subspan(static_cast<std::size_t>(residue - 1) * d, d);
    by_logarithm.insert(by_logarithm.end(), row.begin(), row.end());
  }
  const std::vector<double> norms = component_norms(FourierBasis(p - 1), by_logarithm);
  std::vector<double> out = frequency_norms(norms);
  out.push_back(norms.back());
  return out;
}

void measure(const ProbeInput& input, Measurements& out) {
  const int p = input.task().group->n;
  const SymbolRows rows = symbol_rows(input.task(), input.model(), input.weights(), 1, p);
  out.add("multiplicative_spectrum", spectrum(rows.embedding, p));
  if (!rows.unembedding.empty())
    out.add("multiplicative_spectrum.W_U", spectrum(rows.unembedding, p));
}

bool applies(const TaskData& task, const Params& model) {
  return has_group(task, model, SymbolGroup::Kind::multiplicative) && task.group->n >= 3;
}

}  // namespace

const ProbeDef& probes::multiplicative_spectrum() {
  static constexpr ProbeDef def{
      .name = "multiplicative_spectrum",
      .meaning = "norm of the embedding at each frequency of the discrete logarithm",
      .source = "Nanda et al. 2023, arXiv:2301.05217; Chughtai et al. 2023, arXiv:2302.03025",
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
