#include "grok/store/stored_array.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

#include "grok/base/error.h"
#include "grok/store/safetensors_header.h"

namespace grok {
namespace {

// "[4, 113]", with or without spaces; nothing if it is anything else, or more than memory holds.
std::optional<Shape> parse_shape(std::string text) {
  std::erase(text, ' ');
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  std::vector<std::int64_t> dims;
  std::int64_t n = 1;
  const char* at = text.data() + 1;
  const char* const end = text.data() + text.size() - 1;
  while (at < end) {
    std::int64_t size = 0;
    const auto [next, error] = std::from_chars(at, end, size);
    if (error != std::errc() || size < 0 || dims.size() == Shape::max_rank) return std::nullopt;
    if (__builtin_mul_overflow(n, std::max<std::int64_t>(size, 1), &n)) return std::nullopt;
    dims.push_back(size);
    if (next != end && (*next != ',' || next + 1 == end)) return std::nullopt;
    at = next == end ? end : next + 1;
  }
  if (n > (std::int64_t{1} << 59)) return std::nullopt;
  return Shape(dims);
}

template <class T>
void copy_as_double(std::span<const std::byte> from, DoubleTensor& to) {
  for (std::size_t i = 0; i < to.data.size(); ++i) {
    T value;
    std::memcpy(&value, from.data() + i * sizeof(T), sizeof(T));
    to.data[i] = static_cast<double>(value);
  }
}

}  // namespace

DoubleTensor read_stored_array(const std::string& dtype, const std::string& shape,
                               std::span<const std::byte> data, const std::string& where) {
  const std::optional<Shape> sizes = parse_shape(shape);
  const std::size_t size = dtype == "F64" ? 8 : dtype == "F32" ? 4 : 0;
  if (!sizes || size == 0 || data.size() != static_cast<std::size_t>(sizes->n_elements()) * size) {
    throw Error(ErrorCode::damaged, where + ": " + std::to_string(data.size()) +
                                        " bytes do not make dtype " + shortened(dtype) +
                                        ", shape " + shortened(shape) +
                                        "; the file was changed or overwritten");
  }
  DoubleTensor out(*sizes);
  if (size == 8) copy_as_double<double>(data, out);
  if (size == 4) copy_as_double<float>(data, out);
  return out;
}

}  // namespace grok
