#pragma once
// The models whose steps the benchmarks measure: the canonical one, and the small ones of the
// design's table of floors; and one more for each task.

#include <cstdint>
#include <span>

#include "grok/spec/run_spec.h"

namespace grok::bench {

struct Case {
  const char* name;
  std::int64_t p;
  double fraction;
  std::int64_t d_model, n_heads, d_head, d_mlp;
};

std::span<const Case> cases();

/// Modular addition by the case's transformer, with the defaults for all else, seed 0.
RunSpec spec_of(const Case& c);

struct TaskCase {
  const char* name;            // of the preset; or, where there is none, of the task
  const char* toml = nullptr;  // the spec, where there is no preset
};

/// At least one of each task but modular_addition.
std::span<const TaskCase> task_cases();

RunSpec spec_of(const TaskCase& c);

}  // namespace grok::bench
