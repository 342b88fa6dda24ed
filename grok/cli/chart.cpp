#include "grok/cli/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "grok/cli/format.h"

namespace grok::cli {
namespace {

constexpr int n_columns = 64;
constexpr int n_rows = 4;
constexpr double least_steps = 10;       // fewer make no curve
constexpr std::size_t label_width = 17;  // of the curve's name and the axis' ends

struct Axes {
  double first_step = 1, last_step = 1;
  double least = std::numeric_limits<double>::infinity(), largest = 0;

  double step_at(int column) const {
    return first_step * std::pow(last_step / first_step, column / (n_columns - 1.0));
  }
  int column_of(double step) const {
    const double part = std::log(step / first_step) / std::log(last_step / first_step);
    return static_cast<int>(std::lround(part * (n_columns - 1)));
  }
  /// 0 to 1.
  double height(double value) const {
    if (!(largest > least)) return 1;
    return std::clamp(std::log(value / least) / std::log(largest / least), 0.0, 1.0);
  }
};

Axes axes_of(const std::vector<ChartCurve>& curves) {
  Axes axes;
  for (const ChartCurve& curve : curves) {
    for (std::size_t i = 0; i < curve.series.size(); ++i) {
      axes.last_step = std::max(axes.last_step, static_cast<double>(curve.series.steps[i]));
      const double value = curve.series.values[i];
      if (!(value > 0) || !std::isfinite(value)) continue;
      axes.least = std::min(axes.least, value);
      axes.largest = std::max(axes.largest, value);
    }
  }
  return axes;
}

// The character for the part of a column that lies in one row; `eighths` counts from the row's
// foot.
std::string_view block(int eighths) {
  static constexpr std::array<std::string_view, 9> blocks{" ", "▁", "▂", "▃", "▄",
                                                          "▅", "▆", "▇", "█"};
  return blocks[static_cast<std::size_t>(std::clamp(eighths, 0, 8))];
}

std::string row_label(const ChartCurve& curve, const Axes& axes, int row) {
  const bool is_top = row == n_rows - 1;
  const std::string end = is_top     ? significant(axes.largest, 2)
                          : row == 0 ? significant(axes.least, 2)
                                     : "";
  return left(is_top ? curve.label : "", label_width - 9) + right(end, 8) + " ";
}

void draw(const ChartCurve& curve, const Axes& axes, std::vector<std::string>& out) {
  for (int row = n_rows - 1; row >= 0; --row) {
    std::string line = row_label(curve, axes, row);
    for (int column = 0; column < n_columns; ++column) {
      const double value = value_at(curve.series, axes.step_at(column));
      // At least one eighth, so that the least value is seen to be there.
      const int height = 1 + static_cast<int>(std::lround(axes.height(value) * (8 * n_rows - 1)));
      line += std::isfinite(value) && value > 0 ? block(height - 8 * row) : " ";
    }
    while (line.ends_with(' ')) line.pop_back();
    out.push_back(std::move(line));
  }
}

std::string tick(double step) {
  return step < 1000  ? fixed(step, 0)
         : step < 1e6 ? fixed(step / 1e3, 0) + "k"
                      : fixed(step / 1e6, 0) + "M";
}

std::string step_axis(const Axes& axes) {
  std::string line(label_width + n_columns + 8, ' ');
  line.replace(0, 4, "step");
  std::size_t free = 0;  // ticks must not run into each other
  for (double step = 1; step <= axes.last_step; step *= 10) {
    const std::size_t at = label_width + static_cast<std::size_t>(axes.column_of(step));
    const std::string text = tick(step);
    if (at < free) continue;
    line.replace(at, text.size(), text);
    free = at + text.size() + 1;
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::vector<std::string> chart(const std::vector<ChartCurve>& curves) {
  const Axes axes = axes_of(curves);
  if (axes.largest <= 0 || axes.last_step < least_steps) return {};
  std::vector<std::string> out;
  for (const ChartCurve& curve : curves)
    if (!curve.series.empty()) draw(curve, axes, out);
  out.push_back(step_axis(axes));
  return out;
}

}  // namespace grok::cli
