#include "grok/store/safetensors.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include <nlohmann/json.hpp>

#include "grok/store/atomic_file.h"
#include "grok/store/safetensors_header.h"

namespace grok {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

constexpr std::uint64_t max_header_bytes = 100'000'000;  // the official reader's limit
constexpr std::size_t prefix_bytes = 8;

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float float_from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 31u;
  const std::uint32_t fraction = half & 1023u;
  if (exponent ==
      0) {  // zero, or a multiple of 2^-24, all of which float32 holds as normal numbers
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255u : exponent + 112;  // biases 15 and 127
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

float float_from_bfloat(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

Tensor tensor_from(const SafetensorsEntry& entry, const std::byte* data) {
  Tensor out(entry.shape);
  const std::byte* from = data + entry.begin;
  if (entry.dtype == Dtype::f32) {
    if (!out.data.empty()) std::memcpy(out.data.data(), from, out.data.size() * sizeof(float));
    return out;
  }
  for (float& value : out.data) {
    if (entry.dtype == Dtype::f64) value = static_cast<float>(load<double>(from));
    if (entry.dtype == Dtype::f16) value = float_from_half(load<std::uint16_t>(from));
    if (entry.dtype == Dtype::bf16) value = float_from_bfloat(load<std::uint16_t>(from));
    from += size_of(entry.dtype);
  }
  return out;
}

// nlohmann's writer checks UTF-8 and says so by an exception, which must not leave this file.
std::string json_string(const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    GROK_REQUIRE(false, "not UTF-8, which a safetensors header must be: " + in_quotes(text));
  }
  return {};
}

std::string encode_header(const NamedTensors& tensors,
                          const std::map<std::string, std::string>& metadata) {
  std::string out = "{";
  if (!metadata.empty()) {
    std::string separator = "\"__metadata__\":{";
    for (const auto& [key, value] : metadata) {
      out += std::exchange(separator, ",") + json_string(key) + ":" + json_string(value);
    }
    out += "}";
  }
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    GROK_REQUIRE(name != "__metadata__", "the format keeps this name for itself");
    if (out.size() > 1) out += ",";
    out += json_string(name) + ":{\"dtype\":\"F32\",\"shape\":[";
    for (int axis = 0; axis < tensor.shape.rank(); ++axis) {
      out += (axis ? "," : "") + std::to_string(tensor.shape[axis]);
    }
    const std::size_t end = offset + tensor.data.size() * sizeof(float);
    out += "],\"data_offsets\":[" + std::to_string(offset) + "," + std::to_string(end) + "]}";
    offset = end;
  }
  out += "}";
  out.append((8 - (prefix_bytes + out.size()) % 8) % 8, ' ');
  GROK_REQUIRE(out.size() <= max_header_bytes, "a header of " + std::to_string(out.size()));
  return out;
}

}  // namespace

SafetensorsFile parse_safetensors(std::span<const std::byte> bytes, std::string_view what) {
  const auto fail = [&](const std::string& text) {
    throw Error(ErrorCode::damaged, std::string(what) + ": " + text);
  };
  if (bytes.size() < prefix_bytes) {
    fail("has " + std::to_string(bytes.size()) +
         " bytes; a safetensors file has at least 8; probably cut short or empty");
  }
  const auto n_header = load<std::uint64_t>(bytes.data());
  if (n_header > max_header_bytes) {
    fail("the header claims " + std::to_string(n_header) +
         " bytes, over the format's limit of 100000000; probably not a safetensors file");
  }
  const std::span<const std::byte> rest = bytes.subspan(prefix_bytes);
  if (n_header > rest.size()) {
    fail("the header claims " + std::to_string(n_header) + " bytes, but " +
         std::to_string(rest.size()) + " follow; cut short, or not a safetensors file");
  }
  const std::span<const std::byte> data = rest.subspan(n_header);
  const std::string_view json(reinterpret_cast<const char*>(rest.data()), n_header);
  SafetensorsHeader header = parse_safetensors_header(json, data.size(), what);
  SafetensorsFile file;
  file.metadata = std::move(header.metadata);
  for (SafetensorsEntry& entry : header.entries) {
    file.tensors.add(std::move(entry.name), tensor_from(entry, data.data()));
  }
  return file;
}

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  return parse_safetensors(read_file(path), path.string());
}

std::vector<std::byte> encode_safetensors(const NamedTensors& tensors,
                                          const std::map<std::string, std::string>& metadata) {
  const std::string header = encode_header(tensors, metadata);
  std::size_t n_bytes = prefix_bytes + header.size();
  for (const auto& [name, tensor] : tensors) n_bytes += tensor.data.size() * sizeof(float);
  std::vector<std::byte> out(n_bytes);
  std::byte* to = out.data();
  const auto put = [&to](const void* from, std::size_t n) {
    if (n != 0) std::memcpy(to, from, n);
    to += n;
  };
  const std::uint64_t n_header = header.size();
  put(&n_header, prefix_bytes);
  put(header.data(), header.size());
  for (const auto& [name, tensor] : tensors) {
    put(tensor.data.data(), tensor.data.size() * sizeof(float));
  }
  return out;
}

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata) {
  write_file_atomically(path, encode_safetensors(tensors, metadata));
}

}  // namespace grok
