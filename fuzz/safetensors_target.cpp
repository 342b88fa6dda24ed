// Weight files: whatever the bytes, an Error or tensors that the bytes can hold.

#include <span>

#include "fuzz/target.h"
#include "grok/store/safetensors.h"
#include "tests/formats/safetensors_corpus.h"

namespace grok::fuzz {
namespace {

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool are_same_bits(const NamedTensors& a, const NamedTensors& b) {
  return encode_safetensors(a) == encode_safetensors(b);
}

void check(std::size_t n_bytes, const SafetensorsFile& file) {
  std::size_t n_elements = 0;
  for (const auto& [name, tensor] : file.tensors) n_elements += tensor.data.size();
  must_hold(2 * n_elements <= n_bytes, "every element takes two bytes or more of the file");
  const std::vector<std::byte> written = encode_safetensors(file.tensors, file.metadata);
  const SafetensorsFile again = parse_safetensors(written, "written");
  must_hold(again.metadata == file.metadata, "metadata comes back as it was written");
  must_hold(are_same_bits(again.tensors, file.tensors), "tensors come back as they were written");
}

}  // namespace

std::vector<std::string> seeds() {
  NamedTensors tensors;
  tensors.add("weights.embed.W_E", Tensor(Shape{3, 2}));
  tensors.add("weights.b", Tensor(Shape{}));
  std::vector<std::string> out{text_of(encode_safetensors(tensors, {{"format", "pt"}}))};
  for (const auto& files : {formats::odd_safetensors(), formats::bad_safetensors()})
    for (const formats::BadFile& file : files)
      if (file.bytes.size() < 2000) out.push_back(file.bytes);
  return out;
}

std::vector<std::string> words() {
  return {"{",
          "}",
          "[",
          "]",
          "\"",
          ":",
          ",",
          "\"F32\"",
          "\"F64\"",
          "\"F16\"",
          "\"BF16\"",
          "\"I64\"",
          "\"dtype\":",
          "\"shape\":[",
          "\"data_offsets\":[",
          "\"__metadata__\":{",
          "18446744073709551615",
          "4294967296",
          "9223372036854775808",
          "576460752303423488",
          "-1",
          "0",
          "\\u0000",
          "\\ud800"};
}

}  // namespace grok::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto bytes = std::as_bytes(std::span(data, size));
    grok::fuzz::check(size, grok::parse_safetensors(bytes, "input"));
  } catch (const grok::Error&) {
  }
  return 0;
}
