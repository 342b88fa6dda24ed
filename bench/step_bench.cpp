// The training step: milliseconds, FLOPs executed, share of the machine's peak, distance from the
// floor, and PyTorch's same step side by side in the same run. First the sizes of modular addition
// (kind "size"), then at least one case of every other task (kind "task").
//
//   step_bench [--json] [--quick] [--rounds N] [--threads N[,N]] [--only NAME]
//   step_bench --write FOLDER    only writes the cases as PyTorch reads them
//
// A round measures ours and PyTorch's in turn, so that a noisy neighbour meets both; a row gives
// the medians of all rounds (9 unless told) and says when they scattered or when other processes
// were at work. PyTorch runs as a peer process where python3-torch is installed, in the environment
// that suits it best (bench/torch_peer.h); else, and with --quick, its columns are null. Where a
// step trains on some examples at a time, drawing them counts for neither side: both take batches
// that are there already. What ours take to draw stands in `draw_ms`. A floor is known of modular
// addition alone.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "bench/cases.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "bench/peak.h"
#include "bench/report.h"
#include "bench/step_case.h"
#include "bench/torch_peer.h"
#include "grok/plan/pass.h"
#include "grok/train/trainer.h"
#include "tests/support/temporary_directory.h"

namespace grok::bench {
namespace {

namespace fs = std::filesystem;

// The loss of the test split, alone: what the original evaluates after every step.
std::unique_ptr<Program> test_program(const RunSpec& spec, const TaskData& task,
                                      const Weights& weights, int n_threads) {
  TaskData held_out = task;
  held_out.train = task.test;
  auto program =
      std::make_unique<Program>(optimize(loss_graph(full_batch(spec), held_out)), n_threads);
  for (const auto& [name, tensor] : weights) program->bind(name, tensor.span());
  return program;
}

// What each round measured.
struct Rounds {
  std::vector<double> peak, ours, ours_test, theirs, theirs_test;
  bool is_noisy = false;
};

Rounds measure(Trainer& trainer, Program& test, ThreadPool& pool, Peer* torch, int n_rounds) {
  // As many steps per round as fill about 50 ms.
  for (int i = 0; i < 3; ++i) trainer.step();
  const double once = wall_milliseconds([&] { trainer.step(); });
  const int n_steps = std::clamp(static_cast<int>(50 / once), 1, 200);
  const auto clock = pool.n_threads() == 1 ? cpu_milliseconds : wall_milliseconds;
  const auto ours = [&](bool with_test) {
    return clock([&] {
             for (int i = 0; i < n_steps; ++i) {
               trainer.step();
               if (with_test) test.run(pool);
             }
           }) /
           n_steps;
  };
  // As many of theirs, so that the median of a round's steps stands against our mean.
  const auto theirs = [&](const char* command) {
    std::vector<double> times;
    double sum = 0;
    while (times.size() < 3 || sum < 50) {
      times.push_back(torch->ask(command).value_or(0));
      sum += std::max(times.back(), 0.1);
    }
    return median(times);
  };
  std::vector<std::function<double()>> contestants{[&] { return measured_peak_gflops(pool); },
                                                   [&] { return ours(false); },
                                                   [&] { return ours(true); }};
  if (torch) {
    torch->ask("test");
    contestants.push_back([&] { return theirs("step"); });
    contestants.push_back([&] {
      const double took = theirs("test");
      // Its threads may spin for a while after their work; the next round is ours.
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      return took;
    });
  }
  const Neighbours neighbours(torch ? std::vector<pid_t>{torch->pid()} : std::vector<pid_t>{});
  auto found = alternate(n_rounds, contestants);
  found.resize(5);
  Rounds out{found[0], found[1], found[2], found[3], found[4], neighbours.are_noisy()};
  out.is_noisy |= is_scattered(out.ours) || (torch && is_scattered(out.theirs));
  return out;
}

// What is measured: a size of modular addition, whose floor is known, or a case of another task.
struct Subject {
  StepCase step;
  const Case* size = nullptr;

  const char* kind() const { return size ? "size" : "task"; }
};

Json row_of(const Subject& subject, int threads, int n_rounds, std::optional<Peer> torch,
            const std::string& settings) {
  const auto& [name, spec, task, batches, draw_ms] = subject.step;
  ThreadPool pool(threads);
  Trainer trainer(spec, task, pool);
  const auto test = test_program(spec, task, trainer.weights(), threads);
  const Rounds rounds = measure(trainer, *test, pool, torch ? &*torch : nullptr, n_rounds);

  const double flops = cost_of(trainer.program().graph()).flops;
  const double ms = median(rounds.ours);
  const double with_test_ms = median(rounds.ours_test);
  const double peak = median(rounds.peak);  // the clock changes; the median of both is fair
  const double floor =
      subject.size ? floor_flops(*subject.size, static_cast<double>(task.train.size())) : 0;
  const auto of_floor = [&](double x) { return subject.size ? Json(x) : Json(); };
  const auto of_torch = [&](auto f) { return torch ? Json(f()) : Json(); };
  return {{"kind", subject.kind()},
          {"name", name},
          {"task", spec.task.text("name")},
          {"threads", threads},
          {"ms", ms},
          {"with_test_ms", with_test_ms},
          {"draw_ms", draw_ms},
          {"flops", flops},
          {"gflops", flops / ms * 1e-6},
          {"peak_gflops", peak},
          {"peak_fraction", flops / ms * 1e-6 / peak},
          {"floor_flops", of_floor(floor)},
          {"floor_ms", of_floor(floor / peak * 1e-6)},
          {"floor_ratio", of_floor(ms / (floor / peak * 1e-6))},
          {"torch_ms", of_torch([&] { return median(rounds.theirs); })},
          {"torch_with_test_ms", of_torch([&] { return median(rounds.theirs_test); })},
          {"torch_ratio", of_torch([&] { return median(rounds.theirs) / ms; })},
          {"torch_with_test_ratio",
           of_torch([&] { return median(rounds.theirs_test) / with_test_ms; })},
          {"rounds", n_rounds},
          {"noisy", rounds.is_noisy},
          {"peer", of_torch([&] { return torch->name(); })},
          {"peer_settings", of_torch([&] { return settings; })}};
}

constexpr Column columns[] = {
    {"name", "name", 25},
    {"threads", "threads", 8},
    {"ms", "ms", 9, 3},
    {"with_test_ms", "with test", 11, 3},
    {"gflops", "GFLOP/s", 9, 1},
    {"peak_fraction", "% of peak", 11, 0, 100},
    {"floor_ratio", "floors", 8, 2},
    {"torch_ms", "torch ms", 10, 2},
    {"torch_ratio", "ratio", 8, 1},
    {"torch_with_test_ratio", "with test", 11, 1},
    {"noisy", "noisy", 7},
};

std::vector<Subject> sizes(const Options& options) {
  std::vector<Subject> out;
  for (const Case& c : cases())
    if (options.wants(c.name)) out.push_back({step_case(c.name, spec_of(c)), &c});
  return out;
}

std::vector<Subject> others(const Options& options) {
  std::vector<Subject> out;
  for (const TaskCase& c : task_cases())
    if (options.wants(c.name)) out.push_back({step_case(c.name, spec_of(c))});
  return out;
}

// As the peer reads them.
std::vector<fs::path> write_all(std::span<const Subject> subjects, const fs::path& folder) {
  std::vector<fs::path> out;
  for (const Subject& subject : subjects) {
    out.push_back(folder / (subject.step.name + ".safetensors"));
    write_for_peer(subject.step, out.back());
  }
  return out;
}

// The rows of one kind, for each number of threads.
Json rows_of(std::span<const Subject> subjects, const Options& options) {
  Json rows = Json::array();
  if (subjects.empty()) return rows;
  const TemporaryDirectory folder;
  const std::vector<fs::path> files = write_all(subjects, folder.path());
  for (const int threads : options.threads) {
    std::vector<std::string> found;
    if (!options.is_quick) found = find_torch_settings(files, threads);
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      const std::string settings = found.empty() ? "" : found[i];
      auto torch = found.empty() ? std::nullopt : start_torch(files[i], threads, settings);
      rows.push_back(row_of(subjects[i], threads, options.n_rounds, std::move(torch), settings));
    }
  }
  return rows;
}

void print_peers(const Json& rows) {
  for (const Json& row : rows)
    if (row["peer"].is_string())
      std::printf("torch for %s at %d: %s; %s\n", row["name"].get<std::string>().c_str(),
                  row["threads"].get<int>(), row["peer"].get<std::string>().c_str(),
                  row["peer_settings"].get<std::string>().c_str());
}

int run(const Options& options) {
  Json of_sizes = rows_of(sizes(options), options);
  Json of_tasks = rows_of(others(options), options);
  if (options.is_json) {
    for (Json& row : of_tasks) of_sizes.push_back(std::move(row));
    print(options, std::move(of_sizes), columns);
    return 0;
  }
  print(options, of_sizes, columns);
  print_peers(of_sizes);
  if (!of_sizes.empty() && !of_tasks.empty()) std::printf("\nThe other tasks\n");
  print(options, of_tasks, columns);
  print_peers(of_tasks);
  return 0;
}

int write(const fs::path& folder) {
  fs::create_directories(folder);
  write_all(sizes({}), folder);
  write_all(others({}), folder);
  return 0;
}

}  // namespace
}  // namespace grok::bench

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--write") return grok::bench::write(argv[2]);
  const auto options = grok::bench::parse_options(argc, argv);
  return options ? grok::bench::run(*options) : 2;
}
