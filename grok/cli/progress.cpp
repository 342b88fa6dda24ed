#include "grok/cli/progress.h"

#include <algorithm>
#include <string_view>

#include "grok/analysis/phases.h"
#include "grok/cli/format.h"

namespace grok::cli {
namespace {

constexpr std::chrono::milliseconds between_drawings{100};

std::optional<double> metric(const Moment& moment, std::string_view name) {
  for (const auto& [key, value] : moment.metrics)
    if (key == name) return value;
  return std::nullopt;
}

double metric(const Moment& moment, std::string_view name, double otherwise) {
  return metric(moment, name).value_or(otherwise);
}

}  // namespace

void Progress::on_begin(const RunSpec& spec, std::int64_t step) {
  last_step_ = spec.train.integer("steps");
  speed_.start(step);
  drawn_at_ = Clock::now();
  if (step > 0) live_.note("going on from step " + grouped(step));
  while (next_line_ <= step) next_line_ *= 2;
}

void Progress::on_step(std::int64_t step, double train_loss) {
  train_loss_ = train_loss;
  speed_.at(step);
  const Clock::time_point now = Clock::now();
  if (now - drawn_at_ >= between_drawings) {
    drawn_at_ = now;
    if (live_.is_terminal()) live_.draw(line(step));
  }
}

void Progress::on_moment(const Moment& moment) {
  if (moment.metrics.empty()) return;
  has_metrics_ = true;
  train_loss_ = metric(moment, "train_loss", metric(moment, "batch_loss", train_loss_));
  if (const auto loss = metric(moment, "test_loss")) test_loss_ = loss;
  train_accuracy_ = metric(moment, "train_accuracy", train_accuracy_);
  test_accuracy_ = metric(moment, "test_accuracy", test_accuracy_);
  if (!live_.is_terminal() && moment.step >= next_line_) {
    speed_.measure(moment.step);
    live_.note(line(moment.step));
    while (next_line_ <= moment.step) next_line_ *= 2;
  }
  // What was learnt before this program came is no news.
  if (is_first_) {
    highest_train_ = moment.step > 0 ? train_accuracy_ : 0;
    highest_test_ = moment.step > 0 ? std::max(0.0, test_accuracy_) : 0;
  }
  is_first_ = false;
  note_crossings(moment.step, train_accuracy_, test_accuracy_);
}

void Progress::on_closing(int n_done, int n_total) {
  live_.draw("measuring the key frequencies' part, keyframe " + std::to_string(n_done + 1) +
             " of " + std::to_string(n_total));
}

void Progress::note_crossings(std::int64_t step, double train_accuracy, double test_accuracy) {
  const auto crosses = [](double before, double now, double level) {
    return before < level && now >= level;
  };
  if (crosses(highest_train_, train_accuracy, learnt_accuracy))
    live_.note("step " + grouped(step) + ": memorised, 99 % of the training answers are right");
  for (const double level : {0.5, 0.9})
    if (crosses(highest_test_, test_accuracy, level))
      live_.note("step " + grouped(step) + ": test accuracy passes " + fixed(100 * level, 0) +
                 " %");
  if (crosses(highest_test_, test_accuracy, learnt_accuracy))
    live_.note("step " + grouped(step) + (is_endless() ? ": learnt" : ": grokked") +
               ", 99 % of the test answers are right");
  highest_train_ = std::max(highest_train_, train_accuracy);
  highest_test_ = std::max(highest_test_, test_accuracy);
}

std::string Progress::line(std::int64_t step) const {
  std::string out = "step " + right(grouped(step), 7) + " of " + grouped(last_step_) +
                    (is_endless() ? "  batch " : "  train ") + left(significant(train_loss_, 3), 8);
  const auto share = [](double accuracy) {
    return right(accuracy < 0 ? "" : percent(accuracy), 8);
  };
  if (has_metrics_) out += share(train_accuracy_);
  if (test_loss_) out += "  test " + left(significant(*test_loss_, 3), 8) + share(test_accuracy_);
  return out + speed_.text(last_step_ - step);
}

}  // namespace grok::cli
