#pragma once
// A request, as far as the routes look at it, and the reading of its target: the part of HTTP that
// is ours. Whatever is not plainly sound is refused; no path of the file system is ever made of it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grok::serve {

/// "/a/b%20c?x=1&y=" as segments {"a", "b c"} and values {x: "1", y: ""}.
struct Target {
  std::vector<std::string> segments;  // decoded; none is empty, "." or "..", none has a slash
  std::map<std::string, std::string> query;

  friend bool operator==(const Target&, const Target&) = default;
};

inline constexpr std::size_t longest_target = 8192;  // bytes

/// None if it is longer than that, does not begin with a slash, has a byte outside printable ASCII,
/// an escape that is none or stands for a control byte, a slash or a backslash within a segment, a
/// segment that walks, an empty segment but the last, or a parameter twice.
std::optional<Target> parse_target(std::string_view target);

struct Request {
  std::string method;  // "GET", "POST"
  Target target;
  std::string host, origin, content_type, last_event_id;  // headers; empty where there is none
  std::string body;

  bool has(const std::string& name) const { return target.query.contains(name); }
  /// A parameter's text. throws Error{usage} if it is missing
  const std::string& text(const std::string& name) const;
  /// throws   Error{usage} if it is no whole number, or outside low .. high
  std::int64_t integer(const std::string& name, std::int64_t low, std::int64_t high) const;
  /// The same with a value where the parameter is missing.
  std::int64_t integer_or(const std::string& name, std::int64_t low, std::int64_t high,
                          std::int64_t otherwise) const;
  /// The parts between commas, none of them empty.
  ///   throws   Error{usage} if it is missing or there are more than `most`
  std::vector<std::string> list(const std::string& name, std::size_t most) const;
};

}  // namespace grok::serve
