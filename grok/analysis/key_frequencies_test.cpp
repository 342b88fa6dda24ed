#include "grok/analysis/key_frequencies.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/rng.h"

namespace grok {
namespace {

using Keys = std::vector<int>;

// 56 norms: a noisy floor, with given peaks.
std::vector<double> norms(double floor, const std::vector<std::pair<int, double>>& peaks) {
  const Rng rng(3, "norms");
  std::vector<double> out(56);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = floor * (0.8 + 0.4 * rng.uniform(i));
  for (const auto& [k, height] : peaks) out[static_cast<std::size_t>(k - 1)] = height;
  return out;
}

// Peaks and floor as in the published weights at weight decay 0.1 (reference/golden.json).
const auto embedding = norms(
    0.5,
    {{23, 6.84}, {6, 5.75}, {37, 5.47}, {41, 5.32}, {39, 5.0}, {46, 2.53}, {12, 2.3}, {54, 1.79}});
const auto neuron_logit =
    norms(0.55, {{23, 37.7}, {6, 24.3}, {41, 21.6}, {39, 20.7}, {37, 19.4}, {54, 3.03}, {3, 2.44}});

TEST(EmbeddingRule, finds_the_frequencies_of_a_finished_network) {
  EXPECT_EQ(embedding_rule(embedding, neuron_logit), (Keys{6, 23, 37, 39, 41}));
  EXPECT_EQ(neuron_logit_rule(neuron_logit), (Keys{6, 23, 37, 39, 41}));
}

TEST(EmbeddingRule, leaves_out_what_only_the_embedding_has) {
  EXPECT_EQ(outstanding_frequencies(embedding), (Keys{6, 12, 23, 37, 39, 41, 46}));
}

TEST(EmbeddingRule, finds_nothing_before_a_frequency_has_risen) {
  EXPECT_EQ(outstanding_frequencies(norms(1, {})), Keys{});
  EXPECT_EQ(outstanding_frequencies(norms(1, {{7, 3.0}})), Keys{});
  EXPECT_EQ(outstanding_frequencies(norms(1, {{7, 6.0}})), Keys{7});
}

TEST(EmbeddingRule, stands_a_small_prime_where_most_frequencies_are_key) {
  EXPECT_EQ(outstanding_frequencies(std::vector<double>{5, 0.01, 4, 6, 3, 0.02, 4, 5, 0.01, 4, 5}),
            (Keys{1, 3, 4, 5, 7, 8, 10, 11}));
}

TEST(EmbeddingRule, finds_nothing_in_a_network_that_diverged) {
  EXPECT_EQ(outstanding_frequencies(norms(1, {{3, 50.0}, {4, NAN}})), Keys{});
  EXPECT_EQ(outstanding_frequencies({}), Keys{});
}

TEST(NeuronRule, counts_mixed_neurons_only_without_a_threshold) {
  const std::vector<NeuronFrequency> neurons{{6, 0.9}, {23, 0.86}, {6, 0.99}, {12, 0.5}, {0, 0}};
  EXPECT_EQ(neuron_rule(neurons, 0), (Keys{6, 12, 23}));
  EXPECT_EQ(neuron_rule(neurons, cluster_threshold), (Keys{6, 23}));
}

TEST(QuarterOfLargestRule, takes_cosine_or_sine_alone) {
  // Components: constant, then cosine and sine of 1, 2, 3.
  EXPECT_EQ(quarter_of_largest_rule(std::vector<double>{0, 4, 0.9, 0.9, 0.9, 0, 1.1}),
            (Keys{1, 3}));
  EXPECT_EQ(quarter_of_largest_rule(std::vector<double>{9, 4, 0, 1, 1, 2.2, 2.3}), (Keys{1, 3}));
  // For an even p the last component alternates and is none of the frequencies.
  EXPECT_EQ(quarter_of_largest_rule(std::vector<double>{0, 3, 1, 9}), Keys{1});
}

}  // namespace
}  // namespace grok
