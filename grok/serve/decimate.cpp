#include "grok/serve/decimate.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "grok/base/error.h"

namespace grok::serve {
namespace {

// Where a step falls on an axis that is cut into equal parts.
class Buckets {
 public:
  Buckets(std::int64_t first, std::int64_t last, std::size_t n, Axis axis)
      : axis_(axis), begin_(place(first)), width_(place(last) - place(first)), n_(n) {}

  std::size_t of(std::int64_t step) const {
    if (!(width_ > 0)) return 0;
    const double part = (place(step) - begin_) / width_ * static_cast<double>(n_);
    return std::min(n_ - 1, static_cast<std::size_t>(std::max(0.0, part)));
  }

 private:
  double place(std::int64_t step) const {
    const auto x = static_cast<double>(step);
    return axis_ == Axis::log ? std::log1p(x) : x;
  }

  Axis axis_;
  double begin_, width_;
  std::size_t n_;
};

// What one bucket keeps.
struct Kept {
  std::optional<std::size_t> least, greatest, gap;

  void see(std::size_t i, std::span<const double> values) {
    if (std::isnan(values[i])) {
      if (!gap) gap = i;
      return;
    }
    if (!least || values[i] < values[*least]) least = i;
    if (!greatest || values[i] > values[*greatest]) greatest = i;
  }
  void add_to(std::vector<std::size_t>& out) const {
    for (const std::optional<std::size_t>& i : {least, greatest, gap})
      if (i) out.push_back(*i);
  }
};

void sort_and_clear_doubles(std::vector<std::size_t>& indices) {
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
}

std::vector<std::size_t> all(std::size_t n) {
  std::vector<std::size_t> out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = i;
  return out;
}

}  // namespace

std::vector<std::size_t> decimate(std::span<const std::int64_t> steps,
                                  std::span<const double> values, std::size_t n_buckets,
                                  Axis axis) {
  GROK_REQUIRE(steps.size() == values.size(), std::to_string(steps.size()) + " steps, " +
                                                  std::to_string(values.size()) + " values");
  GROK_REQUIRE(n_buckets > 0, "no bucket");
  if (steps.size() <= 2 * n_buckets + 2) return all(steps.size());
  const Buckets buckets(steps.front(), steps.back(), n_buckets, axis);
  std::vector<std::size_t> out{0};
  Kept kept;
  std::size_t current = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t bucket = buckets.of(steps[i]);
    if (bucket != current) {
      kept.add_to(out);
      kept = {};
      current = bucket;
    }
    kept.see(i, values);
  }
  kept.add_to(out);
  out.push_back(steps.size() - 1);
  sort_and_clear_doubles(out);
  return out;
}

std::vector<std::size_t> spread(std::span<const std::int64_t> steps, std::size_t n, Axis axis) {
  GROK_REQUIRE(n > 1, "fewer than two to keep");
  if (steps.size() <= n) return all(steps.size());
  const Buckets buckets(steps.front(), steps.back(), n - 1, axis);
  std::vector<std::size_t> out;
  std::optional<std::size_t> current;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    const std::size_t bucket = buckets.of(steps[i]);
    if (current != bucket) out.push_back(i);
    current = bucket;
  }
  out.push_back(steps.size() - 1);
  return out;
}

}  // namespace grok::serve
