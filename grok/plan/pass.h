#pragma once
// Rewrites of a graph by exact algebra. Each pass is one file and one line of passes.def; each is
// verified after it has run, and compared in the tests with the graph it started from, interpreted
// in double. To add one, copy common_subexpressions.cpp.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/graph/graph.h"

namespace grok {

/// Algebra changes what is computed; layout, in what order and where it lies, and so comes last,
/// once a gradient has been taken.
enum class Stage { algebra, layout };

struct Pass {
  std::string_view name;
  std::string_view meaning;  // one line, for `explain`
  Graph (*run)(const Graph& graph) = nullptr;
  Stage stage = Stage::algebra;
};

namespace passes {
#define GROK_PASS(name) const Pass& name();
#include "grok/plan/passes.def"
#undef GROK_PASS
}  // namespace passes

/// All passes, in the order in which they run.
std::span<const Pass* const> pass_catalog();

/// What a graph costs to run once.
struct Cost {
  int n_ops = 0;     // nodes that execute: neither leaves nor aliases
  double flops = 0;  // a multiply-add counts as two
  double bytes = 0;  // read and written by ops, without caches, but for values kept in a region
};
Cost cost_of(const Graph& graph);

/// About how long that takes on one core: the common scale on which passes weigh work against
/// traffic. A rough machine (100 GFLOP/s, 25 GB/s) is enough, for choices that are close matter
/// little, and it must be the same everywhere: what a pass decides decides bits.
double seconds_of(const Cost& cost);

/// The same of a graph once the passes have seen it that choose nothing: sums ride in products, and
/// what is written twice is computed once.
double seconds_in_the_end(const Graph& graph);

/// Runs the passes in order, calling `verify` after each.
///   names  which passes to run; all of them where it is empty
///   last   the last stage to run
///   throws Error{usage} on an unknown name
Graph optimize(const Graph& graph, std::span<const std::string> names = {},
               Stage last = Stage::layout);

/// The same, telling after each pass what the graph has become: for `explain`.
struct PassReport {
  std::string_view name;
  std::string_view meaning;
  Cost after;
};
Graph optimize_reporting(const Graph& graph, std::span<const std::string> names,
                         std::vector<PassReport>& reports, Stage last = Stage::layout);

}  // namespace grok
