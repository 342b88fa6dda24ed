// A corpus of broken safetensors files: each is refused with a message, none does harm.

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

struct Case {
  const char* what;
  std::string file;
  std::string words;  // that the message must have
  ErrorCode code = ErrorCode::damaged;
};

std::vector<Case> corpus() {
  const std::string good = "{" + entry("w", "[2]", "[0,8]") + "}";
  const auto one = [](const std::string& shape, const std::string& offsets,
                      const std::string& dtype = "F32") {
    return file_with("{" + entry("w", shape, offsets, dtype) + "}", 8);
  };
  const ErrorCode unsupported = ErrorCode::unsupported;
  return {
      {"empty", "", "has 0 bytes"},
      {"seven bytes", "1234567", "has 7 bytes"},
      {"no header", length_prefix(0), "not a JSON object"},
      {"header longer than the file", length_prefix(100) + good, "claims 100 bytes, but"},
      {"header one byte longer than the file", length_prefix(good.size() + 1) + good, "bytes, but"},
      {"header over the limit", length_prefix(100'000'001) + good, "over the format's limit"},
      {"header of 2^64 - 1 bytes", length_prefix(~0ULL) + good, "over the format's limit"},
      {"header whose end overflows", length_prefix(~0ULL - 7) + good, "over the format's limit"},
      {"not JSON", file_with("{nonsense}"), "not JSON"},
      {"a pickle", "\x80\x02}q\x01(X\x05hello", "over the format's limit"},
      {"an array", file_with("[]"), "not a JSON object"},
      {"a space first", file_with(" {}"), "not a JSON object"},
      {"unclosed", file_with("{\"w\":{"), "not JSON"},
      {"text after the object", file_with("{} {}"), "not JSON"},
      {"a zero byte and more after it", file_with(std::string("{}\0{}", 5)), "not a JSON object"},
      {"not UTF-8", file_with("{\"\xFF\":{}}"), "not JSON in UTF-8"},
      {"half a surrogate pair", file_with("{\"\\ud800\":{}}"), "not JSON in UTF-8"},
      {"overlong UTF-8", file_with("{\"\xC0\xAF\":{}}"), "not JSON in UTF-8"},
      {"deeply nested", file_with("{\"w\":" + std::string(1'000'000, '[')), "found an array"},
      {"deeply nested objects", file_with("{\"w\":{\"shape\":{\"a\":{"), "found an object"},
      {"a tensor that is a number", file_with("{\"w\":3}"), "expected an object, found a number"},
      {"a tensor that is null", file_with("{\"w\":null}"), "found null"},
      {"metadata that is a list", file_with("{\"__metadata__\":[]}"), "found an array"},
      {"metadata with a number", file_with("{\"__metadata__\":{\"a\":1}}"), "expected a string"},
      {"metadata with an object", file_with("{\"__metadata__\":{\"a\":{}}}"), "found an object"},
      {"metadata twice", file_with("{\"__metadata__\":{},\"__metadata__\":{}}"), "two entries"},
      {"a metadata key twice", file_with("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}"), "two keys"},
      {"a name twice",
       file_with("{" + entry("w", "[1]", "[0,4]") + "," + entry("w", "[1]", "[4,8]") + "}", 8),
       "two entries named \"w\""},
      {"a name twice, once escaped",
       file_with("{" + entry("w", "[1]", "[0,4]") + "," + entry("\\u0077", "[1]", "[4,8]") + "}",
                 8),
       "two entries named"},
      {"a key twice", file_with("{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F64\"}}"), "two keys"},
      {"an unknown key", file_with("{\"w\":{\"strides\":[1]}}"), "unknown key \"strides\""},
      {"no dtype", file_with("{\"w\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4), "has no dtype"},
      {"no shape", file_with("{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4),
       "has no shape"},
      {"no offsets", file_with("{\"w\":{\"dtype\":\"F32\",\"shape\":[]}}", 4),
       "has no data_offsets"},
      {"unknown dtype", one("[2]", "[0,8]", "F33"), "dtype \"F33\""},
      {"integers", one("[2]", "[0,8]", "I32"), "dtype \"I32\"", unsupported},
      {"dtype a number", file_with("{\"w\":{\"dtype\":32}}"), "expected a string"},
      {"negative size", one("[-2]", "[0,8]"), "found a negative number"},
      {"fractional size", one("[2.0]", "[0,8]"), "not a whole one"},
      {"size as text", one("[\"2\"]", "[0,8]"), "found a string"},
      {"size of 2^64", one("[18446744073709551616]", "[0,8]"), "not a whole one"},
      {"size of 2^63", one("[9223372036854775808]", "[0,8]"), "more than 2^59"},
      {"a product that overflows to 0", one("[4294967296,4294967296]", "[0,0]"), "more than 2^59"},
      {"a product that overflows to 2", one("[9223372036854775809,2]", "[0,8]"), "more than 2^59"},
      {"bytes that overflow", one("[4611686018427387905]", "[0,4]"), "more than 2^59"},
      {"an overflow hidden by a zero", one("[0,4294967296,4294967296]", "[0,0]"), "more than 2^59"},
      {"nine axes", one("[1,1,1,1,1,1,1,1,2]", "[0,8]"), "9 axes", unsupported},
      {"one offset", one("[2]", "[0]"), "has 1 data_offsets"},
      {"three offsets", one("[2]", "[0,8,8]"), "has 3 data_offsets"},
      {"offsets backwards", one("[2]", "[8,0]"), "run backwards"},
      {"offsets of 2^63", one("[2]", "[9223372036854775808,9223372036854775816]"), "a hole"},
      {"too few bytes for the shape", one("[3]", "[0,8]"), "span 8 bytes, but F32 [3] takes 12"},
      {"too many bytes for the shape", one("[1]", "[0,8]"), "span 8 bytes"},
      {"a hole at the start", one("[1]", "[4,8]"), "a hole"},
      {"a hole between",
       file_with("{" + entry("a", "[1]", "[0,4]") + "," + entry("b", "[1]", "[8,12]") + "}", 12),
       "a hole"},
      {"overlap",
       file_with("{" + entry("a", "[2]", "[0,8]") + "," + entry("b", "[1]", "[4,8]") + "}", 8),
       "they overlap"},
      {"the same bytes twice",
       file_with("{" + entry("a", "[2]", "[0,8]") + "," + entry("b", "[2]", "[0,8]") + "}", 8),
       "they overlap"},
      {"data cut short", file_with(good, 7), "cut short"},
      {"no data", file_with(good), "cut short"},
      {"a byte appended", file_with(good, 9), "appended"},
      {"data without tensors", file_with("{}", 4), "appended"},
  };
}

TEST(safetensors_damage, of_every_kind_in_the_corpus_is_refused_and_named) {
  EXPECT_GE(corpus().size(), 25u);
  for (const Case& c : corpus()) {
    EXPECT_TRUE(fails_with(c.code, c.words, [&] { parse_safetensors(bytes_of(c.file), "FILE"); }))
        << c.what;
    EXPECT_TRUE(fails_with(c.code, "FILE: ", [&] { parse_safetensors(bytes_of(c.file), "FILE"); }))
        << c.what;
  }
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
