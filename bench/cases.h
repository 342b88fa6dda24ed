#pragma once
// The models whose steps the benchmarks measure: the canonical one, and the small ones of the
// design's table of floors.

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

}  // namespace grok::bench
