#include "grok/graph/graph.h"
#include "grok/kernels/attention.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"
#include "grok/ops/visible.h"

// Products of queries with keys, head by head, times `scale`:
//   q [batch, Tq, heads, d_head], k [batch, Tk, heads, d_head] -> [batch, heads, Tq, Tk]
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const Shape& q = in[0].shape;
  const Shape& k = in[1].shape;
  GROK_REQUIRE(q.rank() == 4 && k.rank() == 4 && q[0] == k[0] && q.slice(2, 4) == k.slice(2, 4),
               "attention_scores given " + in[0].to_string() + " and " + in[1].to_string());
  require_visible(a, k[1]);
  return {{q[0], q[2], q[1], k[1]}, DType::f32};
}

void forward(const OpCall& call) noexcept {
  const Shape& q = call.shape(0);
  const AttentionShape shape{q[0], q[1], call.shape(1)[1], q[2], q[3], visible_of(call.attributes)};
  attention_scores(shape, call.floats(0), call.floats(1),
                   static_cast<float>(call.attributes.real("scale")), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const Shape& q = call.reals[0]->shape;
  const Shape& s = call.output.shape;  // [batch, heads, Tq, Tk]
  const double* const qs = call.reals[0]->data.data();
  const double* const ks = call.reals[1]->data.data();
  std::size_t at = 0;
  for (std::int64_t b = 0; b < s[0]; ++b)
    for (std::int64_t h = 0; h < s[1]; ++h)
      for (std::int64_t i = 0; i < s[2]; ++i)
        for (std::int64_t j = 0; j < s[3]; ++j) {
          const double* const qi = qs + ((b * s[2] + i) * s[1] + h) * q[3];
          const double* const kj = ks + ((b * s[3] + j) * s[1] + h) * q[3];
          double sum = 0;
          if (j < keys_seen_by(i, s[3], visible_of(call.attributes)))
            for (std::int64_t d = 0; d < q[3]; ++d) sum += qi[d] * kj[d];
          call.output.data[at++] = call.attributes.real("scale") * sum;
        }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const NodeId q = g[node].inputs[0];
  const NodeId k = g[node].inputs[1];
  const NodeId d = g.add(scale(), {gradient}, {{"factor", g[node].attributes.real("scale")}});
  const Attributes a = g[node].attributes;
  return {g.add(attention_mix(), {d, k}, seen_as(a, {})),
          g.add(attention_mix(), {d, q}, seen_as(a, {{"transpose", 1}}))};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  if (axis > 1 && visible_of(a) > 0) return std::nullopt;  // which keys are seen, positions say
  switch (axis) {
    case 0:
      return std::vector<int>{0, 0};
    case 1:
      return std::vector<int>{2, 2};
    case 2:
      return std::vector<int>{1, -1};
    default:
      return std::vector<int>{-1, 1};
  }
}

double flops(Types in, const TensorType& out, const Attributes& a) {
  return 2.0 * static_cast<double>(out.shape.n_elements()) * static_cast<double>(in[0].shape[3]) *
         share_seen(a, out.shape[2], out.shape[3]);
}

std::vector<OpExample> examples() {
  return {{{{{4, 1, 2, 32}}, {{4, 3, 2, 32}}}, {{"scale", 0.25}}},
          {{{{2, 5, 3, 7}}, {{2, 6, 3, 7}}}, {{"scale", -1.5}}},
          {{{{2, 5, 3, 7}}, {{2, 6, 3, 7}}}, {{"scale", 0.5}, {"visible", 2}}},
          {{{{2, 37, 2, 5}}, {{2, 37, 2, 5}}}, {{"scale", 0.5}, {"visible", 1}}}};
}

}  // namespace

const OpDef& attention_scores() {
  static constexpr OpDef def{.name = "attention_scores",
                             .meaning = "scaled products of queries with keys, head by head",
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
