#pragma once
// What a training step consists of, pass by pass, and what a run will take: the answer to
// `grokscope explain SPEC`.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "grok/plan/pass.h"
#include "grok/spec/run_spec.h"

namespace grok {

/// A graph as it was written, and after each pass.
struct PassTable {
  Cost written;
  std::vector<PassReport> passes;
  const Cost& last() const { return passes.empty() ? written : passes.back().after; }
  /// What passes[i] took away; negative where it added.
  Cost saved(std::size_t i) const;
};

struct Explanation {
  PassTable forward;                 // model and loss; the passes run here first
  PassTable step;                    // then with the gradients of the rewritten forward part
  Cost unoptimized_step;             // the whole step without any pass
  std::vector<std::string> program;  // one line per node
  std::int64_t arena_bytes = 0;
  std::int64_t n_weights = 0;  // numbers that are learnt
  std::int64_t keyframe_bytes = 0;
  std::int64_t n_keyframes = 0;  // if the run goes to its step limit
  std::int64_t n_records = 0;
  std::int64_t file_bytes = 0;  // expected, at the step limit; an estimate
};

/// Compiles the step of a spec and counts.
///   passes   names of the passes to run, in the catalogue's order; all where it is empty; no pass
///            where it is the one word "none"
///   throws   Error{usage} on an unknown pass, and on "none" beside others
Explanation explain(const RunSpec& spec, std::span<const std::string> passes);

}  // namespace grok
