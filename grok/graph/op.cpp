#include "grok/graph/op.h"

#include "grok/base/error.h"

namespace grok {
namespace {
std::size_t count(const Shape& shape) { return static_cast<std::size_t>(shape.n_elements()); }
}  // namespace

std::int64_t size_in_bytes(DType dtype) { return dtype == DType::f64 ? 8 : 4; }

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "f32";
    case DType::f64:
      return "f64";
    case DType::i32:
      return "i32";
  }
  return "?";
}

std::string TensorType::to_string() const {
  return std::string(name_of(dtype)) + shape.to_string();
}

ConstFloats OpCall::floats(std::size_t i) const {
  GROK_ASSERT(inputs[i].dtype == DType::f32);
  return {static_cast<const float*>(inputs[i].data), count(inputs[i].shape)};
}

Tokens OpCall::tokens(std::size_t i) const {
  GROK_ASSERT(inputs[i].dtype == DType::i32);
  return {static_cast<const Token*>(inputs[i].data), count(inputs[i].shape)};
}

Doubles OpCall::doubles(std::size_t i) const {
  GROK_ASSERT(inputs[i].dtype == DType::f64);
  return {static_cast<const double*>(inputs[i].data), count(inputs[i].shape)};
}

double OpCall::scalar(std::size_t i) const {
  GROK_ASSERT(inputs[i].dtype == DType::f64);
  return *static_cast<const double*>(inputs[i].data);
}

Floats OpCall::out() const {
  GROK_ASSERT(output.dtype == DType::f32);
  return {static_cast<float*>(output.data), count(output.shape)};
}

std::span<double> OpCall::out_doubles() const {
  GROK_ASSERT(output.dtype == DType::f64);
  return {static_cast<double*>(output.data), count(output.shape)};
}

double& OpCall::out_scalar() const {
  GROK_ASSERT(output.dtype == DType::f64);
  return *static_cast<double*>(output.data);
}

}  // namespace grok
