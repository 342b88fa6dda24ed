#include "grok/store/safetensors_header.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

namespace grok {
namespace {

using Json = nlohmann::json;

// Looking a tensor up by name takes a walk over all of them, and adding one looks it up.
constexpr std::size_t max_tensors = 65536;

// What one member of the header says, before it is checked.
struct RawEntry {
  std::string name;
  std::optional<std::string> dtype;
  std::optional<std::vector<std::uint64_t>> shape;
  std::optional<std::vector<std::uint64_t>> offsets;
};

// Receives the parser's events. It accepts the format's own nesting only, so that depth is bounded,
// and sees every key, so that none can hide behind a second one of its name.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  std::map<std::string, std::string> metadata;
  std::vector<RawEntry> entries;
  std::string mistake;  // empty if all is well
  ErrorCode code = ErrorCode::damaged;

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("true or false"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return unexpected("a number that is not a whole one below 2^64");
  }
  bool binary(binary_t&) override { return unexpected("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::in_shape && place_ != Place::in_offsets) return unexpected("a number");
    (place_ == Place::in_shape ? entries.back().shape : entries.back().offsets)->push_back(value);
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::metadata_value) {
      metadata[key_] = std::move(value);
      place_ = Place::in_metadata;
      return true;
    }
    if (place_ != Place::dtype_value) return unexpected("a string");
    entries.back().dtype = std::move(value);
    place_ = Place::in_tensor;
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::start) {
      place_ = Place::in_root;
      return true;
    }
    if (place_ != Place::root_value) return unexpected("an object");
    if (key_ == "__metadata__") {
      place_ = Place::in_metadata;
      return true;
    }
    if (entries.size() == max_tensors) {
      code = ErrorCode::unsupported;
      return fail("more than " + std::to_string(max_tensors) + " tensors");
    }
    entries.push_back({key_, {}, {}, {}});
    place_ = Place::in_tensor;
    return true;
  }

  bool key(string_t& name) override {
    key_ = std::move(name);
    if (place_ == Place::in_root) {
      place_ = Place::root_value;
      return names_.insert(key_).second || fail("two entries named " + in_quotes(key_));
    }
    if (place_ == Place::in_metadata) {
      place_ = Place::metadata_value;
      return !metadata.contains(key_) || fail("metadata has two keys " + in_quotes(key_));
    }
    RawEntry& entry = entries.back();
    if (key_ == "dtype") return enter(Place::dtype_value, entry.dtype.has_value());
    if (key_ == "shape") return enter(Place::shape_value, entry.shape.has_value());
    if (key_ == "data_offsets") return enter(Place::offsets_value, entry.offsets.has_value());
    return fail("tensor " + in_quotes(entry.name) + " has an unknown key " + in_quotes(key_));
  }

  bool end_object() override {
    place_ = place_ == Place::in_root ? Place::start : Place::in_root;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::shape_value) {
      entries.back().shape.emplace();
      place_ = Place::in_shape;
      return true;
    }
    if (place_ != Place::offsets_value) return unexpected("an array");
    entries.back().offsets.emplace();
    place_ = Place::in_offsets;
    return true;
  }

  bool end_array() override {
    place_ = Place::in_tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return fail("the header is not JSON in UTF-8: wrong at its byte " + std::to_string(position));
  }

 private:
  enum class Place {
    start,
    in_root,
    root_value,
    in_metadata,
    metadata_value,
    in_tensor,
    dtype_value,
    shape_value,
    in_shape,
    offsets_value,
    in_offsets
  };

  bool enter(Place place, bool is_second) {
    place_ = place;
    return !is_second ||
           fail("tensor " + in_quotes(entries.back().name) + " has two keys " + in_quotes(key_));
  }

  bool unexpected(const std::string& found) {
    const bool is_metadata = place_ == Place::metadata_value || key_ == "__metadata__";
    const bool is_tensor = !entries.empty() && place_ != Place::root_value && !is_metadata;
    const std::string where = is_tensor ? "tensor " + in_quotes(entries.back().name) + ", " : "";
    return fail(where + in_quotes(key_) + ": expected " + expected() + ", found " + found);
  }

  std::string expected() const {
    switch (place_) {
      case Place::metadata_value:
      case Place::dtype_value:
        return "a string";
      case Place::shape_value:
      case Place::offsets_value:
        return "an array";
      case Place::in_shape:
      case Place::in_offsets:
        return "whole numbers, 0 or more";
      default:
        return "an object";
    }
  }

  bool fail(std::string text) {
    mistake = std::move(text);
    return false;
  }

  Place place_ = Place::start;
  std::string key_;
  std::unordered_set<std::string> names_;
};

[[noreturn]] void fail(ErrorCode code, std::string_view what, const std::string& text) {
  throw Error(code, std::string(what) + ": " + text);
}

Dtype dtype_of(const RawEntry& raw, std::string_view what) {
  if (*raw.dtype == "F32") return Dtype::f32;
  if (*raw.dtype == "F64") return Dtype::f64;
  if (*raw.dtype == "F16") return Dtype::f16;
  if (*raw.dtype == "BF16") return Dtype::bf16;
  static constexpr std::array<std::string_view, 12> others = {
      "BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F8_E5M2", "F8_E4M3", "C64"};
  const bool is_known = std::find(others.begin(), others.end(), *raw.dtype) != others.end();
  fail(is_known ? ErrorCode::unsupported : ErrorCode::damaged, what,
       "tensor " + in_quotes(raw.name) + " has dtype " + in_quotes(*raw.dtype) +
           "; this program reads F32, F64, F16 and BF16");
}

// An axis of size 0 counts as 1 here, so that the sizes beside it cannot overflow either.
Shape shape_of(const RawEntry& raw, std::string_view what) {
  if (raw.shape->size() > Shape::max_rank) {
    fail(ErrorCode::unsupported, what,
         "tensor " + in_quotes(raw.name) + " has " + std::to_string(raw.shape->size()) +
             " axes; this program takes up to " + std::to_string(Shape::max_rank));
  }
  std::vector<std::int64_t> dims;
  std::uint64_t n = 1;
  for (const std::uint64_t size : *raw.shape) {
    const bool overflows = __builtin_mul_overflow(n, std::max<std::uint64_t>(size, 1), &n);
    if (overflows || n > (1ULL << 59)) {
      fail(ErrorCode::damaged, what,
           "tensor " + in_quotes(raw.name) + " has a shape of more than 2^59 elements");
    }
    dims.push_back(static_cast<std::int64_t>(size));
  }
  return Shape(dims);
}

SafetensorsEntry checked(RawEntry raw, std::string_view what) {
  const char* missing = !raw.dtype ? "dtype" : !raw.shape ? "shape" : "data_offsets";
  if (!raw.dtype || !raw.shape || !raw.offsets) {
    fail(ErrorCode::damaged, what, "tensor " + in_quotes(raw.name) + " has no " + missing);
  }
  if (raw.offsets->size() != 2) {
    fail(ErrorCode::damaged, what,
         "tensor " + in_quotes(raw.name) + " has " + std::to_string(raw.offsets->size()) +
             " data_offsets; expected 2");
  }
  SafetensorsEntry entry{
      {}, dtype_of(raw, what), shape_of(raw, what), (*raw.offsets)[0], (*raw.offsets)[1]};
  const std::string where = "tensor " + in_quotes(raw.name) + ": data_offsets [" +
                            std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]";
  if (entry.end < entry.begin) fail(ErrorCode::damaged, what, where + " run backwards");
  const std::uint64_t expected =
      static_cast<std::uint64_t>(entry.shape.n_elements()) * size_of(entry.dtype);
  if (entry.end - entry.begin != expected) {
    fail(ErrorCode::damaged, what,
         where + " span " + std::to_string(entry.end - entry.begin) + " bytes, but " + *raw.dtype +
             " " + entry.shape.to_string() + " takes " + std::to_string(expected));
  }
  entry.name = std::move(raw.name);
  return entry;
}

// Every byte of the data belongs to exactly one tensor, so that nothing overlaps or hides.
void check_tiling(std::span<const SafetensorsEntry> entries, std::uint64_t n_data_bytes,
                  std::string_view what) {
  std::uint64_t cursor = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.begin != cursor) {
      fail(ErrorCode::damaged, what,
           "tensor " + in_quotes(entry.name) + " begins at byte " + std::to_string(entry.begin) +
               " of the data, but the tensors before it end at " + std::to_string(cursor) +
               (entry.begin < cursor ? ": they overlap" : ": a hole"));
    }
    cursor = entry.end;
  }
  if (cursor == n_data_bytes) return;
  fail(ErrorCode::damaged, what,
       "the tensors take " + std::to_string(cursor) + " bytes, but " +
           std::to_string(n_data_bytes) + " follow the header; " +
           (cursor > n_data_bytes ? "the file was cut short, perhaps by an interrupted copy"
                                  : "something was appended, or the header is another file's"));
}

}  // namespace

std::uint64_t size_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::f64:
      return 8;
    case Dtype::f32:
      return 4;
    case Dtype::f16:
    case Dtype::bf16:
      return 2;
  }
  return 0;
}

std::string shortened(std::string_view text) {
  std::size_t n = std::min<std::size_t>(text.size(), 80);
  // Not in the middle of a UTF-8 character: a message must be valid text too.
  while (n > 0 && n < text.size() && (static_cast<unsigned char>(text[n]) & 0xC0) == 0x80) --n;
  std::string out = std::string(text.substr(0, n)) + (n < text.size() ? "..." : "");
  std::replace_if(
      out.begin(), out.end(), [](unsigned char c) { return c < 32 || c == 127; }, '?');
  return out;
}

std::string in_quotes(std::string_view name) { return "\"" + shortened(name) + "\""; }

SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t n_data_bytes,
                                           std::string_view what) {
  // The parser takes a zero byte for the end of its input, and would not look at what follows.
  if (json.empty() || json.front() != '{' || json.find('\0') != std::string_view::npos) {
    fail(ErrorCode::damaged, what,
         "the header is not a JSON object; probably not a safetensors file");
  }
  HeaderReader reader;
  if (!Json::sax_parse(json.begin(), json.end(), &reader)) fail(reader.code, what, reader.mistake);
  SafetensorsHeader header;
  header.metadata = std::move(reader.metadata);
  header.entries.reserve(reader.entries.size());
  for (RawEntry& raw : reader.entries) header.entries.push_back(checked(std::move(raw), what));
  // Stable, so that empty tensors, which share their place, keep the header's order.
  std::stable_sort(header.entries.begin(), header.entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  check_tiling(header.entries, n_data_bytes, what);
  return header;
}

}  // namespace grok
