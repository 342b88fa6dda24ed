#pragma once
// What the three ops of the loss share: in which arithmetic, and what their inputs look like.

#include <algorithm>
#include <cmath>
#include <string>

#include "grok/kernels/cross_entropy.h"
#include "grok/ops/rules.h"

namespace grok::ops {

/// The attribute "precision": 64 for float64 (where it is absent too), 32 for float32.
inline bool in_float32(const Attributes& a) {
  const std::int64_t bits = a.integer_or("precision", 64);
  GROK_REQUIRE(bits == 32 || bits == 64, a.to_string());
  return bits == 32;
}

/// The attribute "plain": 1 where float32 is not compensated.
inline Sums sums_of(const Attributes& a) {
  return a.integer_or("plain", 0) == 1 ? Sums::plain : Sums::compensated;
}

/// Float64 or float32, as the exponentials of this arithmetic are.
inline DType exponentials_dtype(const Attributes& a) {
  return in_float32(a) ? DType::f32 : DType::f64;
}

/// Checks logits [rows, n] and labels [rows], and exponentials [rows, n] where input `at` is there.
inline void require_loss_inputs(Types in, const Attributes& a, std::size_t at) {
  bool fits = in[0].dtype == DType::f32 && in[0].shape.rank() == 2 &&
              in[1] == TensorType{{in[0].shape[0]}, DType::i32};
  if (in.size() > at) fits = fits && in[at] == TensorType{in[0].shape, exponentials_dtype(a)};
  std::string given = "a loss given";
  for (const TensorType& t : in) given += " " + t.to_string();
  GROK_REQUIRE(fits, given + " " + a.to_string());
}

inline Logits logits_of(const OpCall& call) {
  const Shape& shape = call.shape(0);
  return {call.floats(0).data(), shape[0], shape[1], shape[1]};
}

/// Calls f(exponentials) with input `at`, or with none where it is not there, in the right type.
template <class F>
void with_exponentials(const OpCall& call, std::size_t at, F&& f) noexcept {
  const bool given = call.inputs.size() > at;
  if (in_float32(call.attributes))
    f(given ? call.floats(at) : ConstFloats());
  else
    f(given ? call.doubles(at) : Doubles());
}

/// One row of logits in plain loops: its exponentials, their sum, the largest logit.
struct PlainRow {
  std::vector<double> exponentials;
  double sum = 0, largest = 0;

  PlainRow(const ReferenceCall& call, std::size_t row) {
    const auto n = usize(call.reals[0]->shape[1]);
    const auto x = call.reals[0]->span().subspan(row * n, n);
    largest = *std::max_element(x.begin(), x.end());
    for (const double logit : x) exponentials.push_back(std::exp(logit - largest));
    for (const double e : exponentials) sum += e;
  }
};

}  // namespace grok::ops
