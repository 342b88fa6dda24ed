#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/kernels/matmul.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// One product per head: y[n, h, :] = x[n, h, :] W[h].
//   x  [rows, heads, k]
//   w  [heads, k, n], or [heads, n, k] with transpose_b
//   -> [rows, heads, n]
namespace grok::ops {
namespace {

bool is_transposed(const Attributes& a) { return a.integer_or("transpose_b", 0) != 0; }

TensorType infer(Types in, const Attributes& a) {
  const Shape& x = in[0].shape;
  const Shape& w = in[1].shape;
  const int k_axis = is_transposed(a) ? 2 : 1;
  GROK_REQUIRE(x.rank() == 3 && w.rank() == 3 && x[1] == w[0] && x[2] == w[k_axis],
               "head_matmul given " + in[0].to_string() + " and " + in[1].to_string());
  return {x.with(2, w[3 - k_axis]), DType::f32};
}

void forward(const OpCall& call) noexcept {
  const Shape& x = call.shape(0);
  const std::int64_t n = call.output.shape[2];
  MatmulOf<float> product;
  product.a = call.floats(0).data();
  product.lda = x[1] * x[2];
  product.b = call.floats(1).data();
  product.ldb = call.shape(1)[2];
  product.transpose_b = is_transposed(call.attributes);
  product.c = call.out().data();
  product.ldc = x[1] * n;
  product.m = x[0];
  product.n = n;
  product.k = x[2];
  matmul_batched(product, {.a = x[2], .b = x[2] * n, .c = n}, x[1], call.scratch, call.pool);
}

void reference(const ReferenceCall& call) {
  const Shape& x = call.reals[0]->shape;
  const std::int64_t k = x[2];
  const std::int64_t n = call.output.shape[2];
  const bool transposed = is_transposed(call.attributes);
  const double* const w = call.reals[1]->data.data();
  for (std::int64_t row = 0; row < x[0] * x[1]; ++row)
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l)
        sum += call.reals[0]->data[usize(row * k + l)] *
               w[row % x[1] * k * n + (transposed ? j * k + l : l * n + j)];
      call.output.data[usize(row * n + j)] = sum;
    }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const bool transposed = is_transposed(g[node].attributes);
  const NodeId x = g[node].inputs[0];
  const NodeId w = g[node].inputs[1];
  const NodeId dx = g.add(head_matmul(), {gradient, w}, {{"transpose_b", transposed ? 0 : 1}});
  const NodeId dw =
      transposed ? g.add(head_outer(), {gradient, x}) : g.add(head_outer(), {x, gradient});
  return {dx, dw};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes& a,
                                            int axis) {
  switch (axis) {
    case 0:
      return std::vector<int>{0, -1};
    case 1:
      return std::vector<int>{1, 0};
    default:
      return std::vector<int>{-1, is_transposed(a) ? 1 : 2};
  }
}

std::int64_t scratch_bytes(Types in, const TensorType& out, const Attributes&, int n_threads) {
  return matmul_batched_scratch_bytes<float>(out.shape[2], in[0].shape[2], n_threads);
}

double flops(Types in, const TensorType& out, const Attributes&) {
  return 2.0 * static_cast<double>(out.shape.n_elements()) * static_cast<double>(in[0].shape[2]);
}

std::vector<OpExample> examples() {
  return {{{{{5, 3, 7}}, {{3, 7, 17}}}, {}}, {{{{9, 2, 16}}, {{2, 33, 16}}}, {{"transpose_b", 1}}}};
}

}  // namespace

const OpDef& head_matmul() {
  static constexpr OpDef def{.name = "head_matmul",
                             .meaning = "one product per head: rows of each head by its matrix",
                             .min_inputs = 2,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .scratch_bytes = scratch_bytes,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
