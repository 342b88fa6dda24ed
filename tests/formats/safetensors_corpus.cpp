#include "tests/formats/safetensors_corpus.h"

namespace grok::formats {
namespace {

constexpr ErrorCode unsupported = ErrorCode::unsupported;

std::string in_braces(const std::string& text) { return "{" + text + "}"; }

// A file of 8 bytes of data, with one tensor.
std::string one(const std::string& shape, const std::string& offsets,
                const std::string& dtype = "F32") {
  return safetensors_file(in_braces(safetensors_entry("w", shape, offsets, dtype)), 8);
}

std::string two(const std::string& a, const std::string& b, std::size_t n_data) {
  return safetensors_file(in_braces(a + "," + b), n_data);
}

std::vector<BadFile> with_a_wrong_frame() {
  const std::string good = in_braces(safetensors_entry("w", "[2]", "[0,8]"));
  return {
      {"empty", "", "has 0 bytes"},
      {"seven bytes", "1234567", "has 7 bytes"},
      {"no header", length_prefix(0), "not a JSON object"},
      {"no header, but data", length_prefix(0) + std::string(8, '\0'), "not a JSON object"},
      {"header longer than the file", length_prefix(100) + good, "claims 100 bytes, but"},
      {"header one byte longer than the file", length_prefix(good.size() + 1) + good, "bytes, but"},
      {"header of just the limit", length_prefix(100'000'000) + good,
       "claims 100000000 bytes, but"},
      {"header over the limit", length_prefix(100'000'001) + good, "over the format's limit"},
      {"header of 2^63 bytes", length_prefix(1ULL << 63) + good, "over the format's limit"},
      {"header of 2^64 - 1 bytes", length_prefix(~0ULL) + good, "over the format's limit"},
      {"header whose end overflows", length_prefix(~0ULL - 7) + good, "over the format's limit"},
      {"header's length big-endian", std::string(7, '\0') + "@" + std::string(64, ' '), "limit"},
      {"header one byte short", length_prefix(good.size() - 1) + good + "1234567", "not JSON"},
      {"header with the data in it", length_prefix(good.size() + 8) + good + "12345678",
       "not JSON"},
      {"a pickle", "\x80\x02}q\x01(X\x05hello", "over the format's limit"},
      {"a zip file, as PyTorch writes", "PK\x03\x04" + std::string(40, 'x'), "over the format's"},
      {"an HTML page", "<!DOCTYPE html><html></html>", "over the format's limit"},
      {"a run file", std::string("SQLite format 3\0 and more of it", 31),
       "over the format's limit"},
      {"data cut short", safetensors_file(good, 7), "cut short"},
      {"no data", safetensors_file(good), "cut short"},
      {"a byte appended", safetensors_file(good, 9), "appended"},
      {"the file twice", safetensors_file(good, 8) + safetensors_file(good, 8), "appended"},
      {"data without tensors", safetensors_file("{}", 4), "appended"},
  };
}

std::vector<BadFile> with_wrong_json() {
  const auto header = [](const std::string& json) { return safetensors_file(json); };
  const auto metadata = [&](const std::string& json) {
    return header("{\"__metadata__\":" + json + "}");
  };
  return {
      {"not JSON", header("{nonsense}"), "not JSON"},
      {"an array", header("[]"), "not a JSON object"},
      {"a string", header("\"w\""), "not a JSON object"},
      {"a space first", header(" {}"), "not a JSON object"},
      {"a byte order mark first", header("\xEF\xBB\xBF{}"), "not a JSON object"},
      {"UTF-16", header(std::string("{\0}\0", 4)), "not a JSON object"},
      {"unclosed", header("{\"w\":{"), "not JSON"},
      {"closed twice", header("{}}"), "not JSON"},
      {"a comma too many", header("{\"__metadata__\":{},}"), "not JSON"},
      {"a comment", header("{/* none */}"), "not JSON"},
      {"single quotes", header("{'w':{}}"), "not JSON"},
      {"a key without a value", header("{\"w\"}"), "not JSON"},
      {"text after the object", header("{} {}"), "not JSON"},
      {"a zero byte and more after it", header(std::string("{}\0{}", 5)), "not a JSON object"},
      {"a zero byte in a name", header(std::string("{\"a\0b\":{}}", 10)), "not a JSON object"},
      {"a line break in a name", header("{\"a\nb\":{}}"), "not JSON in UTF-8"},
      {"an unknown escape", header("{\"\\x41\":{}}"), "not JSON in UTF-8"},
      {"not UTF-8", header("{\"\xFF\":{}}"), "not JSON in UTF-8"},
      {"UTF-8 cut short", header("{\"\xE2\x82\":{}}"), "not JSON in UTF-8"},
      {"half a surrogate pair", header("{\"\\ud800\":{}}"), "not JSON in UTF-8"},
      {"a surrogate in UTF-8", header("{\"\xED\xA0\x80\":{}}"), "not JSON in UTF-8"},
      {"overlong UTF-8", header("{\"\xC0\xAF\":{}}"), "not JSON in UTF-8"},
      {"beyond Unicode", header("{\"\xF5\x80\x80\x80\":{}}"), "not JSON in UTF-8"},
      {"deeply nested", header("{\"w\":" + std::string(1'000'000, '[')), "found an array"},
      {"deeply nested objects", header("{\"w\":{\"shape\":{\"a\":{"), "found an object"},
      {"a tensor that is a number", header("{\"w\":3}"), "expected an object, found a number"},
      {"a tensor that is a string", header("{\"w\":\"F32\"}"),
       "expected an object, found a string"},
      {"a tensor that is null", header("{\"w\":null}"), "found null"},
      {"a tensor that is true", header("{\"w\":true}"), "found true or false"},
      {"metadata that is a list", metadata("[]"), "found an array"},
      {"metadata that is a string", metadata("\"pt\""), "found a string"},
      {"metadata with a number", metadata("{\"a\":1}"), "expected a string"},
      {"metadata with null", metadata("{\"a\":null}"), "expected a string, found null"},
      {"metadata with an object", metadata("{\"a\":{}}"), "found an object"},
      {"metadata twice", header("{\"__metadata__\":{},\"__metadata__\":{}}"), "two entries"},
      {"a metadata key twice", metadata("{\"a\":\"\",\"a\":\"\"}"), "two keys"},
      {"a key twice", header("{\"w\":{\"dtype\":\"F32\",\"dtype\":\"F64\"}}"), "two keys"},
      {"an unknown key", header("{\"w\":{\"strides\":[1]}}"), "unknown key \"strides\""},
      {"no keys", header("{\"w\":{}}"), "has no dtype"},
      {"no dtype", header("{\"w\":{\"shape\":[],\"data_offsets\":[0,4]}}"), "has no dtype"},
      {"no shape", header("{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}"), "has no shape"},
      {"no offsets", header("{\"w\":{\"dtype\":\"F32\",\"shape\":[]}}"), "has no data_offsets"},
      {"dtype a number", header("{\"w\":{\"dtype\":32}}"), "expected a string"},
      {"dtype null", header("{\"w\":{\"dtype\":null}}"), "expected a string, found null"},
      {"shape a string", header("{\"w\":{\"shape\":\"2\"}}"), "expected an array, found a string"},
      {"shape null", header("{\"w\":{\"shape\":null}}"), "expected an array, found null"},
      {"shape a number", header("{\"w\":{\"shape\":2}}"), "expected an array, found a number"},
      {"shape in a shape", header("{\"w\":{\"shape\":[[2]]}}"), "found an array"},
      {"offsets a number", header("{\"w\":{\"data_offsets\":8}}"), "expected an array"},
  };
}

std::vector<BadFile> with_wrong_shapes() {
  return {
      {"unknown dtype", one("[2]", "[0,8]", "F33"), "dtype \"F33\""},
      {"dtype in small letters", one("[2]", "[0,8]", "f32"), "dtype \"f32\""},
      {"no letters in the dtype", one("[2]", "[0,8]", ""), "dtype \"\""},
      {"integers", one("[2]", "[0,8]", "I32"), "dtype \"I32\"", unsupported},
      {"floats of 8 bits", one("[8]", "[0,8]", "F8_E4M3"), "dtype \"F8_E4M3\"", unsupported},
      {"negative size", one("[-2]", "[0,8]"), "found a negative number"},
      {"minus nought", one("[-0]", "[0,8]"), "found a negative number"},
      {"fractional size", one("[2.0]", "[0,8]"), "not a whole one"},
      {"size with an exponent", one("[2e0]", "[0,8]"), "not a whole one"},
      {"size with a leading nought", one("[02]", "[0,8]"), "not JSON"},
      {"size in hexadecimal", one("[0x2]", "[0,8]"), "not JSON"},
      {"size NaN", one("[NaN]", "[0,8]"), "not JSON"},
      {"size null", one("[null]", "[0,8]"), "found null"},
      {"size true", one("[true]", "[0,8]"), "found true or false"},
      {"size as text", one("[\"2\"]", "[0,8]"), "found a string"},
      {"size an object", one("[{}]", "[0,8]"), "found an object"},
      {"size of 2^64", one("[18446744073709551616]", "[0,8]"), "not a whole one"},
      {"size of 2^63", one("[9223372036854775808]", "[0,8]"), "more than 2^59"},
      {"size of a thousand digits", one("[1" + std::string(1000, '0') + "]", "[0,8]"), "JSON"},
      {"a product that overflows to 0", one("[4294967296,4294967296]", "[0,0]"), "more than 2^59"},
      {"a product that overflows to 2", one("[9223372036854775809,2]", "[0,8]"), "more than 2^59"},
      {"a product of eight that overflows", one("[256,256,256,256,256,256,256,256]", "[0,0]"),
       "more than 2^59"},
      {"bytes that overflow", one("[4611686018427387905]", "[0,4]"), "more than 2^59"},
      {"an overflow hidden by a zero", one("[0,4294967296,4294967296]", "[0,0]"), "more than 2^59"},
      {"2^40 elements, unbacked", one("[1099511627776]", "[0,4398046511104]"), "cut short"},
      {"2^40 elements, 8 bytes", one("[1099511627776]", "[0,8]"), "span 8 bytes"},
      {"nine axes", one("[1,1,1,1,1,1,1,1,2]", "[0,8]"), "9 axes", unsupported},
      {"a hundred thousand axes",
       one(
           "[1" +
               [] {
                 std::string ones;
                 for (int i = 0; i < 99'999; ++i) ones += ",1";
                 return ones;
               }() +
               "]",
           "[0,4]"),
       "100000 axes", unsupported},
      {"too few bytes for the shape", one("[3]", "[0,8]"), "span 8 bytes, but F32 [3] takes 12"},
      {"too many bytes for the shape", one("[1]", "[0,8]"), "span 8 bytes"},
      {"an odd byte for halves", one("[4]", "[0,7]", "F16"), "span 7 bytes, but F16 [4] takes 8"},
      {"bytes of another dtype", one("[2]", "[0,8]", "F64"), "span 8 bytes, but F64 [2] takes 16"},
      {"bytes for no element", one("[0]", "[0,8]"), "span 8 bytes, but F32 [0] takes 0"},
      {"a scalar of two", one("[]", "[0,8]"), "span 8 bytes, but F32 [] takes 4"},
  };
}

std::vector<BadFile> with_wrong_offsets() {
  const auto a = [](const std::string& shape, const std::string& offsets) {
    return safetensors_entry("a", shape, offsets);
  };
  const auto b = [](const std::string& shape, const std::string& offsets) {
    return safetensors_entry("b", shape, offsets);
  };
  return {
      {"no offset", one("[2]", "[]"), "has 0 data_offsets"},
      {"one offset", one("[2]", "[0]"), "has 1 data_offsets"},
      {"three offsets", one("[2]", "[0,8,8]"), "has 3 data_offsets"},
      {"a negative offset", one("[2]", "[-8,0]"), "found a negative number"},
      {"a fractional offset", one("[2]", "[0.5,8.5]"), "not a whole one"},
      {"an offset as text", one("[2]", "[\"0\",\"8\"]"), "found a string"},
      {"an offset null", one("[2]", "[null,8]"), "found null"},
      {"offsets backwards", one("[2]", "[8,0]"), "run backwards"},
      {"offsets of 2^63", one("[2]", "[9223372036854775808,9223372036854775816]"), "a hole"},
      {"offsets that wrap round", one("[2]", "[18446744073709551612,4]"), "run backwards"},
      {"offsets beyond the file", one("[2]", "[8,16]"), "a hole"},
      {"a hole at the start", one("[1]", "[4,8]"), "a hole"},
      {"a hole between", two(a("[1]", "[0,4]"), b("[1]", "[8,12]"), 12), "a hole"},
      {"a hole at the end", two(a("[1]", "[0,4]"), b("[1]", "[4,8]"), 12), "appended"},
      {"overlap", two(a("[2]", "[0,8]"), b("[1]", "[4,8]"), 8), "they overlap"},
      {"overlap by one byte", two(a("[1]", "[0,4]"), b("[1]", "[3,7]"), 8), "they overlap"},
      {"overlap, hidden by the order", two(b("[1]", "[4,8]"), a("[2]", "[0,8]"), 8),
       "they overlap"},
      {"the same bytes twice", two(a("[2]", "[0,8]"), b("[2]", "[0,8]"), 8), "they overlap"},
      {"no element, inside another", two(a("[2]", "[0,8]"), b("[0]", "[4,4]"), 8), "they overlap"},
      {"no element, beyond the end", two(a("[2]", "[0,8]"), b("[0]", "[9,9]"), 8), "a hole"},
      {"a name twice", two(a("[1]", "[0,4]"), a("[1]", "[4,8]"), 8), "two entries named \"a\""},
      {"a name twice, once escaped",
       two(a("[1]", "[0,4]"), safetensors_entry("\\u0061", "[1]", "[4,8]"), 8),
       "two entries named"},
      {"metadata that is a tensor",
       safetensors_file(in_braces(safetensors_entry("__metadata__", "[2]", "[0,8]")), 8),
       "found an array"},
  };
}

}  // namespace

std::string length_prefix(std::uint64_t n) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(n >> (8 * i));
  return out;
}

std::string safetensors_file(const std::string& header, std::size_t n_data) {
  return length_prefix(header.size()) + header + std::string(n_data, '\0');
}

std::string safetensors_entry(const std::string& name, const std::string& shape,
                              const std::string& offsets, const std::string& dtype) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

std::vector<BadFile> bad_safetensors() {
  std::vector<BadFile> out = with_a_wrong_frame();
  for (const auto& more : {with_wrong_json(), with_wrong_shapes(), with_wrong_offsets()})
    out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::vector<BadFile> odd_safetensors() {
  const auto entry = [](const std::string& name, const std::string& shape,
                        const std::string& offsets) {
    return safetensors_entry(name, shape, offsets);
  };
  return {
      {"no tensors", safetensors_file("{}"), ""},
      {"metadata alone", safetensors_file("{\"__metadata__\":{\"a\":\"\"}}"), ""},
      {"a name with a zero byte, escaped",
       safetensors_file(in_braces(entry("\\u0000", "[2]", "[0,8]")), 8), ""},
      {"a name without letters", safetensors_file(in_braces(entry("", "[2]", "[0,8]")), 8), ""},
      {"spaces after the header", safetensors_file("{}" + std::string(1000, ' ')), ""},
      {"a scalar of 64 bits", one("[]", "[0,8]", "F64"), ""},
      {"eight axes", one("[1,1,1,1,1,1,1,2]", "[0,8]"), ""},
      {"halves", one("[2,2]", "[0,8]", "F16"), ""},
      {"brain floats", one("[4]", "[0,8]", "BF16"), ""},
      {"tensors in another order", two(entry("b", "[1]", "[4,8]"), entry("a", "[1]", "[0,4]"), 8),
       ""},
      {"no element, 2^59 wide",
       safetensors_file(in_braces(entry("w", "[0,576460752303423488]", "[0,0]"))), ""},
      {"two without elements", two(entry("a", "[0]", "[0,0]"), entry("b", "[0]", "[0,0]"), 0), ""},
  };
}

}  // namespace grok::formats
