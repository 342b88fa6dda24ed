// What measuring costs: milliseconds per probe on the paper's network (p = 113, all 12,769 pairs),
// alone and all together, at one and two threads. A probe alone pays for what it would share with
// others: the forward pass, the logits in double, their spectrum.
//
//   probe_bench                              everything
//   probe_bench --benchmark_filter=gini

#include <algorithm>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "grok/kernels/target.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

namespace grok {
namespace {

struct Paper {
  TaskData task;
  Params model;
  Weights weights;
  std::vector<int> keys{14, 35, 41, 42, 52};
};

const Paper& paper() {
  static const Paper made = [] {
    const Params seed{{"seed", std::int64_t{0}}};
    Params task = checked_params(tasks::modular_addition().schema(), {}, seed);
    task.set("name", std::string("modular_addition"));
    Paper out{tasks::data_of(task), checked_params(models::transformer().schema(), {}, seed), {}};
    out.model.set("name", std::string("transformer"));
    out.weights = models::transformer().init(out.model, sizes_for(out.task));
    return out;
  }();
  return made;
}

enum class Part { any_step, with_keys };

// The best of several: on a shared machine the others measure the neighbours.
void bench(benchmark::State& state, const std::vector<std::string>& names, Part part) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  ProbeSet set(paper().model, paper().task, names, pool);
  for (auto _ : state) {
    Measurements got = part == Part::any_step
                           ? set.measure(paper().weights)
                           : set.measure_with_keys(paper().weights, paper().keys);
    benchmark::DoNotOptimize(got);
  }
}

void add(const std::string& label, const std::vector<std::string>& names, Part part) {
  benchmark::RegisterBenchmark(label.c_str(), bench, names, part)
      ->ArgName("threads")
      ->Arg(1)
      ->Arg(2)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime()
      ->MinTime(0.2)
      ->Repetitions(5)
      ->ComputeStatistics("least",
                          [](const std::vector<double>& times) {
                            return *std::min_element(times.begin(), times.end());
                          })
      ->ReportAggregatesOnly();
}

void add_all() {
  add("together", {}, Part::any_step);
  add("together/with_keys", {}, Part::with_keys);
  for (const ProbeDef* probe : probes::catalog()) {
    const std::string name(probe->name);
    if (probe->measure) add(name, {name}, Part::any_step);
    if (probe->measure_with_keys) add(name + "/with_keys", {name}, Part::with_keys);
  }
}

}  // namespace
}  // namespace grok

int main(int argc, char** argv) {
  benchmark::AddCustomContext("target", std::string(grok::active_target()));
  grok::add_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
