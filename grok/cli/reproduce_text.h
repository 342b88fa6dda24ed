#pragma once
// What was reproduced, on a terminal and as a page.

#include <string>
#include <string_view>
#include <vector>

#include "grok/lab/reproduction.h"

namespace grok::cli {

/// The comment that a file begins with, as one text.
std::string first_comment(const std::string& path);

std::string reproductions_text(const std::vector<Reproduction>& all);
/// Markdown, with a section per preset.
///   former   the page as it was, empty if there was none. Runs may take hours each and lie on
///            several machines: a preset that has not been run here keeps what the page told of it,
///            as long as it asks for the same figures
std::string reproductions_page(const std::vector<Reproduction>& all, std::string_view former);

}  // namespace grok::cli
