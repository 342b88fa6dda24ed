#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// The input repeated along new leading axes: the gradient of a sum over them.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_f32(in[0], "broadcast_leading");
  return {Shape(std::span<const std::int64_t>(a.integers("lead"))).concat(in[0].shape), DType::f32};
}

template <class T>
void repeat(std::span<const T> in, std::span<T> out) {
  if (in.empty()) return;
  for (auto at = out.begin(); at != out.end(); at += static_cast<std::ptrdiff_t>(in.size()))
    std::copy(in.begin(), in.end(), at);
}

void forward(const OpCall& call) noexcept { repeat(call.floats(0), call.out()); }

void reference(const ReferenceCall& call) { repeat(call.reals[0]->span(), call.output.span()); }

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const auto n_axes = static_cast<std::int64_t>(g[node].attributes.integers("lead").size());
  return {g.add(sum_leading(), {gradient}, {{"n_axes", n_axes}})};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  const auto n_new = static_cast<int>(a.integers("lead").size());
  return std::vector<int>{axis < n_new ? -1 : axis - n_new};
}

Attributes resized(const Attributes& a, const Shape& output) {
  const auto lead = output.dims().first(a.integers("lead").size());
  return {{"lead", std::vector<std::int64_t>(lead.begin(), lead.end())}};
}

std::vector<OpExample> examples() {
  return {{{{{17}}}, {{"lead", std::vector<std::int64_t>{5}}}},
          {{{{3, 4}}}, {{"lead", std::vector<std::int64_t>{2, 3}}}}};
}

}  // namespace

const OpDef& broadcast_leading() {
  static constexpr OpDef def{.name = "broadcast_leading",
                             .meaning = "repeated along new leading axes",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .numbers_axes = true,
                             .resized = resized,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
