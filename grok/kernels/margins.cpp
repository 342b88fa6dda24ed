#include "grok/kernels/margins.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {

/// Calls f(row, its numbers, its label).
template <class F>
void for_rows(ConstFloats x, std::int64_t n, Tokens labels, ThreadPool& pool, F&& f) noexcept {
  const auto width = static_cast<std::size_t>(n);
  GROK_ASSERT(x.size() == width * labels.size());
  for_ranges(pool, std::ssize(labels), rows_per_chunk(n),
             [&](std::size_t begin, std::size_t end) noexcept {
               for (std::size_t row = begin; row < end; ++row)
                 f(row, x.subspan(row * width, width), static_cast<std::size_t>(labels[row]));
             });
}

/// max(v, 0), but NaN stays NaN.
double positive(double v) noexcept { return v < 0 ? 0 : v; }

/// The first of the largest of a row's other numbers; a NaN counts as the largest.
std::size_t nearest_rival(ConstFloats x, std::size_t label) noexcept {
  std::size_t best = label == 0 ? 1 : 0;
  for (std::size_t j = best; j < x.size(); ++j)
    if (j != label && !std::isnan(x[best]) && !(x[j] <= x[best])) best = j;
  return best;
}

/// How far a rival is from being beaten by the margin; above 0, it costs.
double excess(ConstFloats x, std::size_t label, std::size_t rival, double margin) noexcept {
  return margin - (static_cast<double>(x[label]) - static_cast<double>(x[rival]));
}

double hinge_of(ConstFloats x, std::size_t label, const Hinge& h) noexcept {
  if (x.size() < 2) return 0;
  if (h.rivals == Rivals::nearest)
    return positive(excess(x, label, nearest_rival(x, label), h.margin));
  double sum = 0;
  for (std::size_t j = 0; j < x.size(); ++j)
    if (j != label) sum += positive(excess(x, label, j, h.margin));
  return sum / static_cast<double>(x.size());
}

void write_grad(ConstFloats x, std::size_t label, double d, const Hinge& h, Floats out) noexcept {
  std::fill(out.begin(), out.end(), 0.0f);
  if (x.size() < 2) return;
  if (h.rivals == Rivals::nearest) {
    const std::size_t rival = nearest_rival(x, label);
    if (!(excess(x, label, rival, h.margin) > 0)) return;
    out[rival] = static_cast<float>(d);
    out[label] = -out[rival];
    return;
  }
  const double share = d / static_cast<double>(x.size());
  double n_ahead = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    if (j == label || !(excess(x, label, j, h.margin) > 0)) continue;
    out[j] = static_cast<float>(share);
    n_ahead += 1;
  }
  out[label] = static_cast<float>(-n_ahead * share);
}

}  // namespace

void hinge(ConstFloats x, std::int64_t n, Tokens labels, const Hinge& hinge,
           std::span<double> losses, ThreadPool& pool) noexcept {
  for_rows(x, n, labels, pool,
           [&](std::size_t row, ConstFloats of_row, std::size_t label) noexcept {
             losses[row] = hinge_of(of_row, label, hinge);
           });
}

void hinge_grad(ConstFloats x, std::int64_t n, Tokens labels, Doubles d_losses, const Hinge& hinge,
                Floats dx, ThreadPool& pool) noexcept {
  const auto width = static_cast<std::size_t>(n);
  for_rows(x, n, labels, pool,
           [&](std::size_t row, ConstFloats of_row, std::size_t label) noexcept {
             write_grad(of_row, label, d_losses[row], hinge, dx.subspan(row * width, width));
           });
}

void label_margin(ConstFloats x, std::int64_t n, Tokens labels, std::span<double> margins,
                  ThreadPool& pool) noexcept {
  for_rows(x, n, labels, pool,
           [&](std::size_t row, ConstFloats of_row, std::size_t label) noexcept {
             double sum = 0;
             for (const float v : of_row) sum += static_cast<double>(v);
             margins[row] = static_cast<double>(of_row[label]) - sum / static_cast<double>(n);
           });
}

void label_margin_grad(std::int64_t n, Tokens labels, Doubles d_margins, Floats dx,
                       ThreadPool& pool) noexcept {
  const auto width = static_cast<std::size_t>(n);
  for_rows(dx, n, labels, pool, [&](std::size_t row, ConstFloats, std::size_t label) noexcept {
    const double others = -d_margins[row] / static_cast<double>(n);
    const Floats out = dx.subspan(row * width, width);
    std::fill(out.begin(), out.end(), static_cast<float>(others));
    out[label] = static_cast<float>(d_margins[row] + others);
  });
}

}  // namespace grok
