#include "grok/ops/cross_entropy.h"

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"

// Per row: log(sum(exp(logits))) - logit of the label, in nats, as float64. A third input, where it
// is there, holds the `exponentials` of the logits, which then are not computed again.
namespace grok::ops {
namespace {

constexpr std::size_t exponentials_at = 2;

TensorType infer(Types in, const Attributes& a) {
  require_loss_inputs(in, a, exponentials_at);
  return {{in[0].shape[0]}, DType::f64};
}

void forward(const OpCall& call) noexcept {
  with_exponentials(call, exponentials_at, [&](auto exponentials) noexcept {
    grok::cross_entropy(logits_of(call), call.tokens(1), exponentials, call.out_doubles(),
                        call.pool, sums_of(call.attributes));
  });
}

void reference(const ReferenceCall& call) {
  const auto n = usize(call.reals[0]->shape[1]);
  for (std::size_t row = 0; row < call.output.data.size(); ++row) {
    const PlainRow r(call, row);
    const double at_label = call.reals[0]->data[row * n + usize(call.tokens[1]->data[row])];
    call.output.data[row] = r.largest - at_label + std::log(r.sum);
  }
}

// The exponentials are a help, not a source: what depends on them depends on the logits.
std::vector<NodeId> vjp(Graph& g, NodeId node, NodeId gradient) {
  const std::vector<NodeId> given = g[node].inputs;
  std::vector<NodeId> inputs{given[0], given[1], gradient};
  if (given.size() > exponentials_at) inputs.push_back(given[exponentials_at]);
  std::vector<NodeId> out(given.size(), no_node);
  out[0] = g.add(cross_entropy_grad(), std::move(inputs), g[node].attributes);
  return out;
}

double flops(Types in, const TensorType&, const Attributes&) {
  const double per_element = in.size() > exponentials_at ? 1 : 3;
  return per_element * static_cast<double>(in[0].shape.n_elements());
}

std::vector<OpExample> examples() {
  return {{{{{7, 17}}, {{7}, DType::i32}}, {}, 17},
          {{{{300, 114}}, {{300}, DType::i32}}, {}, 113},
          {{{{7, 17}}, {{7}, DType::i32}}, {{"precision", 32}}, 17},
          {{{{7, 17}}, {{7}, DType::i32}}, {{"precision", 32}, {"plain", 1}}, 17}};
}

}  // namespace

const OpDef& cross_entropy() {
  static constexpr OpDef def{.name = "cross_entropy",
                             .meaning = "-log softmax(logits)[label] of each row",
                             .min_inputs = 2,
                             .max_inputs = 3,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .vjp = vjp,
                             .source_axes = same_axis,
                             .flops = flops,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
