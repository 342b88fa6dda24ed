#pragma once
// An array metric as it stands in the run file: element type and shape as text, numbers as bytes.

#include <cstddef>
#include <span>
#include <string>

#include "grok/base/tensor.h"

namespace grok {

/// The array that a row holds.
///
///   dtype, shape  "F64" or "F32"; "[4, 113]"
///   where         what a message calls the row
///   throws        Error{damaged} unless the three agree
DoubleTensor read_stored_array(const std::string& dtype, const std::string& shape,
                               std::span<const std::byte> data, const std::string& where);

}  // namespace grok
