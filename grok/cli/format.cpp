#include "grok/cli/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace grok::cli {
namespace {

template <class... Format>
std::string to_text(double x, Format... format) {
  std::array<char, 512> buffer;  // fixed notation of the largest double takes 309 digits
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, format...);
  return {buffer.data(), end.ptr};
}

std::string not_finite(double x) {
  if (std::isnan(x)) return "nan";
  return x > 0 ? "inf" : "-inf";
}

}  // namespace

std::string grouped(std::int64_t n) {
  const bool is_negative = n < 0;
  std::string digits = std::to_string(n).substr(is_negative ? 1 : 0);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return (is_negative ? "-" : "") + digits;
}

std::string significant(double x, int digits) {
  if (!std::isfinite(x)) return not_finite(x);
  const bool is_plain = x == 0 || (std::abs(x) >= 1e-3 && std::abs(x) < 1e6);
  return is_plain ? to_text(x, std::chars_format::general, digits)
                  : to_text(x, std::chars_format::scientific, digits - 1);
}

std::string fixed(double x, int decimals) {
  return std::isfinite(x) ? to_text(x, std::chars_format::fixed, decimals) : not_finite(x);
}

std::string shortest(double x) { return std::isfinite(x) ? to_text(x) : not_finite(x); }

std::string percent(double share) { return fixed(100 * share, 1) + " %"; }

std::string bytes(double n) {
  if (n < 1000) return fixed(n, 0) + " B";
  return scaled(n) + "B";
}

std::string scaled(double n) {
  static constexpr std::array<std::string_view, 6> units{"", "k", "M", "G", "T", "P"};
  std::size_t unit = 0;
  while (n >= 999.5 && unit + 1 < units.size()) {
    n /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || n >= 100 ? 0 : n >= 10 ? 1 : 2;
  return fixed(n, decimals) + " " + std::string(units[unit]);
}

std::string duration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "?";
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + two(whole / 60 % 60) + " min";
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!lines.empty() && n_characters(lines.back()) + 1 + n_characters(word) <= width)
      lines.back() += " " + std::string(word);
    else
      lines.emplace_back(word);
  }
  return lines;
}

std::size_t n_characters(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text)
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++n;
  return n;
}

std::string left(std::string_view text, std::size_t width) {
  const std::size_t n = n_characters(text);
  return std::string(text) + std::string(n < width ? width - n : 0, ' ');
}

std::string right(std::string_view text, std::size_t width) {
  const std::size_t n = n_characters(text);
  return std::string(n < width ? width - n : 0, ' ') + std::string(text);
}

}  // namespace grok::cli
