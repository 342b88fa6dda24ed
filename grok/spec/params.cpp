#include "grok/spec/params.h"

#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"

namespace grok {
namespace {

template <class T>
const T& get(const Params& params, std::string_view key, const char* kind) {
  const Value* value = params.find(key);
  GROK_REQUIRE(value != nullptr, "no param named " + std::string(key));
  GROK_REQUIRE(std::holds_alternative<T>(*value),
               std::string(key) + " is not " + kind + " but " + json_text(*value));
  return std::get<T>(*value);
}

bool is_empty_list(const Value* value) {
  const Texts* list = value ? std::get_if<Texts>(value) : nullptr;
  return list && list->empty();
}

template <class T>
T get_list(const Params& params, std::string_view key, const char* kind) {
  return is_empty_list(params.find(key)) ? T{} : get<T>(params, key, kind);
}

std::string json_of(bool x) { return x ? "true" : "false"; }
std::string json_of(std::int64_t x) { return std::to_string(x); }
std::string json_of(double x) { return real_text(x); }
std::string json_of(const std::string& x) {
  // A spec's strings are UTF-8 already; a value made by code may not be, and must not throw here.
  return nlohmann::json(x).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}
template <class T>
std::string json_of(const std::vector<T>& list) {
  std::string out = "[";
  for (const T& x : list) {
    if (out.size() > 1) out += ',';
    out += json_of(x);
  }
  return out + "]";
}

}  // namespace

const Value* Params::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

bool Params::is_text(std::string_view key) const {
  const Value* value = find(key);
  return value && std::holds_alternative<std::string>(*value);
}

bool Params::flag(std::string_view key) const { return get<bool>(*this, key, "a flag"); }
std::int64_t Params::integer(std::string_view key) const {
  return get<std::int64_t>(*this, key, "an integer");
}
double Params::real(std::string_view key) const { return get<double>(*this, key, "a real"); }
const std::string& Params::text(std::string_view key) const {
  return get<std::string>(*this, key, "a string");
}
Integers Params::integers(std::string_view key) const {
  return get_list<Integers>(*this, key, "a list of integers");
}
Reals Params::reals(std::string_view key) const {
  return get_list<Reals>(*this, key, "a list of reals");
}
Texts Params::texts(std::string_view key) const {
  return get_list<Texts>(*this, key, "a list of strings");
}

void Params::set_part(std::string_view name, const Params& part) {
  for (const auto& [key, value] : part) set(std::string(name) + "." + key, value);
}

Params Params::part(std::string_view name) const {
  const std::string prefix = std::string(name) + ".";
  Params out;
  for (auto it = values_.lower_bound(prefix); it != values_.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    out.set(it->first.substr(prefix.size()), it->second);
  }
  return out;
}

std::string real_text(double x) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, x).ptr;
  std::string out(buffer, end);
  const bool is_marked = out.find_first_of(".en") != std::string::npos;  // "n": nan and inf
  return is_marked ? out : out + ".0";
}

std::string json_text(const Value& value) {
  return std::visit([](const auto& x) { return json_of(x); }, value);
}

}  // namespace grok
