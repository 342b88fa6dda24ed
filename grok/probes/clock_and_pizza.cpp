#include "grok/analysis/clock_or_pizza.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// What the network makes of each circle of its embedding, all else taken out of W_E (positions and
// '=' stay): of the logits' variance about their one common mean, the share along the logits of a
// clock and of a pizza, w = 2 pi k / p. Measured only where it is named.
//
//   circle_frequency [n_circles]  k: circles are pairs of principal components, the first and
//                                 second, third and fourth .. of 16, that have most of the same
//                                 frequency; the largest first
//   clock_share [n_circles]       of cos(w (a + b - c)), 0 to 1
//   pizza_share [n_circles]       of |cos(w (a - b) / 2)| cos(w (a + b - c)), 0 to 1
//
// All are left out where there is no circle.
//   source  Zhong, Liu, Tegmark, Andreas 2023, arXiv:2306.17844, and its notebooks
namespace grok {
namespace {

Weights with_embedding(const ProbeInput& input, const std::string& name,
                       std::span<const double> rows) {
  Weights out = input.weights();
  Tensor& W_E = out.at(name);
  for (std::size_t i = 0; i < rows.size(); ++i) W_E.data[i] = static_cast<float>(rows[i]);
  return out;
}

void measure(const ProbeInput& input, Measurements& out) {
  const std::string name = embedding_weight(input.task(), input.model());
  const std::vector<HookRequest> logits_of_all{{"logits"}};
  Captures captures(input.model(), input.task(), logits_of_all, input.pool());
  std::vector<double> frequency, clock, pizza;
  for (const EmbeddingCircle& circle : embedding_circles(input.number_embedding(), input.p())) {
    const Weights weights = with_embedding(input, name, circle.rows);
    captures.run(weights);
    const auto logits = class_logits(captures.at("logits"), input.p(), input.task().d_vocab_out);
    const ClockAndPizza shares = clock_and_pizza(logits, input.p(), circle.frequency);
    frequency.push_back(circle.frequency);
    clock.push_back(shares.clock);
    pizza.push_back(shares.pizza);
  }
  if (frequency.empty()) return;
  out.add("circle_frequency", frequency);
  out.add("clock_share", clock);
  out.add("pizza_share", pizza);
}

// One embedding for both operands: the last example is (p-1, p-1).
bool applies(const TaskData& task, const Params& model) {
  return is_odd_addition(task) && has_modular_embedding(task, model) &&
         embedding_weight(task, model) == "embed.W_E" && !has_weight(task, model, "embed.W_E_b") &&
         task.tokens.data[task.tokens.data.size() - static_cast<std::size_t>(task.n_ctx) + 1] ==
             *task.modulus - 1;
}

}  // namespace

const ProbeDef& probes::clock_and_pizza() {
  static constexpr ProbeDef def{
      .name = "clock_and_pizza",
      .meaning = "how far each circle's logits are those of a clock, and those of a pizza",
      .source = "Zhong et al. 2023, arXiv:2306.17844",
      .applies = applies,
      .measure = measure,
      .by_default = false};
  return def;
}

}  // namespace grok
