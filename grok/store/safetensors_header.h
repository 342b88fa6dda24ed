#pragma once
// The JSON header of a safetensors file, read as hostile text: no nesting beyond the format's own,
// no key twice, no number taken on trust.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "grok/base/error.h"
#include "grok/base/shape.h"

namespace grok {

enum class Dtype { f64, f32, f16, bf16 };

/// Bytes per element.
std::uint64_t size_of(Dtype dtype);

struct SafetensorsEntry {
  std::string name;
  Dtype dtype = Dtype::f32;
  Shape shape;
  std::uint64_t begin = 0;  // of the data, in bytes from the header's end
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> entries;  // in the order of their data, which they tile exactly
};

/// Reads the header and checks it against the number of bytes that follow it.
///
///   throws   Error: damaged; unsupported (other dtypes, more than 8 axes, over 65,536 tensors)
///   cost     n log n in the number of tensors
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t n_data_bytes,
                                           std::string_view what);

/// A text from a file, fit for a message: cut to 80 bytes, control characters masked.
std::string shortened(std::string_view text);

/// The same in quotes.
std::string in_quotes(std::string_view name);

}  // namespace grok
