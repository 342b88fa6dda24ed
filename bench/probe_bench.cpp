// What measuring costs: milliseconds per probe on the paper's network (p = 113, all 12,769 pairs),
// alone and all together, at one and two threads. A probe alone pays for what it would share with
// others: the forward pass, the logits in double, their spectrum.
//
//   probe_bench [--json] [--quick] [--rounds N] [--threads N[,N]] [--only NAME]

#include <algorithm>

#include "bench/measure.h"
#include "bench/report.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

namespace grok::bench {
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
    out.weights = models::transformer().init(out.model, model_sizes(out.task));
    return out;
  }();
  return made;
}

// One way of measuring: at any step, or with key frequencies once they are known.
struct Subject {
  std::string name;
  std::vector<std::string> probes;  // all where it is empty
  bool with_keys;
};

std::vector<Subject> subjects() {
  std::vector<Subject> out{{"together", {}, false}, {"together/with_keys", {}, true}};
  for (const ProbeDef* probe : probes::catalog()) {
    const std::string name(probe->name);
    if (probe->measure) out.push_back({name, {name}, false});
    if (probe->measure_with_keys) out.push_back({name + "/with_keys", {name}, true});
  }
  return out;
}

Json row_of(const Subject& subject, ThreadPool& pool, int n_rounds) {
  ProbeSet set(paper().model, paper().task, subject.probes, pool);
  const std::function<double()> contestants[] = {per_call(pool, [&] {
    if (subject.with_keys)
      set.measure_with_keys(paper().weights, paper().keys);
    else
      set.measure(paper().weights);
  })};
  const Neighbours neighbours;
  const auto times = alternate(n_rounds, contestants)[0];
  return {{"name", subject.name},
          {"threads", pool.n_threads()},
          {"ms", median(times)},
          {"rounds", n_rounds},
          {"noisy", is_scattered(times) || (pool.n_threads() > 1 && neighbours.are_noisy())}};
}

constexpr Column columns[] = {
    {"name", "probe", 34}, {"threads", "threads", 9}, {"ms", "ms", 10, 2}, {"noisy", "noisy", 7}};

int run(const Options& options) {
  Json rows = Json::array();
  for (const int threads : options.threads) {
    ThreadPool pool(threads);
    for (const Subject& subject : subjects())
      if (options.wants(subject.name)) rows.push_back(row_of(subject, pool, options.n_rounds));
  }
  print(options, std::move(rows), columns);
  return 0;
}

}  // namespace
}  // namespace grok::bench

int main(int argc, char** argv) {
  const auto options = grok::bench::parse_options(argc, argv);
  return options ? grok::bench::run(*options) : 2;
}
