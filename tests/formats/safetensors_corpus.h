#pragma once
// Broken safetensors files, made by hand: each is wrong in a way of its own.

#include <cstdint>
#include <string>
#include <vector>

#include "tests/formats/bad_file.h"

namespace grok::formats {

/// The eight bytes with which a file begins.
std::string length_prefix(std::uint64_t n);
/// A file with this header and so many zero bytes after it.
std::string safetensors_file(const std::string& header, std::size_t n_data = 0);
/// "NAME":{"dtype":...,"shape":...,"data_offsets":...}
std::string safetensors_entry(const std::string& name, const std::string& shape,
                              const std::string& offsets, const std::string& dtype = "F32");

/// All of them: the frame is wrong, the JSON is, the tensors are.
std::vector<BadFile> bad_safetensors();
/// Sound files that look odd: the parser takes them.
std::vector<BadFile> odd_safetensors();

}  // namespace grok::formats
