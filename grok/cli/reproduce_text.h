#pragma once
// What was reproduced, on a terminal and as a page.

#include "grok/lab/reproduction.h"

namespace grok::cli {

/// The comment that a file begins with, as one text.
std::string first_comment(const std::string& path);

std::string reproductions_text(const std::vector<Reproduction>& all);
/// Markdown, with a section per preset.
std::string reproductions_page(const std::vector<Reproduction>& all);

}  // namespace grok::cli
