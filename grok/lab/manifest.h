#pragma once
// With what a run was made: all that may decide its bits, and its speed, beside the spec.

#include <string>

namespace grok {

/// "0.1.0"
std::string grokscope_version();

/// A JSON object: grokscope, revision, plan_version, compiler, flags, target, cpu, n_threads,
/// denormals_flushed, sqlite, highway, started (UTC). Results do not depend on n_threads, cpu or
/// started.
std::string manifest_json(int n_threads);

}  // namespace grok
