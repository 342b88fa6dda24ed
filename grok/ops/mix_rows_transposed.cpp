#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/kernels/mix_rows.h"
#include "grok/ops/catalog.h"
#include "grok/ops/mix_rows_types.h"
#include "grok/ops/rules.h"

// Each row of a table: the sum over its uses of p[b, h, q, k] x[b, q], in increasing b, k, q. The
// gradient of mix_rows's table, where x is that of its output.
//   p [batch, heads, queries, keys], index [batch, keys], x [batch, queries, width]
//   -> [n_rows, heads, width]
// Which examples use a row is listed beforehand where the index is known beforehand.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const Shape& p = in[0].shape;
  const Shape& x = in[2].shape;
  GROK_REQUIRE(
      p.rank() == 4 && x.rank() == 3 && p[0] == x[0] && p[2] == x[1] && is_index(in[1], p[0], p[3]),
      given("mix_rows_transposed", in));
  return {Shape{a.integer("n_rows"), p[1], x[2]}, DType::f32};
}

std::int64_t prepared_bytes(Types in, const TensorType& out, const Attributes&) {
  return mix_uses_bytes(mix_rows_shape(in[0].shape, out.shape));
}

std::int64_t scratch_bytes(Types in, const TensorType& out, const Attributes& a, int) {
  return prepared_bytes(in, out, a);
}

void prepare(const OpCall& call, std::byte* uses) noexcept {
  const MixRowsShape shape = mix_rows_shape(call.shape(0), call.output.shape);
  list_mix_uses(shape, call.tokens(1), {uses, static_cast<std::size_t>(mix_uses_bytes(shape))});
}

void forward(const OpCall& call) noexcept {
  const MixRowsShape shape = mix_rows_shape(call.shape(0), call.output.shape);
  const std::byte* uses = call.prepared;
  if (!uses) {
    prepare(call, call.scratch.data());
    uses = call.scratch.data();
  }
  mix_rows_transposed(shape, call.floats(0), call.floats(2),
                      {uses, static_cast<std::size_t>(mix_uses_bytes(shape))}, call.out(),
                      call.pool);
}

void reference(const ReferenceCall& call) {
  const MixRowsShape s = mix_rows_shape(call.reals[0]->shape, call.output.shape);
  auto& out = call.output.data;
  std::fill(out.begin(), out.end(), 0.0);
  std::size_t at = 0;
  for (std::int64_t b = 0; b < s.batch; ++b)
    for (std::int64_t h = 0; h < s.n_heads; ++h)
      for (std::int64_t q = 0; q < s.n_queries; ++q)
        for (std::int64_t k = 0; k < s.n_keys; ++k, ++at) {
          const std::int64_t row = call.tokens[1]->data[usize(b * s.n_keys + k)];
          for (std::int64_t c = 0; c < s.width; ++c)
            out[usize((row * s.n_heads + h) * s.width + c)] +=
                call.reals[0]->data[at] *
                call.reals[2]->data[usize((b * s.n_queries + q) * s.width + c)];
        }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> in = g[node].inputs;
  return {g.add(mix_rows_dots(), {in[2], gradient, in[1]}), no_node,
          g.add(mix_rows(), {in[0], gradient, in[1]})};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes&, int axis) {
  if (axis == 0) return std::nullopt;
  return axis == 1 ? std::vector<int>{1, -1, -1} : std::vector<int>{-1, -1, 2};
}

double flops(Types in, const TensorType& out, const Attributes&) {
  return mix_rows_flops(in[0].shape, out.shape[2]);
}

std::vector<OpExample> examples() {
  return {{{{{3, 4, 1, 3}}, {{3, 3}, DType::i32}, {{3, 1, 17}}}, {{"n_rows", 7}}, 7},
          {{{{2, 3, 2, 5}}, {{2, 5}, DType::i32}, {{2, 2, 7}}}, {{"n_rows", 4}}, 4},
          {{{{5, 1, 3, 2}}, {{5, 2}, DType::i32}, {{5, 3, 33}}}, {{"n_rows", 4}}, 3},
          {{{{300, 5, 1, 3}}, {{300, 3}, DType::i32}, {{300, 1, 113}}}, {{"n_rows", 23}}, 23}};
}

}  // namespace

const OpDef& mix_rows_transposed() {
  static constexpr OpDef def{.name = "mix_rows_transposed",
                             .meaning = "sums by a pattern over the uses of each row of a table",
                             .min_inputs = 3,
                             .max_inputs = 3,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .prepared_bytes = prepared_bytes,
                             .prepare = prepare,
                             .scratch_bytes = scratch_bytes,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
