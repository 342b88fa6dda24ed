#pragma once
// Steps as a user names them: those of which a run file has a keyframe.

#include <cstdint>
#include <string>
#include <vector>

#include "grok/store/run_file.h"

namespace grok::cli {

/// "last", or a number.
///   throws   Error{usage} if it is neither; Error{not_found} with the nearest keyframes
std::int64_t keyframe_step(const RunFile& file, const std::string& text);

/// "all", or a list with commas of what keyframe_step takes; the last if the list is empty.
std::vector<std::int64_t> keyframe_steps_named(const RunFile& file,
                                               const std::vector<std::string>& list);

}  // namespace grok::cli
