#include "grok/analysis/neurons.h"

#include <algorithm>
#include <array>
#include <string>

#include "grok/analysis/fourier.h"
#include "grok/base/error.h"

namespace grok {
namespace {

// Neurons worked on together: their sums (4 p of them each) stay in the second-level cache.
constexpr std::size_t width = 32;

struct Block {
  std::size_t p, n, first, count;  // neurons first .. first + count of n
};

// Sums of activations over the inputs that share a, b, a + b or a - b: all that the 3x3 rule needs,
// since products of waves of a and b are sums of waves of a + b and a - b.
struct Sums {
  std::vector<double> a, b, plus, minus;  // [p, width] each
};

void add_row(const float* x, std::size_t count, double* a, double* b, double* plus, double* minus) {
  for (std::size_t j = 0; j < count; ++j) {
    const auto v = static_cast<double>(x[j]);
    a[j] += v;
    b[j] += v;
    plus[j] += v;
    minus[j] += v;
  }
}

Sums sum_inputs(ConstFloats activations, const Block& block) {
  const std::size_t p = block.p;
  const std::vector<double> zeros(p * width);
  Sums sums{zeros, zeros, zeros, zeros};
  for (std::size_t a = 0; a < p; ++a)
    for (std::size_t b = 0; b < p; ++b)
      add_row(&activations[(a * p + b) * block.n + block.first], block.count, &sums.a[a * width],
              &sums.b[b * width], &sums.plus[(a + b) % p * width],
              &sums.minus[(a + p - b) % p * width]);
  return sums;
}

// Sum of squares about the mean, in a second pass: the difference of two large sums would leave a
// nearly constant neuron nothing but rounding error. A constant one gets exactly 0, since a sum of
// equal floats is exact in double.
std::vector<double> variation(ConstFloats activations, const Block& block, const Sums& sums) {
  std::vector<double> mean(width), total(width);
  for (std::size_t i = 0; i < sums.a.size(); ++i) mean[i % width] += sums.a[i];
  for (double& m : mean) m /= static_cast<double>(block.p * block.p);
  for (std::size_t r = 0; r < block.p * block.p; ++r) {
    const float* x = &activations[r * block.n + block.first];
    for (std::size_t j = 0; j < block.count; ++j) {
      const double d = static_cast<double>(x[j]) - mean[j];
      total[j] += d * d;
    }
  }
  return total;
}

// Adds |sum over x of values[x] e^(i w_k x)|^2 for each neuron.
void add_power(const Circle& circle, long long k, const std::vector<double>& values,
               std::vector<double>& power) {
  std::array<double, width> re{}, im{};
  for (std::size_t x = 0; x < values.size() / width; ++x) {
    const double c = circle.cos(k, static_cast<long long>(x));
    const double s = circle.sin(k, static_cast<long long>(x));
    const double* v = &values[x * width];
    for (std::size_t j = 0; j < width; ++j) {
      re[j] += c * v[j];
      im[j] += s * v[j];
    }
  }
  for (std::size_t j = 0; j < width; ++j) power[j] += re[j] * re[j] + im[j] * im[j];
}

void fill_block(ConstFloats activations, const Circle& circle, const Block& block,
                NeuronSpectrum& out) {
  const Sums sums = sum_inputs(activations, block);
  const std::vector<double> total = variation(activations, block, sums);
  const auto n_freq = static_cast<std::size_t>(out.n_frequencies);
  const double norm = 2.0 / static_cast<double>(block.p * block.p);
  for (std::size_t k = 0; k < n_freq; ++k) {
    std::vector<double> power(width);
    for (const auto* part : {&sums.a, &sums.b, &sums.plus, &sums.minus})
      add_power(circle, static_cast<long long>(k + 1), *part, power);
    for (std::size_t j = 0; j < block.count; ++j)
      out.explained[(block.first + j) * n_freq + k] =
          total[j] == 0 ? 0 : norm * power[j] / total[j];
  }
}

}  // namespace

NeuronSpectrum neuron_spectrum(ConstFloats activations, int p, int n_neurons, ThreadPool& pool) {
  GROK_REQUIRE(p >= 3 && n_neurons >= 1,
               "p = " + std::to_string(p) + ", " + std::to_string(n_neurons) + " neurons");
  const auto rows = static_cast<std::size_t>(p), n = static_cast<std::size_t>(n_neurons);
  GROK_REQUIRE(activations.size() == rows * rows * n,
               std::to_string(activations.size()) + " activations for p = " + std::to_string(p) +
                   " and " + std::to_string(n_neurons) + " neurons");
  NeuronSpectrum out{n_neurons, n_frequencies(p), {}};
  out.explained.resize(n * static_cast<std::size_t>(out.n_frequencies));
  const Circle circle(p);
  pool.for_chunks(static_cast<std::int64_t>((n + width - 1) / width), [&](std::int64_t i) noexcept {
    const std::size_t first = static_cast<std::size_t>(i) * width;
    fill_block(activations, circle, {rows, n, first, std::min(width, n - first)}, out);
  });
  return out;
}

std::vector<NeuronFrequency> dominant_frequencies(const NeuronSpectrum& spectrum,
                                                  int last_frequency) {
  GROK_REQUIRE(last_frequency >= 0 && last_frequency <= spectrum.n_frequencies,
               "frequency " + std::to_string(last_frequency) + " of " +
                   std::to_string(spectrum.n_frequencies));
  const int last = last_frequency == 0 ? spectrum.n_frequencies : last_frequency;
  std::vector<NeuronFrequency> out(static_cast<std::size_t>(spectrum.n_neurons));
  for (std::size_t i = 0; i < out.size(); ++i)
    for (int k = 1; k <= last; ++k) {
      const double share = spectrum.explained[i * static_cast<std::size_t>(spectrum.n_frequencies) +
                                              static_cast<std::size_t>(k - 1)];
      if (share > out[i].explained) out[i] = {k, share};
    }
  return out;
}

std::map<int, int> neuron_clusters(std::span<const NeuronFrequency> neurons, double threshold) {
  std::map<int, int> counts;
  for (const NeuronFrequency& n : neurons)
    if (n.frequency != 0 && n.explained >= threshold) ++counts[n.frequency];
  return counts;
}

}  // namespace grok
