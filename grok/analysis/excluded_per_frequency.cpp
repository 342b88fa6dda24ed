#include "grok/analysis/excluded_per_frequency.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "grok/base/error.h"
#include "grok/base/exact_math.h"

namespace grok {
namespace {

// Products of two exponentials stay within range if each exponent stays within this: e^700 times
// 100,000 classes is finite, and e^-700 is no denormal.
constexpr double safe_exponent = 340.0;

// How many pieces the work is cut into, whatever the number of threads.
constexpr std::size_t n_chunks = 16;

// What one piece of the work writes and needs not share.
struct Scratch {
  std::vector<double> factor_2d;  // [p, n_freq]  exp(-P), relative to the label's
  std::vector<double> shift_2d;   // [p, n_freq]  -P, relative to the label's
  std::vector<double> relative;   // [p]          exp(L), relative to the label's
  std::vector<double> others;     // [n_freq]     sum over the other classes
};

struct Inputs {
  Doubles logits;
  std::size_t p, n_freq;
  const SumSpectrum& spectrum;
  const Circle& circle;
  const std::vector<std::vector<std::int32_t>>& rows_of_sum;  // [p]
  std::vector<double> shift_3d, factor_3d;                    // [p, n_freq], the same for every s
};

// All tables run over d = s - c mod p, so that the label is d = 0 and both flavours look alike.
double* entry(std::vector<double>& table, std::size_t d, std::size_t n_freq) {
  return &table[d * n_freq];
}

double largest(Doubles x) {
  double m = 0;
  for (const double v : x) m = std::max(m, std::fabs(v));
  return m;
}

void fill_shift_2d(const Inputs& in, std::size_t s, Scratch& scratch) {
  const std::size_t p = in.p;
  const double norm = std::sqrt(2.0) / static_cast<double>(p);
  for (std::size_t k = 0; k < in.n_freq; ++k) {
    const auto kk = static_cast<long long>(k + 1), ss = static_cast<long long>(s);
    const double wc = norm * in.circle.cos(kk, ss), ws = norm * in.circle.sin(kk, ss);
    const double* cosine = &in.spectrum.cosine[k * p];
    const double* sine = &in.spectrum.sine[k * p];
    const double label = wc * cosine[s] + ws * sine[s];
    for (std::size_t d = 0; d < p; ++d) {
      const std::size_t c = s >= d ? s - d : s + p - d;
      entry(scratch.shift_2d, d, in.n_freq)[k] = label - (wc * cosine[c] + ws * sine[c]);
    }
  }
}

void fill_shift_3d(Inputs& in) {
  const auto p = static_cast<double>(in.p);
  const double norm = std::sqrt(2.0 / (p * p * p));
  const std::vector<double> v = cos_coefficients(in.spectrum);
  for (std::size_t d = 0; d < in.p; ++d)
    for (std::size_t k = 0; k < in.n_freq; ++k)
      entry(in.shift_3d, d, in.n_freq)[k] =
          norm * v[k] *
          (1.0 - in.circle.cos(static_cast<long long>(k + 1), static_cast<long long>(d)));
}

// sum over d > 0 of relative[d] * factor[d, :]: element-wise over frequencies.
void sum_products(Doubles relative, Doubles factor, std::span<double> others) {
  const std::size_t n = others.size();
  for (double& x : others) x = 0;
  for (std::size_t d = 1; d < relative.size(); ++d) {
    const double weight = relative[d];
    const double* row = &factor[d * n];
    for (std::size_t k = 0; k < n; ++k) others[k] += weight * row[k];
  }
}

// The slow and safe way for one row, where exponents are large.
void add_losses_safely(Doubles difference, Doubles shift, std::span<double> loss,
                       std::span<double> row) {
  for (std::size_t k = 0; k < loss.size(); ++k) {
    for (std::size_t d = 0; d < row.size(); ++d)
      row[d] = difference[d] + shift[d * loss.size() + k];
    loss[k] += cross_entropy_of_row(row, 0);
  }
}

void add_losses(Doubles relative, Doubles factor, std::span<double> others,
                std::span<double> loss) {
  sum_products(relative, factor, others);
  for (std::size_t k = 0; k < loss.size(); ++k) loss[k] += exact_log1p(others[k]);
}

// The losses of all rows whose inputs add up to s, summed: loss [2, n_freq].
void sum_losses(const Inputs& in, std::size_t s, Scratch& scratch, std::span<double> loss) {
  if (in.rows_of_sum[s].empty()) return;
  fill_shift_2d(in, s, scratch);
  const double reach_2d = largest(scratch.shift_2d), reach_3d = largest(in.shift_3d);
  const bool tables_are_safe = reach_2d <= safe_exponent && reach_3d <= safe_exponent;
  if (tables_are_safe) exact_exp(scratch.shift_2d, scratch.factor_2d);
  const auto loss_2d = loss.first(in.n_freq), loss_3d = loss.last(in.n_freq);
  std::vector<double> difference(in.p), row(in.p);
  for (const std::int32_t r : in.rows_of_sum[s]) {
    const Doubles logits = in.logits.subspan(static_cast<std::size_t>(r) * in.p, in.p);
    for (std::size_t d = 0; d < in.p; ++d)
      difference[d] = logits[s >= d ? s - d : s + in.p - d] - logits[s];
    if (tables_are_safe && largest(difference) <= safe_exponent) {
      exact_exp(difference, scratch.relative);
      add_losses(scratch.relative, scratch.factor_2d, scratch.others, loss_2d);
      add_losses(scratch.relative, in.factor_3d, scratch.others, loss_3d);
    } else {
      add_losses_safely(difference, scratch.shift_2d, loss_2d, row);
      add_losses_safely(difference, in.shift_3d, loss_3d, row);
    }
  }
}

std::vector<std::vector<std::int32_t>> group_by_sum(Rows rows, std::size_t p) {
  std::vector<std::vector<std::int32_t>> groups(p);
  for (const std::int32_t r : rows) {
    GROK_REQUIRE(r >= 0 && static_cast<std::size_t>(r) < p * p, "row " + std::to_string(r));
    const auto i = static_cast<std::size_t>(r);
    groups[(i / p + i % p) % p].push_back(r);
  }
  return groups;
}

}  // namespace

ExcludedLosses excluded_losses_per_frequency(Doubles logits, const SumSpectrum& spectrum, Rows rows,
                                             ThreadPool& pool) {
  const auto p = static_cast<std::size_t>(spectrum.p);
  const auto n_freq = static_cast<std::size_t>(n_frequencies(spectrum.p));
  GROK_REQUIRE(logits.size() == p * p * p,
               std::to_string(logits.size()) + " logits for p = " + std::to_string(p));
  const Circle circle(spectrum.p);
  const auto groups = group_by_sum(rows, p);
  Inputs in{logits,
            p,
            n_freq,
            spectrum,
            circle,
            groups,
            std::vector<double>(p * n_freq),
            std::vector<double>(p * n_freq)};
  fill_shift_3d(in);
  exact_exp(in.shift_3d, in.factor_3d);

  const Scratch empty{std::vector<double>(p * n_freq), std::vector<double>(p * n_freq),
                      std::vector<double>(p), std::vector<double>(n_freq)};
  std::vector<Scratch> scratch(n_chunks, empty);
  std::vector<double> sums(p * 2 * n_freq);  // by s, so that they meet in one order below
  pool.for_chunks(n_chunks, [&](std::int64_t chunk) noexcept {
    for (auto s = static_cast<std::size_t>(chunk); s < p; s += n_chunks)
      sum_losses(in, s, scratch[static_cast<std::size_t>(chunk)],
                 std::span(sums).subspan(s * 2 * n_freq, 2 * n_freq));
  });

  ExcludedLosses out{std::vector<double>(n_freq), std::vector<double>(n_freq)};
  for (std::size_t s = 0; s < p; ++s)
    for (std::size_t k = 0; k < n_freq; ++k) {
      out.loss_2d[k] += sums[s * 2 * n_freq + k];
      out.loss_3d[k] += sums[s * 2 * n_freq + n_freq + k];
    }
  const auto n = static_cast<double>(rows.size());
  for (std::size_t k = 0; k < n_freq; ++k) {
    out.loss_2d[k] /= n;  // NaN for no rows, as everywhere
    out.loss_3d[k] /= n;
  }
  return out;
}

}  // namespace grok
