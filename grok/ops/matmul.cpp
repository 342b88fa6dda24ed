#include "grok/kernels/matmul.h"

#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// A B, with either side transposed, plus a bias and a ReLU where the planner has fused them in.
//   a  [..., m, k] (leading axes count as rows), or [k, m] with transpose_a
//   b  [k, n], or [n, k] with transpose_b
//   c  [n], optional: added to each row;  relu=1: then max(x, 0)
namespace grok::ops {
namespace {

struct Sizes {
  std::int64_t m = 0, k = 0, n = 0, k_of_b = 0;
};

Sizes sizes(const Shape& a, const Shape& b, const Attributes& attributes) {
  Sizes s;
  const bool transpose_a = attributes.integer_or("transpose_a", 0) != 0;
  const bool transpose_b = attributes.integer_or("transpose_b", 0) != 0;
  s.m = transpose_a ? a[1] : a.product(0, a.rank() - 1);
  s.k = transpose_a ? a[0] : a[-1];
  s.n = transpose_b ? b[0] : b[1];
  s.k_of_b = transpose_b ? b[1] : b[0];
  return s;
}

TensorType infer(Types in, const Attributes& attributes) {
  const Shape& a = in[0].shape;
  const Shape& b = in[1].shape;
  const bool transpose_a = attributes.integer_or("transpose_a", 0) != 0;
  const std::string what = "matmul given " + in[0].to_string() + " and " + in[1].to_string() + " " +
                           attributes.to_string();
  GROK_REQUIRE(b.rank() == 2 && a.rank() >= 2 && (a.rank() == 2 || !transpose_a), what);
  const Sizes s = sizes(a, b, attributes);
  GROK_REQUIRE(s.k == s.k_of_b, what);
  if (in.size() == 3) GROK_REQUIRE(in[2].shape == Shape{s.n}, what + " bias " + in[2].to_string());
  return {transpose_a ? Shape{s.m, s.n} : a.with(-1, s.n), DType::f32};
}

std::int64_t scratch_bytes(Types in, const TensorType&, const Attributes& attributes,
                           int n_threads) {
  const Sizes s = sizes(in[0].shape, in[1].shape, attributes);
  return matmul_scratch_bytes<float>(s.n, s.k, n_threads);
}

void forward(const OpCall& call) noexcept {
  const Sizes s = sizes(call.shape(0), call.shape(1), call.attributes);
  MatmulOf<float> product;
  product.a = call.floats(0).data();
  product.lda = call.shape(0)[-1];
  product.transpose_a = call.attributes.integer_or("transpose_a", 0) != 0;
  product.b = call.floats(1).data();
  product.ldb = call.shape(1)[-1];
  product.transpose_b = call.attributes.integer_or("transpose_b", 0) != 0;
  product.c = call.out().data();
  product.ldc = s.n;
  product.m = s.m;
  product.n = s.n;
  product.k = s.k;
  if (call.inputs.size() == 3) {
    product.bias = call.floats(2).data();
    product.epilogue =
        call.attributes.integer_or("relu", 0) != 0 ? Epilogue::bias_relu : Epilogue::bias;
  }
  matmul(product, call.scratch, call.pool);
}

void reference(const ReferenceCall& call) {
  const Sizes s = sizes(call.reals[0]->shape, call.reals[1]->shape, call.attributes);
  const bool transpose_a = call.attributes.integer_or("transpose_a", 0) != 0;
  const bool transpose_b = call.attributes.integer_or("transpose_b", 0) != 0;
  const bool relu = call.attributes.integer_or("relu", 0) != 0;
  const double* a = call.reals[0]->data.data();
  const double* b = call.reals[1]->data.data();
  const double* bias = call.reals.size() == 3 ? call.reals[2]->data.data() : nullptr;
  for (std::int64_t i = 0; i < s.m; ++i)
    for (std::int64_t j = 0; j < s.n; ++j) {
      double sum = 0;
      for (std::int64_t l = 0; l < s.k; ++l)
        sum += (transpose_a ? a[l * s.m + i] : a[i * s.k + l]) *
               (transpose_b ? b[j * s.k + l] : b[l * s.n + j]);
      if (bias) sum += bias[j];
      call.output.data[usize(i * s.n + j)] = relu && sum < 0 ? 0 : sum;
    }
}

NodeId as_rows(Graph& g, NodeId x) {
  const Shape& shape = g.shape(x);
  if (shape.rank() == 2) return x;
  return g.add(
      reshape(), {x},
      {{"shape", std::vector<std::int64_t>{shape.product(0, shape.rank() - 1), shape[-1]}}});
}

// dA = G B^T and dB = A^T G, in whichever arrangement keeps every factor as it is stored.
std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const Attributes attributes = g[node].attributes;
  const NodeId a = g[node].inputs[0];
  const NodeId b = g[node].inputs[1];
  const std::int64_t ta = attributes.integer_or("transpose_a", 0);
  const std::int64_t tb = attributes.integer_or("transpose_b", 0);
  const bool fused = g[node].inputs.size() == 3;
  if (fused && attributes.integer_or("relu", 0)) gradient = g.add(relu_grad(), {node, gradient});
  std::vector<NodeId> out(g[node].inputs.size(), no_node);
  out[0] = ta ? g.add(matmul(), {b, gradient}, {{"transpose_a", tb}, {"transpose_b", 1}})
              : g.add(matmul(), {gradient, b}, {{"transpose_b", 1 - tb}});
  const NodeId rows = as_rows(g, gradient);
  const NodeId a_rows = as_rows(g, a);
  out[1] = tb ? g.add(matmul(), {rows, a_rows}, {{"transpose_a", 1}, {"transpose_b", ta}})
              : g.add(matmul(), {a_rows, rows}, {{"transpose_a", 1 - ta}});
  if (fused) out[2] = g.add(sum_leading(), {rows}, {{"n_axes", 1}});
  return out;
}

// Rows come from A, columns from B and the bias.
std::optional<std::vector<int>> source_axes(Types in, const TensorType& out,
                                            const Attributes& attributes, int axis) {
  const bool is_column = axis == out.shape.rank() - 1;
  std::vector<int> axes(in.size(), -1);
  if (is_column) {
    axes[1] = attributes.integer_or("transpose_b", 0) ? 0 : 1;
    if (in.size() == 3) axes[2] = 0;
  } else {
    axes[0] = attributes.integer_or("transpose_a", 0) ? 1 : axis;
  }
  return axes;
}

double flops(Types in, const TensorType&, const Attributes& attributes) {
  const Sizes s = sizes(in[0].shape, in[1].shape, attributes);
  return 2.0 * static_cast<double>(s.m) * static_cast<double>(s.k) * static_cast<double>(s.n);
}

std::vector<OpExample> examples() {
  return {{{{{5, 7}}, {{7, 17}}}, {}},
          {{{{3, 4, 7}}, {{7, 16}}}, {}},
          {{{{5, 7}}, {{33, 7}}}, {{"transpose_b", 1}}},
          {{{{7, 5}}, {{7, 3}}}, {{"transpose_a", 1}}},
          {{{{7, 5}}, {{3, 7}}}, {{"transpose_a", 1}, {"transpose_b", 1}}},
          {{{{19, 7}}, {{7, 17}}, {{17}}}, {}},
          {{{{3, 2, 7}}, {{7, 17}}, {{17}}}, {{"relu", 1}}}};
}

}  // namespace

const OpDef& matmul() {
  static constexpr OpDef def{.name = "matmul",
                             .meaning = "A B, with a bias and a ReLU where fused",
                             .min_inputs = 2,
                             .max_inputs = 3,
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
