#include "grok/serve/request.h"

#include <charconv>

#include "grok/base/error.h"

namespace grok::serve {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const std::optional<int> high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    const int byte = *high * 16 + *low;
    if (byte < 0x20 || byte == 0x7f) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

bool is_sound_segment(const std::string& segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         segment.find_first_of("/\\") == std::string::npos;
}

// Takes what stands before the next separator off `rest`.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return out;
}

bool read_segments(std::string_view path, std::vector<std::string>& out) {
  while (!path.empty()) {
    const std::optional<std::string> segment = decoded(take(path, '/'));
    if (!segment || !is_sound_segment(*segment)) return false;
    out.push_back(*segment);
  }
  return true;
}

bool read_query(std::string_view query, std::map<std::string, std::string>& out) {
  while (!query.empty()) {
    std::string_view value = take(query, '&');
    const std::optional<std::string> name = decoded(take(value, '='));
    const std::optional<std::string> text = decoded(value);
    if (!name || !text || name->empty()) return false;
    if (!out.emplace(*name, *text).second) return false;
  }
  return true;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  if (target.empty() || target.size() > longest_target || target[0] != '/') return std::nullopt;
  for (const char c : target)
    if (c <= 0x20 || c >= 0x7f) return std::nullopt;
  target.remove_prefix(1);
  const std::string_view path = take(target, '?');
  Target out;
  if (!read_segments(path, out.segments) || !read_query(target, out.query)) return std::nullopt;
  return out;
}

const std::string& Request::text(const std::string& name) const {
  const auto found = target.query.find(name);
  if (found == target.query.end())
    throw Error(ErrorCode::usage, "the request has no parameter " + name);
  return found->second;
}

std::int64_t Request::integer(const std::string& name, std::int64_t low, std::int64_t high) const {
  const std::string& value = text(name);
  std::int64_t out = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, out);
  if (error != std::errc() || rest != end || out < low || out > high)
    throw Error(ErrorCode::usage, "parameter " + name + ": expected a whole number from " +
                                      std::to_string(low) + " to " + std::to_string(high) +
                                      ", found \"" + value + "\"");
  return out;
}

std::int64_t Request::integer_or(const std::string& name, std::int64_t low, std::int64_t high,
                                 std::int64_t otherwise) const {
  return has(name) ? integer(name, low, high) : otherwise;
}

std::vector<std::string> Request::list(const std::string& name, std::size_t most) const {
  std::vector<std::string> out;
  std::string_view rest = text(name);
  while (!rest.empty()) {
    const std::string_view part = take(rest, ',');
    if (!part.empty()) out.emplace_back(part);
  }
  if (out.size() > most)
    throw Error(ErrorCode::usage, "parameter " + name + ": at most " + std::to_string(most) +
                                      " names, found " + std::to_string(out.size()));
  return out;
}

}  // namespace grok::serve
