#include "grok/analysis/key_frequencies.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "grok/analysis/fourier.h"
#include "grok/base/error.h"

namespace grok {
namespace {
constexpr double share_of_largest = 1.0 / 6;
constexpr double times_lower_quartile = 4;
}  // namespace

std::vector<int> outstanding_frequencies(Doubles norms) {
  if (norms.empty()) return {};
  std::vector<double> sorted(norms.begin(), norms.end());
  for (const double x : sorted)
    if (!(x >= 0)) return {};
  std::sort(sorted.begin(), sorted.end());
  const double lower_quartile = sorted[(sorted.size() - 1) / 4];
  const double bound =
      std::max(share_of_largest * sorted.back(), times_lower_quartile * lower_quartile);
  std::vector<int> out;
  for (std::size_t i = 0; i < norms.size(); ++i)
    if (norms[i] > bound) out.push_back(static_cast<int>(i) + 1);
  return out;
}

std::vector<int> neuron_rule(std::span<const NeuronFrequency> neurons, double threshold) {
  std::vector<int> out;
  for (const auto& [frequency, count] : neuron_clusters(neurons, threshold))
    out.push_back(frequency);
  return out;
}

std::vector<int> embedding_rule(Doubles embedding_norms, Doubles neuron_logit_norms) {
  GROK_REQUIRE(embedding_norms.size() == neuron_logit_norms.size(),
               std::to_string(embedding_norms.size()) + " and " +
                   std::to_string(neuron_logit_norms.size()) + " frequencies");
  const std::vector<int> in = outstanding_frequencies(embedding_norms);
  const std::vector<int> used = outstanding_frequencies(neuron_logit_norms);
  std::vector<int> out;
  std::set_intersection(in.begin(), in.end(), used.begin(), used.end(), std::back_inserter(out));
  return out;
}

std::vector<int> neuron_logit_rule(Doubles neuron_logit_norms) {
  return outstanding_frequencies(neuron_logit_norms);
}

std::vector<int> quarter_of_largest_rule(Doubles component_norms) {
  if (component_norms.empty()) return {};
  const double bound = 0.25 * *std::max_element(component_norms.begin(), component_norms.end());
  const int n_freq = n_frequencies(static_cast<int>(component_norms.size()));
  std::set<int> out;
  for (std::size_t i = 1; i < component_norms.size(); ++i) {
    const int k = FourierBasis::frequency(static_cast<int>(i));
    if (k <= n_freq && component_norms[i] > bound) out.insert(k);
  }
  return {out.begin(), out.end()};
}

}  // namespace grok
