#include "grok/kernels/newton_schulz.h"

#include <algorithm>
#include <cmath>

#include "grok/base/error.h"
#include "grok/kernels/combine.h"
#include "grok/kernels/elementwise.h"
#include "grok/kernels/inner_products.h"
#include "grok/kernels/matmul.h"

namespace grok {
namespace {

constexpr double linear = 3.4445, cubic = -4.7750, quintic = 2.0315;

std::int64_t side(const MatrixStack& s) { return std::min(s.rows, s.columns); }
std::int64_t n_floats(const MatrixStack& s) { return s.n_matrices * s.rows * s.columns; }

std::int64_t product_scratch_bytes(const MatrixStack& s, int n_threads) {
  const auto of = [&](std::int64_t n, std::int64_t k) {
    return s.n_matrices == 1 ? matmul_scratch_bytes<float>(n, k, n_threads)
                             : matmul_batched_scratch_bytes<float>(n, k, n_threads);
  };
  const std::int64_t m = side(s), wide = std::max(s.rows, s.columns);
  return std::max({of(m, wide), of(m, m), of(s.columns, m), of(m, s.columns)});
}

// Products of a whole stack.
class Products {
 public:
  Products(const MatrixStack& stack, std::span<std::byte> scratch, ThreadPool& pool)
      : n_(stack.n_matrices), scratch_(scratch), pool_(pool) {}

  void operator()(const MatmulOf<float>& product) const noexcept {
    if (n_ == 1) return matmul(product, scratch_, pool_);
    const std::int64_t a = product.m * product.k, b = product.k * product.n;
    matmul_batched(product, {a, b, product.m * product.n}, n_, scratch_, pool_);
  }

 private:
  std::int64_t n_;
  std::span<std::byte> scratch_;
  ThreadPool& pool_;
};

// a + linear on the diagonals.
void add_to_diagonals(const MatrixStack& s, Floats a) noexcept {
  const std::int64_t m = side(s);
  for (std::int64_t i = 0; i < s.n_matrices * m; ++i)
    a[static_cast<std::size_t>(i * m + i % m)] += static_cast<float>(linear);
}

void divide_by_norms(const MatrixStack& s, ConstFloats g, Floats x, ThreadPool& pool) noexcept {
  const auto size = static_cast<std::size_t>(s.rows * s.columns);
  for (std::size_t at = 0; at < g.size(); at += size) {
    const double norm = std::sqrt(sum_of_squares(g.subspan(at, size), pool));
    scale(g.subspan(at, size), static_cast<float>(1 / (norm + 1e-7)), x.subspan(at, size), pool);
  }
}

}  // namespace

std::int64_t newton_schulz_scratch_floats(const MatrixStack& stack, int n_threads) {
  const std::int64_t m = side(stack);
  const std::int64_t bytes = product_scratch_bytes(stack, n_threads);
  return n_floats(stack) + 2 * stack.n_matrices * m * m + (bytes + 3) / 4;
}

double newton_schulz_flops(const MatrixStack& stack, int n_steps) {
  const auto m = static_cast<double>(side(stack));
  const auto n = static_cast<double>(std::max(stack.rows, stack.columns));
  return n_steps * static_cast<double>(stack.n_matrices) * (4 * m * m * n + 2 * m * m * m);
}

void newton_schulz(const MatrixStack& stack, int n_steps, ConstFloats g, Floats x, Floats scratch,
                   ThreadPool& pool) noexcept {
  const std::int64_t m = side(stack), rows = stack.rows, columns = stack.columns;
  GROK_ASSERT(std::ssize(g) == n_floats(stack) && g.size() == x.size());
  GROK_ASSERT(std::ssize(scratch) >= newton_schulz_scratch_floats(stack, pool.n_threads()));
  const bool is_wide = rows <= columns;
  const Floats other = scratch.first(x.size());
  const Floats a = scratch.subspan(x.size(), static_cast<std::size_t>(stack.n_matrices * m * m));
  const Floats aa = scratch.subspan(x.size() + a.size(), a.size());
  const Products product(stack, std::as_writable_bytes(scratch.subspan(x.size() + 2 * a.size())),
                         pool);
  divide_by_norms(stack, g, x, pool);
  Floats from = x, to = other;
  for (int step = 0; step < n_steps; ++step) {
    product({.a = from.data(),
             .lda = columns,
             .transpose_a = !is_wide,
             .b = from.data(),
             .ldb = columns,
             .transpose_b = is_wide,
             .c = a.data(),
             .ldc = m,
             .m = m,
             .n = m,
             .k = is_wide ? columns : rows});
    product({.a = a.data(),
             .lda = m,
             .b = a.data(),
             .ldb = m,
             .c = aa.data(),
             .ldc = m,
             .m = m,
             .n = m,
             .k = m});
    combine(cubic, a, quintic, aa, aa, pool);
    add_to_diagonals(stack, aa);
    const Floats left = is_wide ? aa : from, right = is_wide ? from : aa;
    product({.a = left.data(),
             .lda = is_wide ? m : columns,
             .b = right.data(),
             .ldb = columns,
             .c = to.data(),
             .ldc = columns,
             .m = rows,
             .n = columns,
             .k = m});
    std::swap(from, to);
  }
  if (from.data() != x.data()) std::copy(from.begin(), from.end(), x.begin());
}

}  // namespace grok
