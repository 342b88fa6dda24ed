#include "grok/serve/arrays.h"

#include <bit>
#include <cstring>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"

namespace grok::serve {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers go out as they lie in memory");

template <class T>
std::string bytes_of(std::span<const T> values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace

void Arrays::add_bytes(std::string_view name, const char* dtype, std::vector<std::int64_t> shape,
                       std::size_t n_values, std::string bytes) {
  std::int64_t n_places = 1;
  for (const std::int64_t size : shape) n_places *= size;
  GROK_REQUIRE(n_places == static_cast<std::int64_t>(n_values),
               std::to_string(n_values) + " values for " + std::to_string(n_places) + " places");
  for (const Entry& entry : entries_)
    GROK_REQUIRE(entry.name != name, "two arrays named " + entry.name);
  entries_.push_back({std::string(name), dtype, std::move(shape), std::move(bytes)});
}

void Arrays::add(std::string_view name, std::vector<std::int64_t> shape,
                 std::span<const double> values) {
  add_bytes(name, "F64", std::move(shape), values.size(), bytes_of(values));
}

void Arrays::add_f32(std::string_view name, std::vector<std::int64_t> shape,
                     std::span<const float> values) {
  add_bytes(name, "F32", std::move(shape), values.size(), bytes_of(values));
}

void Arrays::add_f32(std::string_view name, std::vector<std::int64_t> shape,
                     std::span<const double> values) {
  std::vector<float> rounded;
  rounded.reserve(values.size());
  for (const double value : values) rounded.push_back(static_cast<float>(value));
  add_f32(name, std::move(shape), rounded);
}

std::vector<double> Arrays::doubles(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.name != name || entry.dtype != std::string_view("F64")) continue;
    std::vector<double> out(entry.bytes.size() / sizeof(double));
    std::memcpy(out.data(), entry.bytes.data(), entry.bytes.size());
    return out;
  }
  contract_broken(__FILE__, __LINE__, "name", "no array of doubles named " + std::string(name));
}

std::string Arrays::encode() const {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  // Arrays of eight bytes first, so that each begins at a multiple of its size.
  std::string data;
  for (const char* dtype : {"F64", "F32"}) {
    for (const Entry& entry : entries_) {
      if (entry.dtype != std::string_view(dtype)) continue;
      const std::size_t begin = data.size();
      data += entry.bytes;
      header[entry.name] = {
          {"dtype", entry.dtype}, {"shape", entry.shape}, {"data_offsets", {begin, data.size()}}};
    }
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text + data;
}

}  // namespace grok::serve
