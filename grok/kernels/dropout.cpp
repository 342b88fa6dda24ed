#include "grok/kernels/dropout.h"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/dropout.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/lanes-inl.h"
#include "grok/kernels/philox-inl.h"
#include "grok/kernels/philox_stream.h"

#ifndef GROK_KERNELS_DROPOUT_DRAW
#define GROK_KERNELS_DROPOUT_DRAW
namespace grok {
namespace {
/// A mask as the arrays' arithmetic uses it.
struct DropoutDraw {
  PhiloxStream stream;
  std::uint32_t dropped_below;
  float kept;  // what a kept number is multiplied by
};
}  // namespace
}  // namespace grok
#endif

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {
constexpr Full<float> d;

/// Elements [begin, end); begin is a multiple of philox_group.
void dropout_range(const DropoutDraw& draw, const float* x, std::size_t begin, std::size_t end,
                   float* out) {
  const auto kept = hn::Set(d, draw.kept);
  const PhiloxWord limit = hn::Set(words, draw.dropped_below);
  for (std::size_t first = begin; first < end; first += philox_group)
    for (std::size_t lane = 0; lane < blocks_of_group; lane += width<float>) {
      const Blocks blocks =
          philox(draw.stream, static_cast<std::uint32_t>(first / words_of_block + lane));
      for (std::size_t k = 0; k < words_of_block; ++k) {
        const std::size_t i = first + k * blocks_of_group + lane;
        if (i >= end) continue;
        const auto is_dropped = hn::RebindMask(d, hn::Lt(blocks.word[k], limit));
        const auto factor = hn::IfThenZeroElse(is_dropped, kept);
        store_some<float>(hn::Mul(load_some(x + i, end - i), factor), out + i, end - i);
      }
    }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {
HWY_EXPORT(dropout_range);

static_assert(numbers_per_chunk % philox_group == 0);

DropoutDraw draw_of(const DropoutMask& m) {
  return {.stream = philox_stream(static_cast<std::uint64_t>(m.seed),
                                  static_cast<std::uint64_t>(m.stream), m.step),
          .dropped_below = static_cast<std::uint32_t>(m.rate * 0x1p32),
          .kept = static_cast<float>(1 / (1 - m.rate))};
}
}  // namespace

bool is_dropped(const DropoutMask& mask, std::int64_t element) noexcept {
  const DropoutDraw draw = draw_of(mask);
  const auto i = static_cast<std::size_t>(element);
  const std::size_t block = i / philox_group * blocks_of_group + i % blocks_of_group;
  const auto& upper = draw.stream.upper;
  const auto words = philox4x32({static_cast<std::uint32_t>(block), upper[0], upper[1], upper[2]},
                                draw.stream.key);
  return words[i % philox_group / blocks_of_group] < draw.dropped_below;
}

void dropout(const DropoutMask& mask, ConstFloats x, Floats out, ThreadPool& pool) noexcept {
  GROK_ASSERT(x.size() == out.size() && std::ssize(x) <= max_dropout_elements);
  GROK_ASSERT(mask.rate >= 0 && mask.rate < 1);
  const DropoutDraw draw = draw_of(mask);
  const auto range = GROK_DISPATCH(dropout_range);
  for_ranges(pool, static_cast<std::int64_t>(x.size()), numbers_per_chunk,
             [&](std::size_t begin, std::size_t end) noexcept {
               range(draw, x.data(), begin, end, out.data());
             });
}

}  // namespace grok
#endif  // HWY_ONCE
