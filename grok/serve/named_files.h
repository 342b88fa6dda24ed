#pragma once
// Files that a spec or an edit would have this process read. A run file from somebody else may name
// any; a server reads none but run files under its roots.

#include <span>
#include <string>

#include "grok/spec/run_spec.h"

namespace grok::serve {

/// throws   Error{unsupported} if the task's examples are made of files: texts, vocabularies
void require_no_files(const RunSpec& spec);
/// throws   Error{unsupported} if one of the texts "section.key=value" would set such a file
void require_no_files_set(std::span<const std::string> overrides);
/// throws   Error{unsupported} if an edit takes something from another run's file
void require_no_files(std::span<const std::string> edits);

}  // namespace grok::serve
