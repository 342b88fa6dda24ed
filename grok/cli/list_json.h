#pragma once
// What a spec or a fork may name, for programs and for the page.

#include <string>

namespace grok::cli {

/// What `grokscope list WHAT --json` prints.
///   throws   Error{usage} if there is nothing of that name to list
std::string list_json(const std::string& what);

}  // namespace grok::cli
