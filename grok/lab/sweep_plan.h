#pragma once
// A grid of specs, laid out before anything runs: every combination of the values of its axes, with
// every seed. A run of a sweep is its spec, so it is the same run that `train` makes of that spec.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "grok/spec/run_spec.h"

namespace grok {

/// What the user asks for, as it was written.
struct SweepRequest {
  std::string name;                    // of the spec, for a sweep of one run
  std::vector<std::string> overrides;  // "section.key=value", for every run
  std::vector<std::string> grid;       // "section.key=v1,v2", one for each axis
  std::string seeds;                   // "A:B", both ends included; empty: the spec's own seed
  /// The base spec with these overrides; throws as load_spec does. Called once for each run.
  std::function<RunSpec(const std::vector<std::string>& overrides)> load;
};

struct SweepRun {
  std::string name;           // its file is NAME.grok; no two runs have the same
  std::vector<Value> values;  // one for each axis, as the spec holds it
  RunSpec spec;
  std::string spec_digest;
};

struct SweepPlan {
  std::vector<std::string> keys;  // of the axes: "optim.lr"; --seeds is one of train.seed
  std::vector<SweepRun> runs;     // the last axis varies fastest, the seed faster still
  /// Empty, or why the seeds make no difference: every random stream has a seed of its own.
  std::string warning;
};

inline constexpr std::size_t most_runs = 100'000;

/// What a spec has for "section.key"; null if nothing.
const Value* value_in(const RunSpec& spec, const std::string& key);

/// Lays the sweep out. What is wrong with one combination is wrong with the sweep: who asks for
/// many runs is to hear of it before the first.
///
///   throws   Error{usage} with all mistakes, one a line; Error{not_found} and others as `load`
///   does cost     loads the spec once for each run
SweepPlan plan_sweep(const SweepRequest& request);

}  // namespace grok
