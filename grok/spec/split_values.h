#pragma once
// Lists as people type them on a command line.

#include <string>
#include <string_view>
#include <vector>

namespace grok {

/// Without spaces and tabs at both ends.
std::string trimmed(std::string_view text);

/// The texts between commas; those inside brackets or quotes separate nothing:
/// "[0.9,0.98],[0.9,0.999]" has two.
std::vector<std::string> split_values(std::string_view text);

}  // namespace grok
