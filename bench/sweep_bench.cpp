// Replica steps per second: how much training a sweep gets out of the machine's cores.
//
//   sweep_bench [--json] [--quick] [--rounds N] [--only NAME]
//
// As in a sweep, each replica trains on a thread of its own with a pool of one. A round lets one
// replica run alone, then all at once, so that a noisy neighbour meets both; a row gives the
// medians of all rounds (9 unless told). Files and probes are left out: with them a sweep waits for
// the disk besides, which other replicas fill.
//
// `scaling` is by the clock and asks for a quiet machine. `cpu_scaling` is by the time that the
// threads had a core: what replicas cost each other in caches and memory, whoever else is about.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

#include "bench/cases.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "grok/base/threads.h"
#include "grok/train/trainer.h"

namespace grok::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds round_length{100};

struct Replica {
  ThreadPool pool{1};
  Trainer trainer;
  Replica(const RunSpec& spec, const TaskData& task) : trainer(spec, task, pool) {}
};

struct Throughput {
  double by_clock = 0, by_cpu = 0;  // steps per second, all replicas together
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Of the first `n` replicas.
Throughput throughput(std::vector<std::unique_ptr<Replica>>& replicas, std::size_t n) {
  std::atomic<std::size_t> n_ready{0};
  std::vector<Throughput> rates(n);
  const auto train = [&](std::size_t i) {
    // Nobody starts before all are there.
    for (n_ready.fetch_add(1); n_ready.load() < n;) std::this_thread::yield();
    const Clock::time_point begin = Clock::now();
    const double cpu_begin = thread_seconds();
    int n_steps = 0;
    Clock::duration passed{};
    while (passed < round_length) {
      replicas[i]->trainer.step();
      ++n_steps;
      passed = Clock::now() - begin;
    }
    rates[i] = {n_steps / std::chrono::duration<double>(passed).count(),
                n_steps / (thread_seconds() - cpu_begin)};
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < n; ++i) threads.emplace_back(train, i);
  }
  Throughput sum;
  for (const Throughput& rate : rates) {
    sum.by_clock += rate.by_clock;
    sum.by_cpu += rate.by_cpu;
  }
  return sum;
}

void add_rows(const Case& c, int n_rounds, Json& rows) {
  const TaskData task = tasks::data_of(spec_of(c).task);
  const auto n_jobs = static_cast<std::size_t>(std::max(2, n_cores()));
  std::vector<std::unique_ptr<Replica>> replicas;
  for (std::size_t i = 0; i < n_jobs; ++i)
    replicas.push_back(std::make_unique<Replica>(spec_of(c), task));
  throughput(replicas, n_jobs);  // warms caches and clocks
  const Neighbours neighbours;
  std::vector<double> rate_of_one, rate_of_all, scaling, cpu_scaling;
  for (int round = 0; round < n_rounds; ++round) {
    const Throughput one = throughput(replicas, 1);
    const Throughput all = throughput(replicas, n_jobs);
    rate_of_one.push_back(one.by_clock);
    rate_of_all.push_back(all.by_clock);
    scaling.push_back(all.by_clock / one.by_clock);
    cpu_scaling.push_back(all.by_cpu / one.by_cpu);
  }
  const auto add = [&](std::size_t jobs, const std::vector<double>& rates, double by_clock,
                       double by_cpu) {
    rows.push_back({{"name", c.name},
                    {"jobs", jobs},
                    {"steps_per_s", median(rates)},
                    {"scaling", by_clock},
                    {"cpu_scaling", by_cpu},
                    {"rounds", n_rounds},
                    {"noisy", is_scattered(rates) || neighbours.are_noisy()}});
  };
  add(1, rate_of_one, 1, 1);
  add(n_jobs, rate_of_all, median(scaling), median(cpu_scaling));
}

constexpr Column columns[] = {{"name", "name", 10},
                              {"jobs", "jobs", 6},
                              {"steps_per_s", "steps/s", 12, 1},
                              {"scaling", "scaling", 9, 2},
                              {"cpu_scaling", "by cpu", 8, 2},
                              {"noisy", "noisy", 7}};

int run(const Options& options) {
  Json rows = Json::array();
  for (const Case& c : cases())
    if (options.wants(c.name)) add_rows(c, options.n_rounds, rows);
  print(options, std::move(rows), columns);
  return 0;
}

}  // namespace
}  // namespace grok::bench

int main(int argc, char** argv) {
  const auto options = grok::bench::parse_options(argc, argv);
  return options ? grok::bench::run(*options) : 2;
}
