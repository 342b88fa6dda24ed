#include "grok/lab/sweep_grid.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "grok/lab/sweep_plan.h"
#include "grok/spec/split_values.h"

namespace grok {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

SweepAxis parse_grid(std::string_view text, std::vector<std::string>& mistakes) {
  const std::string start = "--grid " + std::string(text) + ": ";
  const std::size_t equals = text.find('=');
  SweepAxis axis{"--grid", trimmed(text.substr(0, equals)), {}};
  const std::size_t dot = axis.key.find('.');
  const bool is_key = dot != std::string::npos && dot > 0 && dot + 1 < axis.key.size();
  if (equals == std::string_view::npos || !is_key) {
    mistakes.push_back(start + "expected section.key=value,value,...");
    return axis;
  }
  std::vector<std::string> values = split_values(text.substr(equals + 1));
  if (std::find(values.begin(), values.end(), "") != values.end())
    mistakes.push_back(start + axis.key + ": a value is missing");
  else
    axis.values = std::move(values);
  return axis;
}

SweepAxis parse_seeds(std::string_view text, std::vector<std::string>& mistakes) {
  SweepAxis axis{"--seeds", "train.seed", {}};
  const std::string start = "--seeds " + std::string(text) + ": ";
  const std::size_t colon = text.find(':');
  const auto first = whole_number(text.substr(0, colon));
  const auto last =
      colon == std::string_view::npos ? std::nullopt : whole_number(text.substr(colon + 1));
  if (!first || !last || *first < 0 || *last < *first)
    mistakes.push_back(start +
                       "expected A:B with 0 <= A <= B, both of which are run (0:9 are ten)");
  else if (static_cast<std::uint64_t>(*last - *first) >= most_runs)
    mistakes.push_back(start + "too many seeds; a sweep has at most " + std::to_string(most_runs) +
                       " runs");
  else
    for (std::int64_t seed = *first; seed <= *last; ++seed)
      axis.values.push_back(std::to_string(seed));
  return axis;
}

}  // namespace grok
