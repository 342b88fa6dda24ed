// Safetensors files damaged by machine; those made by hand are in tests/formats.

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "grok/store/safetensors.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

std::vector<std::byte> bytes_of(const std::string& text) {
  std::vector<std::byte> out;
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
  return out;
}

std::string length_prefix(std::uint64_t n) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(n >> (8 * i));
  return out;
}

// A file with this header and so many zero bytes after it.
std::string file_with(const std::string& header, std::size_t n_data = 0) {
  return length_prefix(header.size()) + header + std::string(n_data, '\0');
}

std::string entry(const std::string& name, const std::string& shape, const std::string& offsets,
                  const std::string& dtype = "F32") {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

TEST(safetensors_damage, is_not_seen_where_there_is_none) {
  const std::string good = "{" + entry("w", "[2]", "[0,8]") + "}   ";
  EXPECT_EQ(parse_safetensors(bytes_of(file_with(good, 8)), "FILE").tensors.size(), 1u);
}

// One flipped bit anywhere is either refused as an Error or changes a value: never anything else.
TEST(safetensors_damage, of_any_single_bit_does_no_harm) {
  const std::string good =
      file_with("{\"__metadata__\":{\"k\":\"v\"}," + entry("a", "[2]", "[0,8]") + "," +
                    entry("b", "[1,1]", "[8,12]") + "}",
                12);
  int n_refused = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::vector<std::byte> bytes = bytes_of(good);
    bytes[bit / 8] ^= std::byte(1u << (bit % 8));
    try {
      parse_safetensors(bytes, "FILE");
    } catch (const Error&) {
      ++n_refused;
    }
  }
  EXPECT_GT(n_refused, 500);
}

TEST(safetensors_damage, by_cutting_short_is_always_noticed) {
  const std::string good = file_with("{" + entry("a", "[2]", "[0,8]") + "}", 8);
  for (std::size_t n = 0; n < good.size(); ++n) {
    EXPECT_TRUE(fails_with(ErrorCode::damaged, "FILE: ", [&] {
      parse_safetensors(bytes_of(good.substr(0, n)), "FILE");
    })) << n;
  }
}

TEST(safetensors_damage, messages_keep_long_names_short_and_valid) {
  std::string name = "x";
  for (int i = 0; i < 1000; ++i) name += "ü";
  try {
    parse_safetensors(bytes_of(file_with("{\"" + name + "\":3}")), "FILE");
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_LT(text.size(), 200u);
    EXPECT_NE(text.find("ü...\""), std::string::npos) << text;
  }
}

TEST(safetensors_damage, too_many_tensors_are_refused_before_they_cost_time) {
  std::string header = "{";
  for (int i = 0; i <= 65536; ++i) {
    header += (i ? "," : "") + entry(std::to_string(i), "[0]", "[0,0]");
  }
  EXPECT_TRUE(fails_with(ErrorCode::unsupported, "more than 65536 tensors",
                         [&] { parse_safetensors(bytes_of(file_with(header + "}")), "FILE"); }));
}

}  // namespace
}  // namespace grok
