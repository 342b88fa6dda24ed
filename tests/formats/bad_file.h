#pragma once
// One hand-made bad file, and what must be said of it.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "grok/base/error.h"

namespace grok::formats {

struct BadFile {
  std::string what;  // is wrong with it
  std::string bytes;
  std::string words;  // that the message must have
  ErrorCode code = ErrorCode::damaged;
};

inline std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace grok::formats
