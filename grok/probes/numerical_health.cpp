#include <algorithm>
#include <string>

#include "grok/analysis/spikes.h"
#include "grok/kernels/cross_entropy.h"
#include "grok/ops/stablemax.h"
#include "grok/probes/answer_rows.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Whether arithmetic still lets a network learn, on the training split's answers, whatever loss the
// run has. ARITHMETIC is one of a loss, and that loss's own kernels are asked: float64, float32
// (compensated) and float32_plain of cross_entropy, and stablemax, in float32.
//
//   absorbed_logits.TYPE         share of classes, over all answers, the largest of each left out,
//                                whose exp(logit - largest) is lost when it is added to 1 in that
//                                type (float64, float32): below half a unit in the last place of 1.
//                                Of stablemax: whose s(logit) is lost when it is added to the
//                                largest's, in float32
//   softmax_collapse.ARITHMETIC  share of answers whose loss is exactly 0: the label's probability
//                                has rounded to 1, and its own gradient is 0
//   zero_gradients.ARITHMETIC    share of answers whose whole gradient, of a mean over the split
//   and
//                                rounded to float32, is exactly 0
//
// When the run has ended, an event "spike" for each spike of train_loss upwards, as `phases` finds
// them (analysis/spikes.h): in plain float32, a slingshot.
//
//   {"metric":"train_loss","before":1e-07,"peak":0.3,"peak_step":8150,"until":8300}
//
//   before   the median of the records beside it
//   until    its last record
//   source   softmax collapse: Prieto et al. 2025, arXiv:2501.04697
//   source   slingshots: Thilakarathna et al. 2022, arXiv:2206.04817
namespace grok {
namespace {

template <class C>
double absorbed_share(const AnswerRows& rows, ThreadPool& pool) {
  std::vector<C> e(rows.logits.size());
  exponentials(rows.view(), e, pool);
  // The largest is 1 itself, and never lost.
  const auto n = std::ranges::count_if(e, [](C x) { return C{1} + x == C{1}; });
  const auto others = static_cast<double>(rows.logits.size() - rows.labels.size());
  return others == 0 ? 0 : static_cast<double>(n) / others;
}

double absorbed_share_of_stablemax(const AnswerRows& rows) {
  const auto width = static_cast<std::size_t>(rows.width);
  std::int64_t n = 0;
  for (std::size_t row = 0; row < rows.labels.size(); ++row) {
    const ConstFloats x = ConstFloats(rows.logits).subspan(row * width, width);
    const float largest = ops::plain_s(*std::ranges::max_element(x));
    n += std::ranges::count_if(x, [&](float v) { return largest + ops::plain_s(v) == largest; });
  }
  const auto others = static_cast<double>(rows.logits.size() - rows.labels.size());
  return others == 0 ? 0 : static_cast<double>(n) / others;
}

// What one arithmetic makes of the rows: `write_losses` and `write_gradient` are its kernels.
template <class Losses, class Gradient>
void add_arithmetic(const std::string& name, const AnswerRows& rows, Losses&& write_losses,
                    Gradient&& write_gradient, Measurements& out) {
  const std::size_t n = rows.labels.size();
  const auto width = static_cast<std::ptrdiff_t>(rows.width);
  std::vector<double> losses(n);
  write_losses(std::span<double>(losses));
  const std::vector<double> d_losses(n, 1 / static_cast<double>(n));
  AlignedVector<float> gradient(rows.logits.size());
  write_gradient(Doubles(d_losses), Floats(gradient));
  double n_still = 0;
  for (auto row = gradient.begin(); row != gradient.end(); row += width)
    n_still += std::all_of(row, row + width, [](float x) { return x == 0; });
  const auto n_collapsed = static_cast<double>(std::ranges::count(losses, 0.0));
  out.add("softmax_collapse." + name, n_collapsed / static_cast<double>(n));
  out.add("zero_gradients." + name, n_still / static_cast<double>(n));
}

template <class C>
void add_cross_entropy(const std::string& name, const AnswerRows& rows, Sums sums, ThreadPool& pool,
                       Measurements& out) {
  const std::span<const C> none;
  add_arithmetic(
      name, rows,
      [&](std::span<double> losses) {
        cross_entropy(rows.view(), rows.labels, none, losses, pool, sums);
      },
      [&](Doubles d_losses, Floats gradient) {
        cross_entropy_grad(rows.view(), rows.labels, none, d_losses, gradient, pool, sums);
      },
      out);
}

void add_stablemax(const AnswerRows& rows, ThreadPool& pool, Measurements& out) {
  constexpr Arithmetic arithmetic = Arithmetic::float32;
  add_arithmetic(
      "stablemax", rows,
      [&](std::span<double> losses) {
        stablemax(rows.logits, rows.width, rows.labels, arithmetic, losses, pool);
      },
      [&](Doubles d_losses, Floats gradient) {
        stablemax_grad(rows.logits, rows.width, rows.labels, d_losses, arithmetic, gradient, pool);
      },
      out);
}

void measure(const ProbeInput& input, Measurements& out) {
  const AnswerRows rows = answer_rows_of(input, input.task().train);
  ThreadPool& pool = input.pool();
  out.add("absorbed_logits.float64", absorbed_share<double>(rows, pool));
  out.add("absorbed_logits.float32", absorbed_share<float>(rows, pool));
  out.add("absorbed_logits.stablemax", absorbed_share_of_stablemax(rows));
  add_cross_entropy<double>("float64", rows, Sums::compensated, pool, out);
  add_cross_entropy<float>("float32", rows, Sums::compensated, pool, out);
  add_cross_entropy<float>("float32_plain", rows, Sums::plain, pool, out);
  add_stablemax(rows, pool, out);
}

bool applies(const TaskData& task, const Params&) { return !task.targets && !task.train.empty(); }

Event spike_event(const Spike& spike) {
  std::string detail = R"({"metric":"train_loss","before":)";
  detail += real_text(spike.level) + R"(,"peak":)" + real_text(spike.value);
  detail += R"(,"peak_step":)" + std::to_string(spike.peak);
  detail += R"(,"until":)" + std::to_string(spike.to) + "}";
  return {spike.from, "spike", detail};
}

std::vector<Event> conclude(const CurveLookup& curve) {
  std::vector<std::int64_t> steps;
  std::vector<double> losses;
  for (const MetricPoint& point : curve("train_loss")) {
    steps.push_back(point.step);
    losses.push_back(point.value);
  }
  std::vector<Event> out;
  for (const Spike& spike : find_spikes({steps, losses}))
    if (spike.value > spike.level) out.push_back(spike_event(spike));
  return out;
}

}  // namespace

const ProbeDef& probes::numerical_health() {
  static constexpr ProbeDef def{
      .name = "numerical_health",
      .meaning =
          "absorbed logits, losses and gradients that are exactly 0, and spikes of the loss, by "
          "the precision of the loss",
      .source = "Prieto et al. 2025, arXiv:2501.04697; Thilakarathna et al. 2022, arXiv:2206.04817",
      .hooks = logits_alone,
      .applies = applies,
      .measure = measure,
      .conclude = conclude};
  return def;
}

}  // namespace grok
