#include "grok/graph/graph.h"
#include "grok/kernels/mix_rows.h"
#include "grok/ops/catalog.h"
#include "grok/ops/mix_rows_types.h"
#include "grok/ops/rules.h"

// Dots of each x with the rows of a table that its example's index names: the gradient of
// mix_rows's pattern, where x is that of its output.
//   x [batch, queries, width], table [rows, heads, width], index [batch, keys]
//   -> [batch, heads, queries, keys]
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  const Shape& x = in[0].shape;
  const Shape& table = in[1].shape;
  const Shape& index = in[2].shape;
  GROK_REQUIRE(x.rank() == 3 && table.rank() == 3 && x[2] == table[2] && index.rank() == 2 &&
                   is_index(in[2], x[0], index[1]),
               given("mix_rows_dots", in));
  return {Shape{x[0], table[1], x[1], index[1]}, DType::f32};
}

void forward(const OpCall& call) noexcept {
  const MixRowsShape shape = mix_rows_shape(call.output.shape, call.shape(1));
  mix_rows_dots(shape, call.floats(0), packed_table(call), call.tokens(2), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const MixRowsShape s = mix_rows_shape(call.output.shape, call.reals[1]->shape);
  std::size_t at = 0;
  for (std::int64_t b = 0; b < s.batch; ++b)
    for (std::int64_t h = 0; h < s.n_heads; ++h)
      for (std::int64_t q = 0; q < s.n_queries; ++q)
        for (std::int64_t k = 0; k < s.n_keys; ++k, ++at) {
          const std::int64_t row = call.tokens[2]->data[usize(b * s.n_keys + k)];
          double sum = 0;
          for (std::int64_t c = 0; c < s.width; ++c)
            sum += call.reals[0]->data[usize((b * s.n_queries + q) * s.width + c)] *
                   call.reals[1]->data[usize((row * s.n_heads + h) * s.width + c)];
          call.output.data[at] = sum;
        }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> in = g[node].inputs;
  const std::int64_t n_rows = g.shape(in[1])[0];
  return {g.add(mix_rows(), {gradient, in[1], in[2]}),
          g.add(mix_rows_transposed(), {gradient, in[2], in[0]}, {{"n_rows", n_rows}}), no_node};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes&, int axis) {
  switch (axis) {
    case 0:
      return std::vector<int>{0, -1, 0};
    case 1:
      return std::vector<int>{-1, 1, -1};
    case 2:
      return std::vector<int>{1, -1, -1};
    default:
      return std::vector<int>{-1, -1, 1};
  }
}

double flops(Types in, const TensorType& out, const Attributes&) {
  return mix_rows_flops(out.shape, in[0].shape[2]);
}

std::vector<OpExample> examples() {
  return {{{{{3, 1, 17}}, {{7, 4, 17}}, {{3, 3}, DType::i32}}, {}, 7},
          {{{{2, 2, 7}}, {{4, 3, 7}}, {{2, 5}, DType::i32}}, {}, 4},
          {{{{5, 3, 33}}, {{3, 1, 33}}, {{5, 2}, DType::i32}}, {}, 3},
          {{{{300, 1, 113}}, {{23, 4, 113}}, {{300, 3}, DType::i32}}, {}, 23}};
}

}  // namespace

const OpDef& mix_rows_dots() {
  static constexpr OpDef def{.name = "mix_rows_dots",
                             .meaning = "dots with the rows of a table that an index names",
                             .min_inputs = 3,
                             .max_inputs = 3,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .prepared_bytes = packed_table_bytes,
                             .prepare = pack_table,
                             .scratch_bytes = table_scratch_bytes,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
