#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/kernels/attention.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"
#include "grok/ops/visible.h"

// Values mixed by a pattern, head by head:
//   p [batch, heads, Tq, Tk], v [batch, Tk, heads, d_head] -> [batch, Tq, heads, d_head]
// Where a query sees no key (`visible`), p is taken for 0.
// With transpose=1 the other way: v [batch, Tq, heads, d_head] -> [batch, Tk, heads, d_head].
namespace grok::ops {
namespace {

bool is_transposed(const Attributes& a) { return a.integer_or("transpose", 0) != 0; }

TensorType infer(Types in, const Attributes& a) {
  const Shape& p = in[0].shape;
  const Shape& v = in[1].shape;
  const int from = is_transposed(a) ? 2 : 3;
  const int to = is_transposed(a) ? 3 : 2;
  GROK_REQUIRE(p.rank() == 4 && v.rank() == 4 && p[0] == v[0] && p[1] == v[2] && p[from] == v[1],
               "attention_mix given " + in[0].to_string() + " and " + in[1].to_string());
  require_visible(a, p[3]);
  return {v.with(1, p[to]), DType::f32};
}

void forward(const OpCall& call) noexcept {
  const Shape& p = call.shape(0);
  const AttentionShape shape{p[0], p[2], p[3], p[1], call.shape(1)[3], visible_of(call.attributes)};
  const auto mix = is_transposed(call.attributes) ? attention_mix_transposed : grok::attention_mix;
  mix(shape, call.floats(0), call.floats(1), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const Shape& p = call.reals[0]->shape;
  const std::int64_t d_head = call.output.shape[3];
  const bool transposed = is_transposed(call.attributes);
  auto& out = call.output.data;
  std::fill(out.begin(), out.end(), 0.0);
  std::size_t at = 0;
  for (std::int64_t b = 0; b < p[0]; ++b)
    for (std::int64_t h = 0; h < p[1]; ++h)
      for (std::int64_t i = 0; i < p[2]; ++i)
        for (std::int64_t j = 0; j < p[3]; ++j, ++at) {
          if (j >= keys_seen_by(i, p[3], visible_of(call.attributes))) continue;
          const std::int64_t query = (b * p[2] + i) * p[1] + h;
          const std::int64_t key = (b * p[3] + j) * p[1] + h;
          const std::int64_t from = (transposed ? query : key) * d_head;
          const std::int64_t to = (transposed ? key : query) * d_head;
          for (std::int64_t d = 0; d < d_head; ++d)
            out[usize(to + d)] += call.reals[0]->data[at] * call.reals[1]->data[usize(from + d)];
        }
}

// The gradient of the pattern is a product of the gradient with the values: scores again.
std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const bool transposed = is_transposed(g[node].attributes);
  const NodeId p = g[node].inputs[0];
  const NodeId v = g[node].inputs[1];
  const Attributes a = g[node].attributes;
  const Attributes unscaled = seen_as(a, {{"scale", 1.0}});
  const NodeId dp = transposed ? g.add(attention_scores(), {v, gradient}, unscaled)
                               : g.add(attention_scores(), {gradient, v}, unscaled);
  const NodeId dv =
      g.add(attention_mix(), {p, gradient}, seen_as(a, {{"transpose", transposed ? 0 : 1}}));
  return {dp, dv};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  if (axis == 1 && visible_of(a) > 0) return std::nullopt;  // which keys are seen, positions say
  switch (axis) {
    case 0:
      return std::vector<int>{0, 0};
    case 1:
      return std::vector<int>{is_transposed(a) ? 3 : 2, -1};
    case 2:
      return std::vector<int>{1, 2};
    default:
      return std::vector<int>{-1, 3};
  }
}

double flops(Types in, const TensorType& out, const Attributes& a) {
  const Shape& p = in[0].shape;
  return 2.0 * static_cast<double>(p.n_elements()) * static_cast<double>(out.shape[3]) *
         share_seen(a, p[2], p[3]);
}

std::vector<OpExample> examples() {
  return {{{{{4, 2, 1, 3}}, {{4, 3, 2, 32}}}, {}},
          {{{{2, 3, 5, 6}}, {{2, 6, 3, 7}}}, {}},
          {{{{2, 3, 5, 6}}, {{2, 5, 3, 17}}}, {{"transpose", 1}}},
          {{{{2, 3, 19, 19}}, {{2, 19, 3, 7}}}, {{"visible", 1}}},
          {{{{2, 3, 5, 6}}, {{2, 6, 3, 7}}}, {{"visible", 2}}},
          {{{{2, 3, 19, 21}}, {{2, 19, 3, 7}}}, {{"transpose", 1}, {"visible", 3}}}};
}

}  // namespace

const OpDef& attention_mix() {
  static constexpr OpDef def{.name = "attention_mix",
                             .meaning = "values mixed by a pattern, head by head",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
