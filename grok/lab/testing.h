#pragma once
// Small runs for the tests of this folder and of the command line.

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "grok/lab/run.h"
#include "grok/lab/spec_schema.h"
#include "grok/lab/sweep_plan.h"
#include "grok/store/run_file.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {

namespace fs = std::filesystem;

/// Addition mod 11 by a network so small that a step takes a fraction of a millisecond.
inline const char* tiny_toml() {
  return R"(
[task]
name = "modular_addition"
p = 11
train_fraction = 0.6
[model]
name = "transformer"
n_layers = 1
d_model = 16
n_heads = 2
d_head = 8
d_mlp = 32
[loss]
name = "cross_entropy"
[optim]
name = "adamw"
lr = 1e-2
[train]
steps = 120
[record]
every = 10
keyframe_every = 25
)";
}

inline RunSpec tiny_spec(const std::vector<std::string>& overrides = {}) {
  return parse_spec(tiny_toml(), "tiny.toml", overrides, spec_schema());
}

/// A sweep of that spec; `overrides` may be set.
inline SweepRequest tiny_request(const std::vector<std::string>& grid, const std::string& seeds) {
  SweepRequest request;
  request.name = "tiny";
  request.grid = grid;
  request.seeds = seeds;
  request.load = [](const std::vector<std::string>& overrides) { return tiny_spec(overrides); };
  return request;
}

/// Asks for the run to stop once it has made `step` updates.
class StopAt : public RunObserver {
 public:
  explicit StopAt(std::int64_t step) : step_(step) {}
  void on_step(std::int64_t step, double) override {
    if (step == step_) flag = true;
  }
  std::atomic<bool> flag = false;

 private:
  std::int64_t step_;
};

/// Runs, stopping after `step` updates.
inline RunResult run_until(std::int64_t step, const RunSpec& spec, const fs::path& path,
                           int n_threads = 1) {
  StopAt stopper(step);
  return run(spec, path, {n_threads, &stopper, &stopper.flag});
}

/// Every number of a run: what must not depend on how often it was broken off.
struct Everything {
  std::map<std::pair<std::int64_t, std::string>, double> metrics;
  std::map<std::pair<std::int64_t, std::string>, std::vector<double>> arrays;
  std::string last_keyframe;  // its digest; empty if there is none
  friend bool operator==(const Everything&, const Everything&) = default;
};

inline Everything everything_in(const RunFile& file) {
  Everything out;
  for (const MetricRow& row : file.metrics()) out.metrics[{row.step, row.name}] = row.value;
  for (const std::string& name : file.array_metric_names())
    for (const ArrayPoint& point : file.array_metric(name))
      out.arrays[{point.step, name}] = {point.values.data.begin(), point.values.data.end()};
  const std::vector<std::int64_t> keyframes = file.keyframe_steps();
  if (!keyframes.empty()) out.last_keyframe = file.keyframe_digest(keyframes.back());
  return out;
}

inline Everything everything_in(const fs::path& path) {
  return everything_in(RunFile::open(path, Access::read));
}

}  // namespace grok::testing
