#include "grok/kernels/normal_noise.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/normal_noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/math-inl.h"
#include "grok/kernels/philox-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
constexpr Full<float> d;

/// The upper 24 bits as a number in [0, 1).
HWY_INLINE Vector<float> unit(PhiloxWord word) {
  const auto bits = hn::BitCast(hn::RebindToSigned<Full<float>>(), hn::ShiftRight<8>(word));
  return hn::Mul(hn::ConvertTo(d, bits), hn::Set(d, 0x1p-24f));
}

/// Taylor's series of cos (even) or sin(x) / x, in x^2, for |x| <= pi / 4.
template <int first>
HWY_INLINE Vector<float> series(Vector<float> x2) {
  constexpr int last = first + 10;
  auto sum = hn::Set(d, static_cast<float>((last - first) % 4 == 0 ? inverse_factorial(last)
                                                                   : -inverse_factorial(last)));
#pragma GCC unroll 8
  for (int n = last - 2; n >= first; n -= 2) {
    const double term = inverse_factorial(n);
    sum = hn::MulAdd(sum, x2, hn::Set(d, static_cast<float>((n - first) % 4 == 0 ? term : -term)));
  }
  return sum;
}

/// Two independent normal numbers from two words.
HWY_INLINE void normals(PhiloxWord a, PhiloxWord b, Vector<float>& first, Vector<float>& second) {
  const auto one = hn::Set(d, 1.0f);
  // 1 - u is never 0.
  const auto radius = hn::Sqrt(hn::Mul(hn::Set(d, -2.0f), log_of(d, hn::Sub(one, unit(a)))));
  const auto quarters = hn::Mul(unit(b), hn::Set(d, 4.0f));
  const auto quarter = nearest_integer(d, quarters);
  const auto x = hn::Mul(hn::Sub(quarters, quarter), hn::Set(d, 0x1.921fb6p+0f));
  const auto x2 = hn::Mul(x, x);
  const auto cosine = series<0>(x2), sine = hn::Mul(series<1>(x2), x);
  // Of a quarter turn or three the two change places; signs: + + - - and + - - + for 0 to 3.
  const auto is = [&](float q) HWY_ATTR { return hn::Eq(quarter, hn::Set(d, q)); };
  const auto is_odd = hn::Or(is(1), is(3));
  const auto c = hn::IfThenElse(is_odd, sine, cosine), s = hn::IfThenElse(is_odd, cosine, sine);
  const auto c_minus = hn::Or(is(1), is(2)), s_minus = hn::Or(is(2), is(3));
  first = hn::Mul(radius, hn::IfThenElse(c_minus, hn::Neg(c), c));
  second = hn::Mul(radius, hn::IfThenElse(s_minus, hn::Neg(s), s));
}

/// Elements [begin, end); begin is a multiple of philox_group.
void noise_range(float sigma, const PhiloxStream& stream, const float* x, std::size_t begin,
                 std::size_t end, float* out) {
  const auto by = hn::Set(d, sigma);
  for (std::size_t first = begin; first < end; first += philox_group)
    for (std::size_t lane = 0; lane < blocks_of_group; lane += width<float>) {
      const Blocks blocks =
          philox(stream, static_cast<std::uint32_t>(first / words_of_block + lane));
      Vector<float> z[words_of_block];
      normals(blocks.word[0], blocks.word[1], z[0], z[1]);
      normals(blocks.word[2], blocks.word[3], z[2], z[3]);
#pragma GCC unroll 4
      for (std::size_t k = 0; k < words_of_block; ++k) {
        const std::size_t i = first + k * blocks_of_group + lane;
        if (i < end)
          store_some<float>(hn::MulAdd(z[k], by, load_some(x + i, end - i)), out + i, end - i);
      }
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(noise_range);

static_assert(numbers_per_chunk % philox_group == 0);
}  // namespace

void add_noise(const NormalNoise& noise, ConstFloats x, Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == out.size());
  const PhiloxStream stream = philox_stream(noise.seed, noise.stream, noise.step);
  const auto range = GROK_DISPATCH(noise_range);
  for_ranges(pool, static_cast<std::int64_t>(x.size()), numbers_per_chunk,
             [&](std::size_t begin, std::size_t end) noexcept {
               range(static_cast<float>(noise.sigma), stream, x.data(), begin, end, out.data());
             });
}

}  // namespace grok
#endif  // HWY_ONCE
