#include "grok/kernels/mix_rows.h"

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/mix_rows_types.h"
#include "grok/ops/rules.h"

// Rows of a table mixed by a pattern, summed over keys and heads:
//   p      [batch, heads, queries, keys], table [rows, heads, width], index [batch, keys]
//   bias   [width], optional: added to each sum;  relu=1: then max(x, 0)
//   ->     [batch, queries, width], the sum of p[b, h, q, k] table[index[b, k], h]
// Attention's weighted sum of values, where a head's values are already what its output makes of
// them, once for each distinct row.
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  const Shape& p = in[0].shape;
  const Shape& table = in[1].shape;
  GROK_REQUIRE(p.rank() == 4 && table.rank() == 3 && p[1] == table[1] &&
                   is_index(in[2], p[0], p[3]) &&
                   (in.size() == 3 || in[3].shape == Shape{table[2]}),
               given("mix_rows", in));
  return {Shape{p[0], p[2], table[2]}, DType::f32};
}

void forward(const OpCall& call) noexcept {
  const bool has_bias = call.inputs.size() == 4;
  const bool relu = has_bias && call.attributes.integer_or("relu", 0) != 0;
  const Epilogue epilogue = relu ? Epilogue::bias_relu : has_bias ? Epilogue::bias : Epilogue::none;
  const MixRowsShape shape = mix_rows_shape(call.shape(0), call.shape(1));
  mix_rows(shape, call.floats(0), packed_table(call), call.tokens(2), epilogue,
           has_bias ? call.floats(3) : ConstFloats(), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const MixRowsShape s = mix_rows_shape(call.reals[0]->shape, call.reals[1]->shape);
  const bool has_bias = call.reals.size() == 4;
  const bool relu = has_bias && call.attributes.integer_or("relu", 0) != 0;
  for (std::int64_t b = 0; b < s.batch; ++b)
    for (std::int64_t q = 0; q < s.n_queries; ++q)
      for (std::int64_t c = 0; c < s.width; ++c) {
        double sum = has_bias ? call.reals[3]->data[usize(c)] : 0;
        for (std::int64_t k = 0; k < s.n_keys; ++k)
          for (std::int64_t h = 0; h < s.n_heads; ++h) {
            const std::int64_t at = ((b * s.n_heads + h) * s.n_queries + q) * s.n_keys + k;
            const std::int64_t row = call.tokens[2]->data[usize(b * s.n_keys + k)];
            sum += call.reals[0]->data[usize(at)] *
                   call.reals[1]->data[usize((row * s.n_heads + h) * s.width + c)];
          }
        call.output.data[usize((b * s.n_queries + q) * s.width + c)] = relu && sum < 0 ? 0 : sum;
      }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const Attributes attributes = g[node].attributes;
  const std::vector<NodeId> in = g[node].inputs;
  const bool has_bias = in.size() == 4;
  if (has_bias && attributes.integer_or("relu", 0)) gradient = g.add(relu_grad(), {node, gradient});
  const std::int64_t n_rows = g.shape(in[1])[0];
  std::vector<NodeId> out(in.size(), no_node);
  out[0] = g.add(mix_rows_dots(), {gradient, in[1], in[2]});
  out[1] = g.add(mix_rows_transposed(), {in[0], in[2], gradient}, {{"n_rows", n_rows}});
  if (has_bias) out[3] = g.add(sum_leading(), {gradient}, {{"n_axes", 2}});
  return out;
}

std::optional<std::vector<int>> source_axes(Types in, const TensorType&, const Attributes&,
                                            int axis) {
  std::vector<int> axes = axis == 0   ? std::vector<int>{0, -1, 0}
                          : axis == 1 ? std::vector<int>{2, -1, -1}
                                      : std::vector<int>{-1, 2, -1};
  if (in.size() == 4) axes.push_back(axis == 2 ? 0 : -1);
  return axes;
}

double flops(Types in, const TensorType& out, const Attributes&) {
  return mix_rows_flops(in[0].shape, out.shape[2]);
}

std::vector<OpExample> examples() {
  return {{{{{3, 4, 1, 3}}, {{7, 4, 17}}, {{3, 3}, DType::i32}}, {}, 7},
          {{{{2, 3, 2, 5}}, {{4, 3, 7}}, {{2, 5}, DType::i32}, {{7}}}, {}, 4},
          {{{{5, 1, 3, 2}}, {{3, 1, 33}}, {{5, 2}, DType::i32}}, {}, 3},
          // Few outputs, so that no difference quotient steps over a kink.
          {{{{3, 2, 1, 2}}, {{4, 2, 11}}, {{3, 2}, DType::i32}, {{11}}}, {{"relu", 1}}, 4},
          {{{{300, 4, 1, 3}}, {{23, 4, 113}}, {{300, 3}, DType::i32}, {{113}}}, {{"relu", 1}}, 23}};
}

}  // namespace

const OpDef& mix_rows() {
  static constexpr OpDef def{.name = "mix_rows",
                             .meaning = "rows of a table mixed by a pattern",
                             .min_inputs = 3,
                             .max_inputs = 4,
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
