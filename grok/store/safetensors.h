#pragma once
// Weights in and out: the safetensors format, as strict as its official reader. Eight bytes with
// the header's length, a JSON header that names each tensor's type, shape and place, the numbers.

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/base/tensor.h"

namespace grok {

struct SafetensorsFile {
  std::map<std::string, std::string> metadata;  // the header's `__metadata__`
  NamedTensors tensors;                         // in the order of their data
};

/// The tensors of a file. F32 is kept bit for bit; F64, F16 and BF16 become float32 (only F64 can
/// lose by it: rounded to nearest, infinite beyond float32's range).
///
///   throws   Error: not_found; unavailable; damaged, if the file breaks the format; unsupported,
///            for other types, more than 8 axes, or more than 65,536 tensors
///   cost     memory for the file and for the tensors, however the header lies
SafetensorsFile read_safetensors(const std::filesystem::path& path);

/// The same from memory; `what` names the source in messages.
SafetensorsFile parse_safetensors(std::span<const std::byte> bytes, std::string_view what);

/// The bytes of a file of F32 tensors. Equal arguments give equal bytes: metadata by key, tensors
/// in their order, the header padded with spaces so that the data starts on a multiple of 8.
///
///   throws   ContractBroken if a name or metadata is not UTF-8, or a name is `__metadata__`
std::vector<std::byte> encode_safetensors(const NamedTensors& tensors,
                                          const std::map<std::string, std::string>& metadata = {});

/// Writes such a file so that `path` holds the old file or all of the new one (see atomic_file.h).
///
///   throws   Error: not_found (no such directory), unavailable (no permission, disk full)
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace grok
