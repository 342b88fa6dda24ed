#pragma once
// What sets one use of an op apart from another: the axis of a slice, the factor of a scale.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace grok {

using Attribute = std::variant<std::int64_t, double, std::vector<std::int64_t>>;

/// A short list of named values. Reading a name that is absent or of another type breaks a
/// contract.
class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<std::string_view, Attribute>> entries);

  void set(std::string_view name, Attribute value);
  std::int64_t integer(std::string_view name) const;
  /// The value, or `otherwise` where the attribute is absent.
  std::int64_t integer_or(std::string_view name, std::int64_t otherwise) const;
  double real(std::string_view name) const;
  const std::vector<std::int64_t>& integers(std::string_view name) const;

  /// "axis=1 begin=2 end=3"
  std::string to_string() const;
  friend bool operator==(const Attributes& a, const Attributes& b) {
    return a.entries_ == b.entries_ || a.entries() == b.entries();
  }

 private:
  using Entries = std::vector<std::pair<std::string, Attribute>>;  // sorted by name

  const Entries& entries() const;
  const Attribute* find(std::string_view name) const;

  std::shared_ptr<const Entries> entries_;  // shared by copies: passes copy every node many times
};

}  // namespace grok
