#include "grok/kernels/rotary.h"

#include <cmath>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// Rotary position embedding of x [batch, pos, heads, d_head], positions counted from 0 along
// axis 1: numbers i and i + n_rotary / 2 of each head turn by pos * base^(-2 i / n_rotary), the
// other way with inverse = 1, which is the gradient too. What lies beyond n_rotary stays.
namespace grok::ops {
namespace {

bool is_inverse(const Attributes& a) { return a.integer("inverse") == 1; }

RotaryShape rotary_shape(const Shape& x, const Attributes& a) {
  return {x[0], x[1], x[2], x[3], a.integer("n_rotary")};
}

TensorType infer(Types in, const Attributes& a) {
  require_f32(in[0], "rotary");
  const std::int64_t n = a.integer("n_rotary"), inverse = a.integer("inverse");
  GROK_REQUIRE(in[0].shape.rank() == 4 && n > 0 && n % 2 == 0 && n <= in[0].shape[3],
               "rotary given " + in[0].to_string() + " " + a.to_string());
  GROK_REQUIRE((inverse == 0 || inverse == 1) && a.real("base") > 0, a.to_string());
  return in[0];
}

std::int64_t scratch_bytes(Types in, const TensorType&, const Attributes& a, int) {
  return in[0].shape[1] * a.integer("n_rotary") * size_in_bytes(DType::f32);
}

void forward(const OpCall& call) noexcept {
  const RotaryShape shape = rotary_shape(call.shape(0), call.attributes);
  const Floats table{reinterpret_cast<float*>(call.scratch.data()),
                     usize(shape.n_pos * shape.n_rotary)};
  rotary_table(shape, call.attributes.real("base"),
               is_inverse(call.attributes) ? Turn::back : Turn::forth, table);
  rotate(shape, call.floats(0), table, call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const Shape& shape = call.reals[0]->shape;
  const auto n_pos = usize(shape[1]), n_heads = usize(shape[2]), d_head = usize(shape[3]);
  const auto n_rotary = usize(call.attributes.integer("n_rotary")), half = n_rotary / 2;
  const double base = call.attributes.real("base"), sign = is_inverse(call.attributes) ? -1 : 1;
  call.output.data = call.reals[0]->data;
  for (std::size_t row = 0; row < usize(shape[0]) * n_pos * n_heads; ++row)
    for (std::size_t i = 0; i < half; ++i) {
      const double exponent = -2 * static_cast<double>(i) / static_cast<double>(n_rotary);
      const double angle =
          sign * static_cast<double>(row / n_heads % n_pos) * std::pow(base, exponent);
      const std::size_t at = row * d_head + i;
      const double a = call.reals[0]->data[at], b = call.reals[0]->data[at + half];
      call.output.data[at] = a * std::cos(angle) - b * std::sin(angle);
      call.output.data[at + half] = b * std::cos(angle) + a * std::sin(angle);
    }
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  Attributes back = g[node].attributes;
  back.set("inverse", std::int64_t{is_inverse(back) ? 0 : 1});
  return {g.add(rotary(), {gradient}, back)};
}

// A position that is cut off would be another; and pairs lie apart within a head.
std::optional<std::vector<int>> source_axes(Types, const TensorType&, const Attributes&, int axis) {
  if (axis == 1 || axis == 3) return std::nullopt;
  return std::vector<int>{axis};
}

double flops(Types in, const TensorType&, const Attributes& a) {
  return 3.0 * static_cast<double>(in[0].shape.product(0, 3) * a.integer("n_rotary"));
}

std::vector<OpExample> examples() {
  return {{{{{2, 3, 5, 7}}}, {{"n_rotary", 6}, {"base", 10000.0}, {"inverse", 0}}},
          {{{{3, 5, 2, 2}}}, {{"n_rotary", 2}, {"base", 10000.0}, {"inverse", 1}}},
          {{{{1, 9, 1, 34}}}, {{"n_rotary", 34}, {"base", 500.0}, {"inverse", 0}}},
          {{{{150, 5, 3, 40}}}, {{"n_rotary", 36}, {"base", 10000.0}, {"inverse", 0}}}};
}

}  // namespace

const OpDef& rotary() {
  static constexpr OpDef def{
      .name = "rotary",
      .meaning = "pairs of each head turned by an angle that grows with the position",
      .infer = infer,
      .forward = forward,
      .reference = reference,
      .vjp = vjp,
      .source_axes = source_axes,
      .numbers_axes = true,
      .scratch_bytes = scratch_bytes,
      .flops = flops,
      .examples = examples};
  return def;
}

}  // namespace grok::ops
