#include "grok/analysis/clock_or_pizza.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How far the embedding of the numbers 0 .. p-1 lies on circles.
//
//   circularity  mean over its first four principal components v, [p] each, of the largest over
//                frequencies k of 2 |sum over j of v_j e^(2 pi i j k / p)|^2 / (p sum v_j^2), at
//                most 1. The authors count a network as circular from 0.995 on
//   source  Zhong, Liu, Tegmark, Andreas 2023, arXiv:2306.17844, and its code
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  out.add("circularity", circularity(input.number_embedding(), input.p()));
}

}  // namespace

const ProbeDef& probes::circularity() {
  static constexpr ProbeDef def{
      .name = "circularity",
      .meaning = "how far the embedding's first four principal components are circles",
      .source = "Zhong et al. 2023, arXiv:2306.17844",
      .applies = has_modular_embedding,
      .measure = measure};
  return def;
}

}  // namespace grok
