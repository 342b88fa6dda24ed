#pragma once
// What `probe` prints.

#include <cstdint>
#include <string>
#include <vector>

#include "grok/probes/probe.h"

namespace grok::cli {

struct ProbedStep {
  std::int64_t step = -1;  // -1: weights from elsewhere, which have no step
  Measurements found;
};

struct ProbeReport {
  std::string spec_digest;
  std::vector<int> key_frequencies;  // of the run's last weights, or of the given ones
  std::vector<ProbedStep> steps;
};

/// {"spec_digest", "key_frequencies", "steps": [{"step", "metrics": {NAME: value}, "arrays":
/// {NAME: {"shape", "values"}}}]}; "step" is null for weights from elsewhere, as are numbers that
/// are NaN or infinite.
std::string probe_json(const ProbeReport& report);

std::string probe_text(const ProbeReport& report);

}  // namespace grok::cli
