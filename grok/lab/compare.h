#pragma once
// Two runs side by side: what was asked of them, where they part, what became of each.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "grok/lab/parting.h"
#include "grok/lab/spec_difference.h"
#include "grok/lab/summary.h"

namespace grok {

/// One metric of both runs at a step that both recorded.
struct MetricPair {
  std::int64_t step = 0;
  std::string name;
  double a = 0, b = 0;
};

struct Comparison {
  RunSummary a, b;
  std::vector<ValueDifference> spec, manifest;
  std::string kinship;  // "b.grok was forked from a.grok at step 900"; empty if neither is a fork
  Parting parting;
  std::string why_inexact;  // the parting could not be replayed; else empty
  bool was_broken_off = false;
  std::vector<MetricPair> metrics;  // by step, then in the order asked for
};

struct CompareRequest {
  std::vector<std::string> metrics;  // empty: the losses and accuracies that either run has
  bool is_exact = true;              // replays both runs over the steps in which they part
  int n_threads = 0;
  const std::atomic<bool>* stop = nullptr;
};

/// throws   as RunFile does; Error{usage} on a metric that neither run has
Comparison compare_runs(const std::filesystem::path& a, const std::filesystem::path& b,
                        const CompareRequest& request);

}  // namespace grok
