#include "grok/plan/evaluate.h"

#include <list>

namespace grok {
namespace {

template <class To, class From>
TensorOf<To> converted(const TensorOf<From>& from) {
  TensorOf<To> to(from.shape);
  for (std::size_t i = 0; i < from.data.size(); ++i) to.data[i] = static_cast<To>(from.data[i]);
  return to;
}

TensorType type_of(const Constant& value) {
  if (const auto* t = std::get_if<Tensor>(&value)) return {t->shape, DType::f32};
  if (const auto* t = std::get_if<DoubleTensor>(&value)) return {t->shape, DType::f64};
  return {std::get<TokenTensor>(value).shape, DType::i32};
}

DoubleTensor as_double(const Constant& value) {
  return std::visit([](const auto& tensor) { return converted<double>(tensor); }, value);
}

}  // namespace

Constant evaluate(const OpDef& op, std::span<const Constant* const> inputs,
                  const Attributes& attributes) {
  std::vector<TensorType> types;
  std::list<DoubleTensor> reals;
  DoubleTensor out;
  ReferenceCall call{attributes, {}, {}, out};
  for (const Constant* input : inputs) {
    types.push_back(type_of(*input));
    call.reals.push_back(&reals.emplace_back(as_double(*input)));
    call.tokens.push_back(std::get_if<TokenTensor>(input));
  }
  const TensorType type = op.infer(types, attributes);
  out = DoubleTensor(type.shape);
  op.reference(call);
  if (type.dtype == DType::i32) return converted<Token>(out);
  if (type.dtype == DType::f32) return converted<float>(out);
  return out;
}

TokenTensor evaluate(const OpDef& op, const TokenTensor& input, const Attributes& attributes) {
  const Constant constant = input;
  const Constant* const inputs[] = {&constant};
  return std::get<TokenTensor>(evaluate(op, inputs, attributes));
}

}  // namespace grok
