#pragma once
// In what two specs, or two manifests, differ.

#include <filesystem>
#include <string>
#include <vector>

#include "grok/base/error.h"
#include "grok/spec/run_spec.h"

namespace grok {

struct ValueDifference {
  std::string key;   // "optim.weight_decay"
  std::string a, b;  // as JSON; empty where one has no such value
};

/// The values of two JSON objects that are not the same, in the order of their keys; of nested
/// objects, the path. What is no JSON has no values.
std::vector<ValueDifference> differences(const std::string& a, const std::string& b);

/// Why the file at `path`, which holds the run of one spec, cannot be that of another: the first
/// values that differ.
///   returns  Error{usage}
Error another_spec(const std::filesystem::path& path, const RunSpec& there, const RunSpec& here);

}  // namespace grok
