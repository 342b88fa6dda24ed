#pragma once
// What the smooth activations share. An op is its kernel and its plain function of one number; so
// is its gradient, from the input x and the gradient dy of the output.

#include "grok/graph/graph.h"
#include "grok/ops/rules.h"

namespace grok::ops {

using ValueKernel = void (*)(ConstFloats x, Floats out, ThreadPool& pool) noexcept;
using SlopeKernel = void (*)(ConstFloats x, ConstFloats dy, Floats dx, ThreadPool& pool) noexcept;
using PlainFunction = double (*)(double x);

/// An exponential, a division, and some more of each.
inline double activation_flops(Types in, const TensorType&, const Attributes&) {
  return 30.0 * static_cast<double>(in[0].shape.n_elements());
}

/// y = f(x), with `plain` for f and the op `grad` for its gradient.
template <ValueKernel kernel, PlainFunction plain, const OpDef& (*grad)()>
constexpr OpDef activation(std::string_view name, std::string_view meaning) {
  return {
      .name = name,
      .meaning = meaning,
      .infer =
          [](Types in, const Attributes&) {
            require_f32(in[0], "an activation");
            return in[0];
          },
      .forward = [](const OpCall& call) noexcept { kernel(call.floats(0), call.out(), call.pool); },
      .reference =
          [](const ReferenceCall& call) {
            const auto& x = call.reals[0]->data;
            for (std::size_t i = 0; i < x.size(); ++i) call.output.data[i] = plain(x[i]);
          },
      .vjp =
          [](Graph& g, NodeId node, NodeId gradient) {
            return std::vector<NodeId>{g.add(grad(), {g[node].inputs[0], gradient})};
          },
      .source_axes = same_axis,
      .flops = activation_flops,
      .examples =
          [] {
            return std::vector<OpExample>{{{{{1}}}, {}}, {{{{3, 17}}}, {}}, {{{{5, 2, 64}}}, {}}};
          }};
}

/// dx = dy f'(x), with `plain` for f'.
template <SlopeKernel kernel, PlainFunction plain>
constexpr OpDef activation_grad(std::string_view name, std::string_view meaning) {
  return {.name = name,
          .meaning = meaning,
          .min_inputs = 2,
          .max_inputs = 2,
          .infer =
              [](Types in, const Attributes&) {
                require_f32(in[0], "an activation's gradient");
                require_same(in, "an activation's gradient");
                return in[0];
              },
          .forward =
              [](const OpCall& call) noexcept {
                kernel(call.floats(0), call.floats(1), call.out(), call.pool);
              },
          .reference =
              [](const ReferenceCall& call) {
                const auto& x = call.reals[0]->data;
                const auto& dy = call.reals[1]->data;
                for (std::size_t i = 0; i < x.size(); ++i)
                  call.output.data[i] = dy[i] * plain(x[i]);
              },
          .source_axes = same_axis,
          .flops = activation_flops,
          .examples =
              [] {
                return std::vector<OpExample>{{{{{1}}, {{1}}}, {}},
                                              {{{{3, 17}}, {{3, 17}}}, {}},
                                              {{{{5, 2, 64}}, {{5, 2, 64}}}, {}}};
              }};
}

}  // namespace grok::ops
