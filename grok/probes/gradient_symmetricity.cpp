#include <cmath>

#include "grok/probes/capture_examples.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How alike the two operands are to the network: 1 where only the sum of their embeddings matters
// (a pizza), less where they are multiplied (a clock).
//
//   gradient_symmetricity  mean over 100 triples (a, b, c) of the cosine between the gradients of
//                          logit c, read at the last position for the input (a, b), with respect to
//                          the embeddings of a and of b (hook_embed, before positions are added);
//                          -1 to 1. A gradient of nothing has cosine 0
//
// The triples are the same at every step (capture_examples.h).
//   source  Zhong, Liu, Tegmark, Andreas 2023, arXiv:2306.17844, and its code
namespace grok {
namespace {

const char* const embedded = "hook_embed";

double cosine(ConstFloats x, ConstFloats y) {
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double a = static_cast<double>(x[i]), b = static_cast<double>(y[i]);
    xy += a * b;
    xx += a * a;
    yy += b * b;
  }
  const double lengths = std::sqrt(xx) * std::sqrt(yy);
  return lengths == 0 ? 0 : xy / lengths;
}

void measure(const ProbeInput& input, Measurements& out) {
  const ConstFloats gradients = input.captures().at(embedded, Where::logit_gradient);
  const Shape shape = input.captures().shape(embedded, Where::logit_gradient);
  const auto n = static_cast<std::size_t>(shape[0]), d = static_cast<std::size_t>(shape[2]);
  const std::size_t stride = gradients.size() / n;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    sum += cosine(gradients.subspan(i * stride, d), gradients.subspan(i * stride + d, d));
  out.add("gradient_symmetricity", sum / static_cast<double>(n));
}

std::vector<HookRequest> hooks(const TaskData&, const Params&) {
  return {{embedded, Where::logit_gradient}};
}

// Pairs (a, b) as the first two tokens, each with an embedding of its own to differentiate by.
bool applies(const TaskData& task, const Params& model) {
  if (!has_odd_modulus(task)) return false;
  const std::optional<Shape> shape = hook_shape(task, model, embedded);
  return shape && shape->rank() == 3 && (*shape)[1] == task.n_ctx && task.n_ctx >= 2;
}

}  // namespace

const ProbeDef& probes::gradient_symmetricity() {
  static constexpr ProbeDef def{
      .name = "gradient_symmetricity",
      .meaning = "cosine between a logit's gradients by the two operands' embeddings",
      .source = "Zhong et al. 2023, arXiv:2306.17844",
      .hooks = hooks,
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
