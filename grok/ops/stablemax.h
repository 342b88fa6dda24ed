#pragma once
// What stablemax and its gradient share.

#include "grok/kernels/stablemax.h"
#include "grok/ops/label_loss.h"

namespace grok::ops {

/// The attribute "precision": 64 for float64 (where it is absent too), 32 for float32.
inline Arithmetic arithmetic_of(const Attributes& a) {
  const std::int64_t bits = a.integer_or("precision", 64);
  GROK_REQUIRE(bits == 32 || bits == 64, a.to_string());
  return bits == 32 ? Arithmetic::float32 : Arithmetic::float64;
}

template <class C>
C plain_s(C x) {
  return x < 0 ? 1 / (1 - x) : x + 1;
}

inline std::vector<OpExample> stablemax_examples(bool is_gradient) {
  std::vector<OpExample> out = label_loss_examples(is_gradient, {});
  for (OpExample& e : label_loss_examples(is_gradient, {{"precision", 32}}))
    out.push_back(std::move(e));
  return out;
}

}  // namespace grok::ops
