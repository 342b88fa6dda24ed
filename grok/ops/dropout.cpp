#include "grok/kernels/dropout.h"

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// x mask / (1 - rate), where the mask zeroes each element with probability `rate`: a function of
// seed, stream, the step [1], which is input 1, and the element's number. So the gradient is the
// same op, and rows cannot be taken before it: they would be other elements.
namespace grok::ops {
namespace {

DropoutMask mask_of(const Attributes& a, Tokens step) {
  return {a.real("rate"), a.integer("seed"), a.integer("stream"), step[0]};
}

TensorType infer(Types in, const Attributes& a) {
  const double rate = a.real("rate");
  GROK_REQUIRE(in[0].dtype == DType::f32 && in[1] == (TensorType{{1}, DType::i32}) &&
                   in[0].shape.n_elements() <= max_dropout_elements,
               "dropout given " + in[0].to_string() + " and " + in[1].to_string());
  GROK_REQUIRE(0 <= rate && rate < 1, a.to_string());
  for (const auto* name : {"seed", "stream"}) static_cast<void>(a.integer(name));
  return in[0];
}

void forward(const OpCall& call) noexcept {
  grok::dropout(mask_of(call.attributes, call.tokens(1)), call.floats(0), call.out(), call.pool);
}

void reference(const ReferenceCall& call) {
  const DropoutMask mask = mask_of(call.attributes, call.tokens[1]->span());
  const auto& x = call.reals[0]->data;
  for (std::size_t i = 0; i < x.size(); ++i)
    call.output.data[i] =
        is_dropped(mask, static_cast<std::int64_t>(i)) ? 0 : x[i] / (1 - mask.rate);
}

std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  return {g.add(dropout(), {gradient, g[node].inputs[1]}, g[node].attributes), no_node};
}

// Ten rounds for every four elements.
double flops(Types in, const TensorType&, const Attributes&) {
  return 30.0 * static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  const auto attributes = [](double rate, std::int64_t stream) {
    return Attributes{{"rate", rate}, {"seed", 7}, {"stream", stream}};
  };
  return {{{{{3, 17}}, {{1}, DType::i32}}, attributes(0.5, 0), 1000},
          {{{{5, 2, 65}}, {{1}, DType::i32}}, attributes(0.1, 3), 1000},
          {{{{600, 127}}, {{1}, DType::i32}}, attributes(0.3, 1), 1000}};
}

}  // namespace

const OpDef& dropout() {
  static constexpr OpDef def{
      .name = "dropout",
      .meaning = "x mask / (1 - rate); the mask follows from seed, stream, step",
      .min_inputs = 2,
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
