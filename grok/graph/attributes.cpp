#include "grok/graph/attributes.h"

#include <algorithm>
#include <charconv>

#include "grok/base/error.h"

namespace grok {
namespace {

template <class T>
const T& typed(const Attribute* value, std::string_view name) {
  GROK_REQUIRE(value != nullptr, "no attribute " + std::string(name));
  const T* held = std::get_if<T>(value);
  GROK_REQUIRE(held != nullptr, "attribute " + std::string(name) + " has another type");
  return *held;
}

std::string text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return {buffer, end};
}

std::string text(const Attribute& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value)) return std::to_string(*i);
  if (const auto* d = std::get_if<double>(&value)) return text(*d);
  std::string out = "[";
  for (const std::int64_t i : std::get<std::vector<std::int64_t>>(value)) {
    if (out.size() > 1) out += ",";
    out += std::to_string(i);
  }
  return out + "]";
}

}  // namespace

Attributes::Attributes(std::initializer_list<std::pair<std::string_view, Attribute>> entries) {
  for (const auto& [name, value] : entries) set(name, value);
}

void Attributes::set(std::string_view name, Attribute value) {
  Entries changed = entries();
  const auto at =
      std::lower_bound(changed.begin(), changed.end(), name,
                       [](const auto& entry, std::string_view n) { return entry.first < n; });
  if (at != changed.end() && at->first == name)
    at->second = std::move(value);
  else
    changed.insert(at, {std::string(name), std::move(value)});
  entries_ = std::make_shared<const Entries>(std::move(changed));
}

const Attributes::Entries& Attributes::entries() const {
  static const Entries none;
  return entries_ ? *entries_ : none;
}

const Attribute* Attributes::find(std::string_view name) const {
  for (const auto& [key, value] : entries())
    if (key == name) return &value;
  return nullptr;
}

std::int64_t Attributes::integer(std::string_view name) const {
  return typed<std::int64_t>(find(name), name);
}

std::int64_t Attributes::integer_or(std::string_view name, std::int64_t otherwise) const {
  const Attribute* value = find(name);
  return value ? typed<std::int64_t>(value, name) : otherwise;
}

double Attributes::real(std::string_view name) const { return typed<double>(find(name), name); }

const std::vector<std::int64_t>& Attributes::integers(std::string_view name) const {
  return typed<std::vector<std::int64_t>>(find(name), name);
}

std::string Attributes::to_string() const {
  std::string out;
  for (const auto& [name, value] : entries()) {
    if (!out.empty()) out += " ";
    out += name + "=" + text(value);
  }
  return out;
}

}  // namespace grok
