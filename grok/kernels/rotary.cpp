#include "grok/kernels/rotary.h"

#include <algorithm>
#include <cstddef>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/rotary.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// The heads of one position, whose cosines and sines lie at `turn`.
void rotate_position(const float* x, const float* turn, std::size_t n_heads, std::size_t d_head,
                     std::size_t half, float* out) {
  for (std::size_t head = 0; head < n_heads; ++head, x += d_head, out += d_head) {
    for (std::size_t i = 0; i < half; i += width<float>) {
      const std::size_t valid = half - i;
      const auto c = load_some(turn + i, valid), s = load_some(turn + half + i, valid);
      const auto a = load_some(x + i, valid), b = load_some(x + half + i, valid);
      store_some<float>(hn::MulSub(a, c, hn::Mul(b, s)), out + i, valid);
      store_some<float>(hn::MulAdd(b, c, hn::Mul(a, s)), out + half + i, valid);
    }
    std::copy(x + 2 * half, x + d_head, out + 2 * half);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/base/exact_math.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(rotate_position);

[[maybe_unused]] std::size_t numbers_of(const RotaryShape& s) {
  return static_cast<std::size_t>(s.batch * s.n_pos * s.n_heads * s.d_head);
}
}  // namespace

void rotary_table(const RotaryShape& s, double base, Turn turn, Floats table) noexcept {
  GROK_ASSERT(std::ssize(table) == s.n_pos * s.n_rotary);
  const auto n = static_cast<std::size_t>(s.n_rotary), half = n / 2;
  const double log_base = exact_log(base);
  for (std::size_t i = 0; i < half; ++i) {
    const double exponent = -2 * static_cast<double>(i) / static_cast<double>(n);
    const double turns = exact_exp(exponent * log_base) / (2 * std::numbers::pi);
    for (std::size_t pos = 0; pos < static_cast<std::size_t>(s.n_pos); ++pos) {
      const CosSin angle = exact_cos_sin_2pi(static_cast<double>(pos) * turns);
      table[pos * n + i] = static_cast<float>(angle.cos);
      table[pos * n + half + i] = static_cast<float>(turn == Turn::forth ? angle.sin : -angle.sin);
    }
  }
}

void rotate(const RotaryShape& s, ConstFloats x, ConstFloats table, Floats out,
            ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == numbers_of(s) && out.size() == numbers_of(s));
  GROK_ASSERT(std::ssize(table) == s.n_pos * s.n_rotary);
  const auto kernel = GROK_DISPATCH(rotate_position);
  const auto n_heads = static_cast<std::size_t>(s.n_heads),
             d_head = static_cast<std::size_t>(s.d_head);
  const auto n_rotary = static_cast<std::size_t>(s.n_rotary),
             n_pos = static_cast<std::size_t>(s.n_pos), width = n_heads * d_head;
  for_ranges(pool, s.batch * s.n_pos, rows_per_chunk(s.n_heads * s.d_head),
             [&](std::size_t begin, std::size_t end) noexcept {
               for (std::size_t row = begin; row < end; ++row)
                 kernel(x.data() + row * width, table.data() + row % n_pos * n_rotary, n_heads,
                        d_head, n_rotary / 2, out.data() + row * width);
             });
}

}  // namespace grok
#endif  // HWY_ONCE
