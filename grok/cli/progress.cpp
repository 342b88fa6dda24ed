#include "grok/cli/progress.h"

#include <algorithm>
#include <iostream>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "grok/analysis/phases.h"
#include "grok/cli/format.h"

namespace grok::cli {
namespace {

constexpr std::chrono::milliseconds between_drawings{100};
constexpr std::chrono::milliseconds between_timings{1000};

std::size_t terminal_width() {
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 100;
}

double metric(const Moment& moment, std::string_view name, double otherwise) {
  for (const auto& [key, value] : moment.metrics)
    if (key == name) return value;
  return otherwise;
}

}  // namespace

Progress::Style Progress::style_of_stderr() {
  return isatty(STDERR_FILENO) ? Style::live : Style::lines;
}

void Progress::on_begin(const RunSpec& spec, std::int64_t step) {
  last_step_ = spec.train.integer("steps");
  timed_step_ = step;
  timed_at_ = drawn_at_ = Clock::now();
  if (step > 0) note("going on from step " + grouped(step));
  while (next_line_ <= step) next_line_ *= 2;
}

void Progress::on_step(std::int64_t step, double train_loss) {
  train_loss_ = train_loss;
  const Clock::time_point now = Clock::now();
  if (now - timed_at_ >= between_timings) measure_speed(step);
  if (style_ == Style::live && now - drawn_at_ >= between_drawings) {
    drawn_at_ = now;
    draw(line(step));
  }
}

void Progress::on_moment(const Moment& moment) {
  if (moment.metrics.empty()) return;
  has_metrics_ = true;
  train_loss_ = metric(moment, "train_loss", train_loss_);
  test_loss_ = metric(moment, "test_loss", test_loss_);
  train_accuracy_ = metric(moment, "train_accuracy", train_accuracy_);
  test_accuracy_ = metric(moment, "test_accuracy", test_accuracy_);
  if (style_ == Style::lines && moment.step >= next_line_) {
    measure_speed(moment.step);
    std::cerr << line(moment.step) << '\n';
    while (next_line_ <= moment.step) next_line_ *= 2;
  }
  note_crossings(moment.step, train_accuracy_, test_accuracy_);
}

void Progress::on_closing(int n_done, int n_total) {
  if (style_ == Style::live)
    draw("measuring the key frequencies' part, keyframe " + std::to_string(n_done + 1) + " of " +
         std::to_string(n_total));
}

void Progress::measure_speed(std::int64_t step) {
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - timed_at_).count();
  if (step == timed_step_ || seconds <= 0) return;
  const double speed = static_cast<double>(step - timed_step_) / seconds;
  // Smoothed, so that the time left does not jump about.
  steps_per_second_ = steps_per_second_ > 0 ? 0.7 * steps_per_second_ + 0.3 * speed : speed;
  timed_step_ = step;
  timed_at_ = now;
}

void Progress::note_crossings(std::int64_t step, double train_accuracy, double test_accuracy) {
  const auto crosses = [](double before, double now, double level) {
    return before < level && now >= level;
  };
  if (crosses(highest_train_, train_accuracy, learnt_accuracy))
    note("step " + grouped(step) + ": memorised, 99 % of the training pairs are right");
  for (const double level : {0.5, 0.9})
    if (crosses(highest_test_, test_accuracy, level))
      note("step " + grouped(step) + ": test accuracy passes " + fixed(100 * level, 0) + " %");
  if (crosses(highest_test_, test_accuracy, learnt_accuracy))
    note("step " + grouped(step) + ": grokked, 99 % of the test pairs are right");
  highest_train_ = std::max(highest_train_, train_accuracy);
  highest_test_ = std::max(highest_test_, test_accuracy);
}

std::string Progress::line(std::int64_t step) const {
  std::string out = "step " + right(grouped(step), 7) + " of " + grouped(last_step_) + "  train " +
                    left(significant(train_loss_, 3), 8);
  if (has_metrics_)
    out += right(percent(train_accuracy_), 8) + "  test " + left(significant(test_loss_, 3), 8) +
           right(percent(test_accuracy_), 8);
  if (steps_per_second_ > 0)
    out += "  " + significant(steps_per_second_, 3) + " steps/s  at most " +
           duration(static_cast<double>(last_step_ - step) / steps_per_second_) + " left";
  return out;
}

void Progress::note(const std::string& text) {
  clear();
  std::cerr << text << '\n';
}

void Progress::draw(const std::string& text) {
  // A line that wraps could not be rewritten.
  const std::string cut = text.substr(0, terminal_width() - 1);
  std::cerr << "\r\x1b[K" << cut << std::flush;
  is_drawn_ = true;
}

void Progress::clear() {
  if (is_drawn_) std::cerr << "\r\x1b[K" << std::flush;
  is_drawn_ = false;
}

}  // namespace grok::cli
