#include "grok/kernels/matmul.h"

#include <algorithm>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// A B, with either side transposed, and what the planner has fused in behind it, in this order:
//   a       [..., m, k] (leading axes count as rows), or [k, m] with transpose_a
//   b       [k, n], or [n, k] with transpose_b
//   bias    [n], optional: added to each row
//   addend  as the output, optional: added
//   relu=1  then max(x, 0); only with a bias
//   gate=1  the last input, as the output: then 0 where it is not above 0
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

std::size_t packed_bytes(const MatmulOf<float>& p) {
  return usize(matmul_packed_bytes<float>(p.n, p.k));
}

bool has_gate(const Attributes& a) { return a.integer_or("gate", 0) != 0; }
bool has_relu(const Attributes& a) { return a.integer_or("relu", 0) != 0; }

// Which inputs behind a and b are what; 0 where there is none.
struct Extras {
  std::size_t bias = 0, addend = 0, gate = 0;
};

template <class RankOf>
Extras extras(std::size_t n_inputs, const Attributes& attributes, RankOf&& rank_of) {
  Extras e;
  if (has_gate(attributes)) e.gate = --n_inputs;
  for (std::size_t i = 2; i < n_inputs; ++i) (rank_of(i) == 1 ? e.bias : e.addend) = i;
  return e;
}
Extras extras(Types in, const Attributes& a) {
  return extras(in.size(), a, [&](std::size_t i) { return in[i].shape.rank(); });
}

TensorType infer(Types in, const Attributes& attributes) {
  const Shape& a = in[0].shape;
  const Shape& b = in[1].shape;
  const bool transpose_a = attributes.integer_or("transpose_a", 0) != 0;
  const auto what = [&] {
    return "matmul given " + in[0].to_string() + " and " + in[1].to_string() + " " +
           attributes.to_string();
  };
  GROK_REQUIRE(b.rank() == 2 && a.rank() >= 2 && (a.rank() == 2 || !transpose_a), what());
  const Sizes s = sizes(a, b, attributes);
  GROK_REQUIRE(s.k == s.k_of_b, what());
  const TensorType out{transpose_a ? Shape{s.m, s.n} : a.with(-1, s.n), DType::f32};
  const Extras e = extras(in, attributes);
  GROK_REQUIRE(in.size() == 2u + (e.bias != 0) + (e.addend != 0) + (e.gate != 0), what());
  if (e.bias) GROK_REQUIRE(in[e.bias].shape == Shape{s.n}, what() + in[e.bias].to_string());
  if (e.addend) GROK_REQUIRE(in[e.addend] == out, what() + in[e.addend].to_string());
  if (e.gate) GROK_REQUIRE(in[e.gate] == out, what() + in[e.gate].to_string());
  GROK_REQUIRE(!has_relu(attributes) || e.bias != 0, what());
  return out;
}

std::int64_t scratch_bytes(Types in, const TensorType&, const Attributes& attributes,
                           int n_threads) {
  const Sizes s = sizes(in[0].shape, in[1].shape, attributes);
  return matmul_scratch_bytes<float>(s.n, s.k, n_threads);
}

MatmulOf<float> product_of(const OpCall& call) {
  const Sizes s = sizes(call.shape(0), call.shape(1), call.attributes);
  const Extras e = extras(call.inputs.size(), call.attributes,
                          [&](std::size_t i) { return call.shape(i).rank(); });
  MatmulOf<float> product;
  product.a = static_cast<const float*>(call.inputs[0].data);
  product.lda = call.shape(0)[-1];
  product.transpose_a = call.attributes.integer_or("transpose_a", 0) != 0;
  product.b = static_cast<const float*>(call.inputs[1].data);
  product.ldb = call.shape(1)[-1];
  product.transpose_b = call.attributes.integer_or("transpose_b", 0) != 0;
  product.c = static_cast<float*>(call.output.data);
  product.ldc = product.ld_addend = product.ld_gate = s.n;
  product.m = s.m;
  product.n = s.n;
  product.k = s.k;
  if (e.addend) product.addend = call.floats(e.addend).data();
  if (e.gate) product.gate = call.floats(e.gate).data();
  if (e.bias) {
    product.bias = call.floats(e.bias).data();
    product.epilogue = has_relu(call.attributes) ? Epilogue::bias_relu : Epilogue::bias;
  }
  if (call.accumulate) product.addend = product.c;
  return product;
}

void forward(const OpCall& call) noexcept {
  const MatmulOf<float> product = product_of(call);
  if (call.prepared)
    matmul_prepacked(product, {call.prepared, packed_bytes(product)});
  else
    matmul(product, call.scratch, call.pool);
}

std::int64_t prepared_bytes(Types in, const TensorType&, const Attributes& attributes) {
  if (attributes.integer_or("transpose_a", 0) != 0) return 0;  // B has rows, too
  const Sizes s = sizes(in[0].shape, in[1].shape, attributes);
  return matmul_packed_bytes<float>(s.n, s.k);
}

void prepare(const OpCall& call, std::byte* prepared) noexcept {
  const MatmulOf<float> product = product_of(call);
  matmul_pack(product, {prepared, packed_bytes(product)}, call.pool);
}

void reference(const ReferenceCall& call) {
  const Sizes s = sizes(call.reals[0]->shape, call.reals[1]->shape, call.attributes);
  const Extras e = extras(call.reals.size(), call.attributes,
                          [&](std::size_t i) { return call.reals[i]->shape.rank(); });
  const bool transpose_a = call.attributes.integer_or("transpose_a", 0) != 0;
  const bool transpose_b = call.attributes.integer_or("transpose_b", 0) != 0;
  const double* a = call.reals[0]->data.data();
  const double* b = call.reals[1]->data.data();
  for (std::int64_t i = 0; i < s.m; ++i)
    for (std::int64_t j = 0; j < s.n; ++j) {
      const std::size_t at = usize(i * s.n + j);
      double sum = e.addend ? call.reals[e.addend]->data[at] : 0;
      for (std::int64_t l = 0; l < s.k; ++l)
        sum += (transpose_a ? a[l * s.m + i] : a[i * s.k + l]) *
               (transpose_b ? b[j * s.k + l] : b[l * s.n + j]);
      if (e.bias) sum += call.reals[e.bias]->data[usize(j)];
      if (has_relu(call.attributes) && sum < 0) sum = 0;
      if (e.gate && !(call.reals[e.gate]->data[at] > 0)) sum = 0;
      call.output.data[at] = sum;
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
  const Extras e = extras(g.input_types(g[node]), attributes);
  const NodeId a = g[node].inputs[0];
  const NodeId b = g[node].inputs[1];
  const std::int64_t ta = attributes.integer_or("transpose_a", 0);
  const std::int64_t tb = attributes.integer_or("transpose_b", 0);
  std::vector<NodeId> out(g[node].inputs.size(), no_node);
  if (e.gate) gradient = g.add(relu_grad(), {g[node].inputs[e.gate], gradient});
  if (has_relu(attributes)) gradient = g.add(relu_grad(), {node, gradient});
  out[0] = ta ? g.add(matmul(), {b, gradient}, {{"transpose_a", tb}, {"transpose_b", 1}})
              : g.add(matmul(), {gradient, b}, {{"transpose_b", 1 - tb}});
  const NodeId rows = as_rows(g, gradient);
  const NodeId a_rows = as_rows(g, a);
  out[1] = tb ? g.add(matmul(), {rows, a_rows}, {{"transpose_a", 1}, {"transpose_b", ta}})
              : g.add(matmul(), {a_rows, rows}, {{"transpose_a", 1 - ta}});
  if (e.bias) out[e.bias] = g.add(sum_leading(), {rows}, {{"n_axes", 1}});
  if (e.addend) out[e.addend] = gradient;
  return out;
}

// Rows come from A, columns from B and the bias, both from an addend and a gate.
std::optional<std::vector<int>> source_axes(Types in, const TensorType& out,
                                            const Attributes& attributes, int axis) {
  const bool is_column = axis == out.shape.rank() - 1;
  const Extras e = extras(in, attributes);
  std::vector<int> axes(in.size(), axis);
  axes[0] = is_column ? -1 : attributes.integer_or("transpose_a", 0) ? 1 : axis;
  axes[1] = !is_column ? -1 : attributes.integer_or("transpose_b", 0) ? 0 : 1;
  if (e.bias) axes[e.bias] = is_column ? 0 : -1;
  return axes;
}

// A^T B is a sum over the rows of both.
std::optional<std::vector<int>> summed_axes(Types in, const TensorType&,
                                            const Attributes& attributes) {
  if (in.size() != 2 || !attributes.integer_or("transpose_a", 0) ||
      attributes.integer_or("transpose_b", 0))
    return std::nullopt;
  return std::vector<int>{0, 0};
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
          {{{{3, 2, 7}}, {{7, 17}}, {{17}}}, {{"relu", 1}}},
          {{{{19, 7}}, {{7, 17}}, {{19, 17}}}, {}},
          {{{{3, 2, 7}}, {{7, 17}}, {{17}}, {{3, 2, 17}}}, {{"relu", 1}}},
          {{{{19, 7}}, {{17, 7}}, {{19, 17}}}, {{"transpose_b", 1}, {"gate", 1}}}};
}

}  // namespace

const OpDef& matmul() {
  static constexpr OpDef def{.name = "matmul",
                             .meaning = "A B, and what is fused in behind it",
                             .min_inputs = 2,
                             .max_inputs = 5,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = source_axes,
                             .summed_axes = summed_axes,
                             .prepared_bytes = prepared_bytes,
                             .prepare = prepare,
                             .scratch_bytes = scratch_bytes,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
