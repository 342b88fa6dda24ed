#pragma once
// A spec as the text that a user would write, so that it can be read again with other values.

#include <string>

#include "grok/spec/run_spec.h"

namespace grok {

/// All sections with every value; parse_spec reads the same spec from it. A fork's origin,
/// which is no part of what people write, is left out.
std::string toml_text(const RunSpec& spec);

}  // namespace grok
