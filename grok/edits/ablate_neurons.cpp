#include "grok/base/error.h"
#include "grok/edits/edit.h"
#include "grok/edits/parts.h"

// What goes into them and what comes out becomes zero, weights and moments: then neither has a
// gradient, and they stay away for good.
namespace grok {
namespace {

// Completes the list, so that the edit says what it did.
Integers neurons_in_question(const EditCall& call, std::int64_t n_blocks) {
  const std::int64_t frequency = call.params.integer("frequency");
  if (frequency > 0) {
    if (!call.params.integers("neurons").empty() || call.params.integer("layer") != 0)
      throw Error(ErrorCode::usage,
                  "ablate_neurons: frequency says which neurons, and they are of the last layer; "
                  "leave out neurons and layer");
    call.params.set("layer", n_blocks - 1);
    Integers found;
    for (const int n : call.help.cluster(call.state.weights, frequency)) found.push_back(n);
    call.params.set("neurons", found);
  }
  const Integers out = call.params.integers("neurons");
  if (out.empty())
    throw Error(ErrorCode::usage,
                frequency > 0 ? "no neuron answers to frequency " + std::to_string(frequency) +
                                    " here with at least 85 % of its variance"
                              : "ablate_neurons: give frequency=K or neurons=[...]");
  return out;
}

const Schema& schema() {
  static const Schema schema{{{.name = "frequency",
                               .type = FieldType::integer,
                               .default_value = Value{std::int64_t{0}},
                               .range = at_least(0),
                               .meaning = "the neurons of the last layer that answer to it "
                                          "(neuron_clusters); 0: those that neurons lists"},
                              {.name = "neurons",
                               .type = FieldType::integers,
                               .default_value = Value{Texts{}},
                               .range = at_least(0),
                               .meaning = "which, counted from 0"},
                              layer_field()}};
  return schema;
}

void apply(const EditCall& call) {
  const std::int64_t n_blocks = n_blocks_with(call, "mlp.W_in", "blocks with an MLP");
  const Integers neurons = neurons_in_question(call, n_blocks);
  const std::string mlp = block_in_question(call, n_blocks) + "mlp.";
  const Shape in = weight_named(call, mlp + "W_in").shape;  // [d_model, d_mlp]
  const std::int64_t d_model = in[0], d_mlp = in[1];
  for (const std::int64_t n : neurons) {
    if (n >= d_mlp)
      throw Error(ErrorCode::usage, "neuron " + std::to_string(n) + ": there are " +
                                        std::to_string(d_mlp) + ", counted from 0");
    for (std::int64_t d = 0; d < d_model; ++d) {
      clear(call, mlp + "W_in", static_cast<std::size_t>(d * d_mlp + n));
      clear(call, mlp + "W_out", static_cast<std::size_t>(n * d_model + d));
    }
    clear(call, mlp + "b_in", static_cast<std::size_t>(n));
  }
}

}  // namespace

const EditDef& edits::ablate_neurons() {
  static constexpr EditDef def{
      .name = "ablate_neurons",
      .meaning = "takes neurons out of the network, for good: a cluster, or those listed",
      .schema = schema,
      .apply = apply};
  return def;
}

}  // namespace grok
