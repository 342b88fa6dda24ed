#include "grok/analysis/spikes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace grok {
namespace {

constexpr double noise_factor = 8;
constexpr double least_factor = 2;            // of values that are all above 0
constexpr double least_share_of_range = 0.1;  // of others
constexpr double longest_factor = 1.25;       // of the step count
constexpr std::array<std::size_t, 5> half_widths{2, 4, 8, 16, 32};  // of the running median
constexpr std::size_t n_beside = 5;  // records on either side that say where the series was
constexpr double deviation_per_mad = 1.4826;  // of normal noise

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double median_around(const std::vector<double>& values, std::size_t i, std::size_t half) {
  const std::size_t first = i < half ? 0 : i - half;
  const std::size_t last = std::min(values.size(), i + half + 1);
  return median({values.begin() + static_cast<std::ptrdiff_t>(first),
                 values.begin() + static_cast<std::ptrdiff_t>(last)});
}

struct Records {
  std::vector<std::int64_t> steps;
  std::vector<double> values;   // as recorded
  std::vector<double> heights;  // the logarithm where that is a number everywhere
  double least_height = 0;
};

Records records_of(const Series& series) {
  Records out;
  bool is_positive = true;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!std::isfinite(series.values[i])) continue;
    out.steps.push_back(series.steps[i]);
    out.values.push_back(series.values[i]);
    is_positive = is_positive && series.values[i] > 0;
  }
  out.heights = out.values;
  if (out.values.empty()) return out;
  if (is_positive)
    for (double& h : out.heights) h = std::log(h);
  const auto [low, high] = std::minmax_element(out.heights.begin(), out.heights.end());
  out.least_height = is_positive ? std::log(least_factor) : least_share_of_range * (*high - *low);
  return out;
}

// +1 and -1 where a record lies far above and far below the running median.
std::vector<int> sides(const Records& records, std::size_t half) {
  const std::size_t n = records.heights.size();
  std::vector<double> distance(n), size(n);
  for (std::size_t i = 0; i < n; ++i) {
    distance[i] = records.heights[i] - median_around(records.heights, i, half);
    size[i] = std::abs(distance[i]);
  }
  std::vector<int> out(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (size[i] <= records.least_height) continue;
    const double noise = deviation_per_mad * median_around(size, i, 2 * half + 8);
    if (size[i] > noise_factor * noise) out[i] = distance[i] > 0 ? 1 : -1;
  }
  return out;
}

// Whether records [first, last] are an excursion from which the series came back.
bool is_spike(const Records& records, std::size_t first, std::size_t last, int side) {
  if (first == 0 || last + 1 >= records.steps.size()) return false;
  const auto count = [&](std::size_t i) { return static_cast<double>(records.steps[i] + 1); };
  if (last > first && count(last) > longest_factor * count(first)) return false;
  const auto from = [&](std::size_t begin, std::size_t end) {
    return std::vector<double>(records.heights.begin() + static_cast<std::ptrdiff_t>(begin),
                               records.heights.begin() + static_cast<std::ptrdiff_t>(end));
  };
  const double before = median(from(first < n_beside ? 0 : first - n_beside, first));
  const double after = median(from(last + 1, std::min(records.steps.size(), last + 1 + n_beside)));
  double peak = 0;
  for (std::size_t i = first; i <= last; ++i)
    peak = std::max(peak, side * (records.heights[i] - before));
  return std::abs(after - before) < peak / 2 &&
         peak - side * (after - before) > records.least_height;
}

Spike spike_of(const Records& records, std::size_t first, std::size_t last, int side) {
  Spike out{.from = records.steps[first], .to = records.steps[last]};
  std::size_t peak = first;
  for (std::size_t i = first; i <= last; ++i)
    if (side * records.values[i] > side * records.values[peak]) peak = i;
  out.peak = records.steps[peak];
  out.value = records.values[peak];
  std::vector<double> beside;
  for (std::size_t k = 1; k <= n_beside; ++k) {
    if (first >= k) beside.push_back(records.values[first - k]);
    if (last + k < records.values.size()) beside.push_back(records.values[last + k]);
  }
  out.level = median(beside);
  return out;
}

}  // namespace

std::vector<Spike> find_spikes(const Series& series) {
  const Records records = records_of(series);
  const std::size_t n = records.steps.size();
  std::vector<int> side(n, 0);
  for (const std::size_t half : half_widths) {
    if (n < 2 * half + 1) break;
    const std::vector<int> found = sides(records, half);
    for (std::size_t i = 0; i < n;) {
      std::size_t end = i + 1;
      while (end < n && found[end] == found[i]) ++end;
      if (found[i] != 0 && is_spike(records, i, end - 1, found[i]))
        std::fill(side.begin() + static_cast<std::ptrdiff_t>(i),
                  side.begin() + static_cast<std::ptrdiff_t>(end), found[i]);
      i = end;
    }
  }
  std::vector<Spike> out;
  for (std::size_t i = 0; i < n;) {
    std::size_t end = i + 1;
    while (end < n && side[end] == side[i]) ++end;
    if (side[i] != 0) out.push_back(spike_of(records, i, end - 1, side[i]));
    i = end;
  }
  return out;
}

}  // namespace grok
