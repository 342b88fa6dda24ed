#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"
#include "grok/ops/strided_copy.h"

// Positions [begin, end) of one axis.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const auto axis = static_cast<int>(a.integer("axis"));
  const std::int64_t begin = a.integer("begin");
  const std::int64_t end = a.integer("end");
  GROK_REQUIRE(0 <= begin && begin < end && end <= in[0].shape[axis],
               "slice " + a.to_string() + " of " + in[0].to_string());
  return {in[0].shape.with(axis, end - begin), in[0].dtype};
}

template <class T>
void sliced(const T* in, const Shape& from, const Attributes& a, T* out, const Shape& shape) {
  const auto axis = static_cast<int>(a.integer("axis"));
  const Strides strides = strides_of(from);
  strided_copy(shape, in + a.integer("begin") * strides[usize(axis)], strides, out,
               strides_of(shape));
}

void forward(const OpCall& call) noexcept {
  if (call.output.dtype == DType::i32)
    sliced(call.tokens(0).data(), call.shape(0), call.attributes,
           static_cast<Token*>(call.output.data), call.output.shape);
  else if (call.output.dtype == DType::f64)
    sliced(call.doubles(0).data(), call.shape(0), call.attributes, call.out_doubles().data(),
           call.output.shape);
  else
    sliced(call.floats(0).data(), call.shape(0), call.attributes, call.out().data(),
           call.output.shape);
}

void reference(const ReferenceCall& call) {
  sliced(call.reals[0]->data.data(), call.reals[0]->shape, call.attributes, call.output.data.data(),
         call.output.shape);
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const Attributes& a = g[node].attributes;
  const std::int64_t size = g.shape(g[node].inputs[0])[static_cast<int>(a.integer("axis"))];
  return {g.add(pad(), {gradient},
                {{"axis", a.integer("axis")},
                 {"before", a.integer("begin")},
                 {"after", size - a.integer("end")}})};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  if (axis == a.integer("axis")) return std::nullopt;
  return std::vector<int>{axis};
}

std::vector<OpExample> examples() {
  return {{{{{4, 3, 5}}}, {{"axis", 1}, {"begin", 2}, {"end", 3}}},
          {{{{17}}}, {{"axis", 0}, {"begin", 0}, {"end", 16}}},
          {{{{7, 3}, DType::f64}}, {{"axis", 0}, {"begin", 2}, {"end", 5}}}};
}

}  // namespace

const OpDef& slice() {
  static constexpr OpDef def{.name = "slice",
                             .meaning = "positions [begin, end) of one axis",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .numbers_axes = true,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
