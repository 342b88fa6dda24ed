#include <numeric>

#include "grok/graph/graph.h"
#include "grok/kernels/cross_entropy.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// The mean of float64 numbers x [n]: of the rows' losses. With `counts` [n] each stands for as many
// equal ones: sum(counts * x) / sum(counts).
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes&) {
  GROK_REQUIRE(in[0].dtype == DType::f64 && in[0].shape.rank() == 1, in[0].to_string());
  if (in.size() == 2)
    GROK_REQUIRE(in[1] == (TensorType{in[0].shape, DType::i32}), in[1].to_string());
  return {{}, DType::f64};
}

double counted_mean(Doubles x, Tokens counts) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += counts[i] * x[i];
  const auto n = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  return sum / static_cast<double>(n);
}

void forward(const OpCall& call) noexcept {
  call.out_scalar() = call.inputs.size() == 1 ? grok::mean(call.doubles(0))
                                              : counted_mean(call.doubles(0), call.tokens(1));
}

void reference(const ReferenceCall& call) {
  const auto& x = call.reals[0]->data;
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double count = call.tokens.size() == 1 ? 1 : call.tokens[1]->data[i];
    sum += count * x[i];
    n += count;
  }
  call.output.data[0] = sum / n;
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> in = g[node].inputs;
  const std::int64_t n = g.shape(in[0])[0];
  if (in.size() == 1) return {g.add(spread_mean(), {gradient}, {{"n", n}, {"rows", n}})};
  return {g.add(spread_mean(), {gradient, in[1]}, {{"rows", n}}), no_node};
}

double flops(Types in, const TensorType&, const Attributes&) {
  return static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{3}, DType::f64}}, {}},
          {{{{101}, DType::f64}}, {}},
          {{{{7}, DType::f64}, {{7}, DType::i32}}, {}, 5}};
}

}  // namespace

const OpDef& mean() {
  static constexpr OpDef def{.name = "mean",
                             .meaning = "sum over number, or by counts",
                             .min_inputs = 1,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
