#pragma once
// --layout: as which code a weight file stores its tensors.

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "grok/models/weight_layout.h"

namespace grok::cli {

void add_layout_option(CLI::App& command, std::string& layout);

/// None for the empty name.
///   throws   Error{usage} on an unknown one
std::optional<WeightLayout> layout_named(const std::string& name);

}  // namespace grok::cli
