#pragma once
// Arrays on the wire: the layout of a safetensors file, with numbers of 8 or 4 bytes. Eight bytes
// with the header's length; a JSON header that names each array's type, shape and place, padded
// with spaces to a multiple of 8; the numbers, little-endian, rows first. docs/scope.md.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace grok::serve {

class Arrays {
 public:
  /// F64: steps and losses, kept bit for bit.
  ///   throws   ContractBroken unless the shape has as many places as there are values, or if the
  ///            name is taken
  void add(std::string_view name, std::vector<std::int64_t> shape, std::span<const double> values);
  /// F32: pictures, which need no more.
  void add_f32(std::string_view name, std::vector<std::int64_t> shape,
               std::span<const double> values);
  void add_f32(std::string_view name, std::vector<std::int64_t> shape,
               std::span<const float> values);

  /// The values of an F64 array.
  ///   throws   ContractBroken if there is none of that name
  std::vector<double> doubles(std::string_view name) const;

  std::string encode() const;

 private:
  struct Entry {
    std::string name;
    const char* dtype;
    std::vector<std::int64_t> shape;
    std::string bytes;
  };
  void add_bytes(std::string_view name, const char* dtype, std::vector<std::int64_t> shape,
                 std::size_t n_values, std::string bytes);

  std::vector<Entry> entries_;
};

}  // namespace grok::serve
