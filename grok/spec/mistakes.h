#pragma once
// The mistakes of a spec, collected so that all are reported at once, in the order of the file.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "grok/base/error.h"

namespace grok {

/// Where a value was written: "specs/a.toml:7" or "--set optim.lr=2".
struct Place {
  std::string text;
  int order = 0;  // sorts the mistakes: the line in the file; overrides come after the file
};

/// Each mistake is one line: PLACE: SECTION.KEY: WHAT.
class Mistakes {
 public:
  explicit Mistakes(std::string source = "spec") : source_(std::move(source)) {}

  /// For the check function of a schema: `key` is a key of the section that is being checked, or
  /// "section.key". `what` says what was expected and what was found.
  void add(std::string_view key, std::string_view what);

  bool empty() const { return lines_.empty(); }
  std::size_t size() const { return lines_.size(); }
  /// All lines, in the order of the file.
  std::string text() const;
  /// Throws Error{usage} with all lines if there is any.
  void throw_if_any() const;

  /// For the parser: where "section.key" or "section" stands, which section is being checked.
  void place(std::string key, Place place) { places_[std::move(key)] = std::move(place); }
  void enter(std::string section) { section_ = std::move(section); }
  const std::string& section() const { return section_; }
  void add_at(const Place& place, std::string_view key, std::string_view what);

 private:
  Place find_place(const std::string& key) const;

  struct Line {
    int order;
    std::string text;
  };
  std::string source_;
  std::string section_;
  std::map<std::string, Place> places_;
  std::vector<Line> lines_;
};

}  // namespace grok
