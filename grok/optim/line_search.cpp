#include <algorithm>

#include "grok/filters/filter.h"
#include "grok/kernels/combine.h"
#include "grok/kernels/inner_products.h"
#include "grok/optim/common_fields.h"
#include "grok/optim/optimizer.h"
#include "grok/spec/fields.h"

// Gradient descent whose every step is as long as the loss allows: half as long until the loss
// falls by a part of what the slope promises, and the next begins twice as long. For tiny problems:
// each trial costs an evaluation. Where none of the trials will do, the weights stay.
//
//   accepted   loss(w - t g) <= loss(w) - sufficient t |g|^2
//
//   source  Armijo 1966, Pacific Journal of Mathematics 16
namespace grok {
namespace {

constexpr double longest = 1e30;  // where the slope is zero a step may grow for ever

void check(const Params& params, Mistakes& mistakes) {
  check_common_fields(params, mistakes);
  if (!params.texts("filters").empty())
    mistakes.add("filters", "line_search holds the loss against its own slope, and takes none");
  if (params.text("schedule") != "constant" || params.integer("warmup_steps") != 0)
    mistakes.add("schedule", "line_search finds the length of each step by itself, and takes none");
}

const Schema& schema() {
  static const Schema schema = optimizer_schema(
      {.lr = 1.0, .warmup_steps = 0},
      {real_field("shrink", 0.5, between(0, 1), "By what a step that is too long is multiplied."),
       real_field("grow", 2.0, at_least(1), "By what the next one is, to begin with."),
       real_field("sufficient", 1e-4, between(0, 1), "The part of the promised fall that will do."),
       integer_field("most_trials", 40, from_to(1, 1000), "Trials before it gives up.")},
      check);
  return schema;
}

NamedTensors init(const Params& params, const Weights&) {
  NamedTensors state;
  state.add("line_search.next", Tensor(Shape{1})).data[0] = static_cast<float>(params.real("lr"));
  return state;
}

// The weights, then the gradients, which an evaluation overwrites.
std::int64_t scratch_floats(const Params&, const Weights& weights, int) {
  return 2 * n_weights(weights);
}

void copy_to(const OptimizerCall& call, Floats to) noexcept {
  float* weights = to.data();
  float* gradients = to.data() + to.size() / 2;
  std::size_t i = 0;
  for (const auto& [name, weight] : call.weights) {
    weights = std::copy(weight.data.begin(), weight.data.end(), weights);
    const ConstFloats g = call.gradients[i++];
    gradients = std::copy(g.begin(), g.end(), gradients);
  }
}

// The weights `t` along the descent.
void move_to(const OptimizerCall& call, ConstFloats kept, double t) noexcept {
  std::size_t at = 0, i = 0;
  for (auto& [name, weight] : call.weights) {
    const std::size_t size = weight.data.size();
    const double by = call.surface.holds(i++) ? 0 : -t;
    combine(1, kept.subspan(at, size), by, kept.subspan(kept.size() / 2 + at, size), weight.data,
            call.pool);
    at += size;
  }
}

double squared_slope(const OptimizerCall& call) noexcept {
  double out = 0;
  for (std::size_t i = 0; i < call.gradients.size(); ++i)
    if (!call.surface.holds(i)) out += sum_of_squares(call.gradients[i], call.pool);
  return out;
}

void update(const OptimizerCall& call) noexcept {
  const Floats kept = call.scratch.first(static_cast<std::size_t>(2 * n_weights(call.weights)));
  const double promised = call.params.real("sufficient") * squared_slope(call);
  const double shrink = call.params.real("shrink");
  float& next = call.state[0][0];
  copy_to(call, kept);
  double t = static_cast<double>(next);
  for (std::int64_t i = 0; i < call.params.integer("most_trials"); ++i, t *= shrink) {
    move_to(call, kept, t);
    if (!(call.surface() <= call.surface.loss - t * promised)) continue;  // too long, or NaN
    next = static_cast<float>(std::min(t * call.params.real("grow"), longest));
    return;
  }
  move_to(call, kept, 0);
}

}  // namespace

const OptimizerDef& optim::line_search() {
  static constexpr OptimizerDef def{
      .name = "line_search",
      .meaning = "gradient descent, each step as long as the loss allows; for tiny problems",
      .source = "Armijo 1966",
      .schema = schema,
      .init = init,
      .scratch_floats = scratch_floats,
      .compares_losses = true,
      .update = update};
  return def;
}

}  // namespace grok
