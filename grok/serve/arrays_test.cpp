#include "grok/serve/arrays.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/store/safetensors.h"

namespace grok::serve {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(Arrays, are_what_a_reader_of_safetensors_reads) {
  Arrays arrays;
  const std::vector<float> picture{1, 2, 3, 4, 5, 6};
  const std::vector<double> steps{0, 100};
  arrays.add_f32("picture", {3, 2}, picture);
  arrays.add("steps", {2}, steps);
  const SafetensorsFile file = parse_safetensors(bytes_of(arrays.encode()), "test");
  EXPECT_EQ(file.tensors.at("picture"), Tensor(Shape({3, 2}), picture));
  EXPECT_EQ(file.tensors.at("steps"), Tensor(Shape({2}), std::vector<float>{0, 100}));
}

TEST(Arrays, keep_doubles_bit_for_bit_at_multiples_of_eight) {
  Arrays arrays;
  arrays.add_f32("first", {1}, std::vector<float>{1});  // four bytes, which must not come between
  const std::vector<double> values{0.1, 9007199254740993.0, 1e-300,
                                   std::numeric_limits<double>::quiet_NaN()};
  arrays.add("values", {4}, values);
  const std::string encoded = arrays.encode();
  std::uint64_t length = 0;
  std::memcpy(&length, encoded.data(), sizeof length);
  EXPECT_EQ(length % 8, 0U);
  const nlohmann::json header = nlohmann::json::parse(encoded.substr(8, length));
  const std::size_t begin = header["values"]["data_offsets"][0];
  EXPECT_EQ(begin % 8, 0U);
  EXPECT_EQ(header["values"]["dtype"], "F64");
  EXPECT_EQ(std::memcmp(encoded.data() + 8 + length + begin, values.data(), 32), 0);
}

TEST(Arrays, without_any_are_an_empty_header) {
  EXPECT_EQ(Arrays().encode(), std::string("\x08\0\0\0\0\0\0\0{}      ", 16));
}

TEST(Arrays, refuse_a_shape_that_is_not_theirs_and_a_name_twice) {
  Arrays arrays;
  const std::vector<double> values{1, 2, 3};
  EXPECT_THROW(arrays.add("a", {2, 2}, values), ContractBroken);
  arrays.add("a", {3}, values);
  EXPECT_THROW(arrays.add("a", {3}, values), ContractBroken);
}

}  // namespace
}  // namespace grok::serve
