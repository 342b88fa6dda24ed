#pragma once
// What if: a run goes on from any of its steps with something changed, in a file of its own.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grok/lab/run.h"
#include "grok/store/run_file.h"

namespace grok {

struct ForkRequest {
  std::int64_t step = 0;               // of the parent, any of them
  std::vector<std::string> overrides;  // "section.key=value": what changes no weight's shape
  std::vector<std::string> edits;      // of the state at that step, in this order (edits/edit.h)
};

/// Trains the fork of the run at `parent` into the file at `path`. It begins with the parent's
/// state at that step, optimizer and all, and counts steps as its parent does; without any change
/// it has the parent's bits. Its file stands alone: the state that it begins with is its first
/// keyframe. An optimizer with other state than the parent's begins with nothing to remember. If
/// the same fork is at `path` already, goes on with it.
///
///   throws   Error: usage (all mistakes of the overrides; an edit that has no meaning; another run
///            at `path`); not_found (no such step); else as replaying the parent, and `run`
RunResult fork_run(const std::filesystem::path& parent, const ForkRequest& request,
                   const std::filesystem::path& path, const RunOptions& options = {});

/// The parent's spec with other values: what a fork would be trained by.
///   throws   Error{usage} with all mistakes
RunSpec forked_spec(const RunSpec& parent, std::int64_t step,
                    const std::vector<std::string>& overrides);

/// Where a run came from, as its file tells.
struct Origin {
  std::string parent;       // the digest of its spec
  std::string parent_file;  // its name when the fork was made
  std::int64_t step = 0;
  std::vector<std::string> overrides, edits, frozen;
  bool has_new_optimizer_state = false;
};

/// None for a run that was not forked.
///   throws   Error{damaged} if the file says so and does not say whence
std::optional<Origin> origin_of(const RunFile& file);

}  // namespace grok
