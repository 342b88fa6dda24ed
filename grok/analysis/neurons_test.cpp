#include "grok/analysis/neurons.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/analysis/fourier.h"
#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

constexpr int p = 11;
constexpr std::size_t n = p;

template <class F>
std::vector<float> neurons_of(int n_neurons, F&& f) {
  std::vector<float> out;
  for (int a = 0; a < p; ++a)
    for (int b = 0; b < p; ++b)
      for (int i = 0; i < n_neurons; ++i) out.push_back(static_cast<float>(f(a, b, i)));
  return out;
}

double wave(int k, int x) { return std::cos(2 * M_PI * k * x / p + 0.3); }

TEST(NeuronSpectrum, gives_a_neuron_of_one_frequency_its_whole_variance) {
  ThreadPool pool(2);
  // The sum and the product of waves of one frequency, on any constant, are within its 3x3 block.
  const auto acts = neurons_of(5, [](int a, int b, int i) {
    const int k = i + 1;
    return 10 + wave(k, a) + 0.5 * wave(k, b) + 2 * wave(k, a) * wave(k, b + 1);
  });
  const NeuronSpectrum got = neuron_spectrum(acts, p, 5, pool);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t k = 0; k < 5; ++k)
      EXPECT_NEAR(got.explained[i * 5 + k], i == k ? 1 : 0, 1e-12);
}

// By the book: 2D transform, the 3x3 block without its (0, 0) entry, over all but that entry.
TEST(NeuronSpectrum, agrees_with_the_definition_on_any_activations) {
  constexpr int n_neurons = 40;  // more than one block of work, and not whole
  const Rng rng(1, "activations");
  std::uint64_t draw = 0;
  const auto acts = neurons_of(n_neurons, [&](int, int, int) { return 1 + rng.normal(draw++); });
  const std::vector<double> wide(acts.begin(), acts.end());
  const auto g = fourier_transform_2d(FourierBasis(p), wide);
  ThreadPool pool(1);
  const NeuronSpectrum got = neuron_spectrum(acts, p, n_neurons, pool);
  for (std::size_t i = 0; i < n_neurons; ++i) {
    const auto square = [&](std::size_t f, std::size_t h) {
      const double x = g[(f * n + h) * n_neurons + i];
      return x * x;
    };
    double total = -square(0, 0);
    for (std::size_t f = 0; f < n; ++f)
      for (std::size_t h = 0; h < n; ++h) total += square(f, h);
    for (std::size_t k = 1; k <= 5; ++k) {
      double block = -square(0, 0);
      for (const std::size_t f : {std::size_t{0}, 2 * k - 1, 2 * k})
        for (const std::size_t h : {std::size_t{0}, 2 * k - 1, 2 * k}) block += square(f, h);
      ASSERT_NEAR(got.explained[i * 5 + k - 1], block / total, 1e-12);
    }
  }
}

TEST(NeuronSpectrum, does_not_depend_on_the_number_of_threads) {
  const auto acts = neurons_of(70, [](int a, int b, int i) { return wave(1 + i % 5, a * b + i); });
  ThreadPool one(1), three(3);
  EXPECT_EQ(neuron_spectrum(acts, p, 70, one).explained,
            neuron_spectrum(acts, p, 70, three).explained);
}

TEST(NeuronClusters, leave_out_dead_and_mixed_neurons) {
  ThreadPool pool(1);
  const auto acts = neurons_of(5, [](int a, int b, int i) {
    if (i == 4) return 0.1;                      // constant
    if (i == 0) return 0.0;                      // dead
    if (i == 1) return wave(2, a) + wave(4, b);  // half and half
    return wave(5, a) + (i == 2 ? 0.3 : 0.1) * wave(3, b);
  });
  const auto neurons = dominant_frequencies(neuron_spectrum(acts, p, 5, pool));
  EXPECT_EQ(neurons[0].frequency, 0);
  EXPECT_EQ(neurons[4].frequency, 0);
  EXPECT_NEAR(neurons[1].explained, 0.5, 1e-6);
  EXPECT_EQ(neurons[2].frequency, 5);
  EXPECT_NEAR(neurons[2].explained, 1 / 1.09, 1e-6);
  EXPECT_EQ(neuron_clusters(neurons), (std::map<int, int>{{5, 2}}));
  EXPECT_EQ(neuron_clusters(neurons, 0.95), (std::map<int, int>{{5, 1}}));
}

TEST(DominantFrequencies, can_leave_out_the_last_as_the_papers_code_does) {
  const NeuronSpectrum spectrum{1, 3, {0.1, 0.2, 0.7}};
  EXPECT_EQ(dominant_frequencies(spectrum)[0].frequency, 3);
  EXPECT_EQ(dominant_frequencies(spectrum, 2)[0].frequency, 2);
  EXPECT_THROW(dominant_frequencies(spectrum, 4), ContractBroken);
}

}  // namespace
}  // namespace grok
