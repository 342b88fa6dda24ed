#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/kernels/matmul.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// One product per head, summed over rows: w[h] = sum over n of x[n, h, :]^T y[n, h, :]. The
// gradient of head_matmul for its matrices.
//   x [rows, heads, k], y [rows, heads, n] -> [heads, k, n]
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  const Shape& x = in[0].shape;
  const Shape& y = in[1].shape;
  GROK_REQUIRE(x.rank() == 3 && y.rank() == 3 && x.slice(0, 2) == y.slice(0, 2),
               "head_outer given " + in[0].to_string() + " and " + in[1].to_string());
  return {{x[1], x[2], y[2]}, DType::f32};
}

void forward(const OpCall& call) noexcept {
  const Shape& x = call.shape(0);
  const std::int64_t n = call.shape(1)[2];
  MatmulOf<float> product;
  product.a = call.floats(0).data();
  product.lda = x[1] * x[2];
  product.transpose_a = true;
  product.b = call.floats(1).data();
  product.ldb = x[1] * n;
  product.c = call.out().data();
  product.ldc = n;
  product.m = x[2];
  product.n = n;
  product.k = x[0];
  matmul_batched(product, {.a = x[2], .b = n, .c = x[2] * n}, x[1], call.scratch, call.pool);
}

void reference(const ReferenceCall& call) {
  const Shape& x = call.reals[0]->shape;
  const std::int64_t k = x[2];
  const std::int64_t n = call.output.shape[2];
  auto& out = call.output.data;
  std::fill(out.begin(), out.end(), 0.0);
  for (std::int64_t row = 0; row < x[0] * x[1]; ++row)
    for (std::int64_t i = 0; i < k; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        out[usize((row % x[1] * k + i) * n + j)] +=
            call.reals[0]->data[usize(row * k + i)] * call.reals[1]->data[usize(row * n + j)];
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const NodeId x = g[node].inputs[0];
  const NodeId y = g[node].inputs[1];
  return {g.add(head_matmul(), {y, gradient}, {{"transpose_b", 1}}),
          g.add(head_matmul(), {x, gradient})};
}

std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes&, int axis) {
  switch (axis) {
    case 0:
      return std::vector<int>{1, 1};
    case 1:
      return std::vector<int>{2, -1};
    default:
      return std::vector<int>{-1, 2};
  }
}

std::int64_t scratch_bytes(Types in, const TensorType& out, const Attributes&, int n_threads) {
  return matmul_batched_scratch_bytes<float>(out.shape[2], in[0].shape[0], n_threads);
}

double flops(Types in, const TensorType& out, const Attributes&) {
  return 2.0 * static_cast<double>(out.shape.n_elements()) * static_cast<double>(in[0].shape[0]);
}

std::vector<OpExample> examples() {
  return {{{{{5, 3, 7}}, {{5, 3, 17}}}, {}}, {{{{300, 2, 4}}, {{300, 2, 16}}}, {}}};
}

}  // namespace

const OpDef& head_outer() {
  static constexpr OpDef def{.name = "head_outer",
                             .meaning = "one product per head, summed over the rows",
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
