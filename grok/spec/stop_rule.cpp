#include "grok/spec/stop_rule.h"

#include <charconv>
#include <cmath>

#include "grok/base/error.h"

namespace grok {
namespace {

constexpr std::string_view spaces = " \t";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

bool is_metric_name(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  const bool is_sound = text.find_first_not_of(
                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                            "0123456789./") == std::string_view::npos;
  return is_sound && !text.empty() && letters.find(text.front()) != std::string_view::npos;
}

std::optional<double> finite_number(std::string_view text) {
  double x = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, x);
  if (error != std::errc() || stop != end || !std::isfinite(x)) return std::nullopt;
  return x == 0 ? 0.0 : x;
}

}  // namespace

std::optional<StopRule> parse_stop_rule(std::string_view text) {
  if (trimmed(text).empty()) return std::nullopt;
  const std::size_t sign = text.find_first_of("<>");
  if (sign != std::string_view::npos) {
    const std::string_view metric = trimmed(text.substr(0, sign));
    const std::optional<double> value = finite_number(trimmed(text.substr(sign + 1)));
    const auto op = text[sign] == '<' ? StopRule::Op::below : StopRule::Op::above;
    if (is_metric_name(metric) && value) return StopRule{std::string(metric), op, *value};
  }
  throw Error(ErrorCode::usage, "expected METRIC < NUMBER, METRIC > NUMBER or nothing, found " +
                                    json_text(std::string(text)));
}

std::string stop_rule_text(const StopRule& rule) {
  return rule.metric + (rule.op == StopRule::Op::below ? " < " : " > ") + real_text(rule.value);
}

std::optional<StopRule> stop_rule(const RunSpec& spec) {
  return parse_stop_rule(spec.train.text("stop_when"));
}

}  // namespace grok
