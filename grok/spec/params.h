#pragma once
// What a spec sets for one of its sections: values by key. By the time anyone reads a `Params`, it
// has been checked against a schema (schema.h), so a missing key is the reader's mistake.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace grok {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;
using Texts = std::vector<std::string>;

/// One value of a spec. An empty list has no kind of its own: it is always an empty `Texts`.
using Value = std::variant<bool, std::int64_t, double, std::string, Integers, Reals, Texts>;

/// Keys to values, in the order of the keys. Access by the wrong type or to a missing key throws
/// ContractBroken, naming the key.
class Params {
 public:
  Params() = default;
  Params(std::initializer_list<std::pair<const std::string, Value>> values) : values_(values) {}

  void set(std::string key, Value value) {
    values_.insert_or_assign(std::move(key), std::move(value));
  }
  /// Null if there is no such key.
  const Value* find(std::string_view key) const;
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// True if the key is there and holds a string: tells `batch = "full"` from `batch = 64`.
  bool is_text(std::string_view key) const;

  bool flag(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  double real(std::string_view key) const;
  const std::string& text(std::string_view key) const;
  Integers integers(std::string_view key) const;
  Reals reals(std::string_view key) const;
  Texts texts(std::string_view key) const;

  /// What is set for a part of the section: the keys "part.key" as "key".
  Params part(std::string_view name) const;
  /// Sets the keys of a part: "key" as "part.key".
  void set_part(std::string_view name, const Params& part);

  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  friend bool operator==(const Params&, const Params&) = default;

 private:
  std::map<std::string, Value, std::less<>> values_;
};

/// A double as the shortest text that reads back as the same double, and always as a real: a whole
/// number keeps ".0", so that it can be told from an integer. Not for nan or infinity.
std::string real_text(double x);

/// A value as JSON without spaces. Reals as in `real_text`.
std::string json_text(const Value& value);

}  // namespace grok
