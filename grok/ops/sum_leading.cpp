#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/kernels/rows.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// The sum over the first `n_axes` axes: a bias's gradient.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  require_f32(in[0], "sum_leading");
  const auto n_axes = static_cast<int>(a.integer("n_axes"));
  return {in[0].shape.slice(n_axes, in[0].shape.rank()), DType::f32};
}

void forward(const OpCall& call) noexcept {
  sum_rows(call.floats(0), call.out(), call.pool, call.accumulate);
}

void reference(const ReferenceCall& call) {
  const auto& x = call.reals[0]->data;
  auto& out = call.output.data;
  std::fill(out.begin(), out.end(), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) out[i % out.size()] += x[i];
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const Shape& shape = g.shape(g[node].inputs[0]);
  const auto lead = shape.dims().first(usize(g[node].attributes.integer("n_axes")));
  return {g.add(broadcast_leading(), {gradient},
                {{"lead", std::vector<std::int64_t>(lead.begin(), lead.end())}})};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  return std::vector<int>{axis + static_cast<int>(a.integer("n_axes"))};
}

std::optional<std::vector<int>> summed_axes(Types, const TensorType&, const Attributes&) {
  return std::vector<int>{0};
}

double flops(Types in, const TensorType&, const Attributes&) {
  return static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{300, 17}}}, {{"n_axes", 1}}},
          {{{{5, 3, 16}}}, {{"n_axes", 2}}},
          {{{{9}}}, {{"n_axes", 1}}}};
}

}  // namespace

const OpDef& sum_leading() {
  static constexpr OpDef def{.name = "sum_leading",
                             .meaning = "sum over the first axes",
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .summed_axes = summed_axes,
                             .numbers_axes = true,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
