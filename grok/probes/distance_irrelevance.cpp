#include <algorithm>

#include "grok/analysis/clock_or_pizza.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How little a logit cares for the distance a - b: near 0 for a pizza, whose logits have the factor
// |cos(w (a - b) / 2)|, larger for a clock. For both: the standard deviation along a + b at fixed a
// - b (mod p), mean over a - b, over the standard deviation over all p^2 inputs. Without unit.
//
//   distance_irrelevance        of the correct logit: the paper's notebook, and its figures
//   distance_irrelevance_wrong  of the largest of the other p - 1 logits: its training program
//   source  Zhong, Liu, Tegmark, Andreas 2023, arXiv:2306.17844, and its code
namespace grok {
namespace {

void measure(const ProbeInput& input, Measurements& out) {
  const Doubles logits = input.class_logits();
  const Tokens labels = input.task().labels.span();
  const auto p = static_cast<std::size_t>(input.p());
  std::vector<double> correct, wrong;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Doubles row = logits.subspan(i * p, p);
    const auto label = static_cast<std::size_t>(labels[i]);
    double most = row[label == 0 ? 1 : 0];
    for (std::size_t c = 0; c < p; ++c)
      if (c != label) most = std::max(most, row[c]);
    correct.push_back(row[label]);
    wrong.push_back(most);
  }
  out.add("distance_irrelevance", distance_irrelevance(correct, input.p()));
  out.add("distance_irrelevance_wrong", distance_irrelevance(wrong, input.p()));
}

}  // namespace

const ProbeDef& probes::distance_irrelevance() {
  static constexpr ProbeDef def{.name = "distance_irrelevance",
                                .meaning = "how little the logits depend on a - b",
                                .source = "Zhong et al. 2023, arXiv:2306.17844",
                                .hooks = logits_alone,
                                .applies = adds_modulo_odd,
                                .measure = measure};
  return def;
}

}  // namespace grok
