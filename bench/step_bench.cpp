// The training step: milliseconds, FLOPs executed, share of the machine's peak, distance from the
// floor, and PyTorch's same step side by side in the same run.
//
//   step_bench [--json] [--rounds N] [--only NAME]
//
// A round measures ours and PyTorch's in turn, so that a noisy neighbour meets both; a row gives
// the medians of all rounds (9 unless told) and says when they scattered. PyTorch runs as a peer
// process (bench/peers/torch_step.py) where python3-torch is installed; else its columns are null.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

#include "bench/peak.h"
#include "bench/peer.h"
#include "grok/kernels/target.h"
#include "grok/plan/pass.h"
#include "grok/train/trainer.h"
#include "tests/support/small_spec.h"

namespace grok::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Case {
  const char* name;
  std::int64_t p;
  double fraction;
  std::int64_t d_model, n_heads, d_head, d_mlp;
  double floor_gflop;  // 0: not derived
};

// The canonical step and the small models of the design's table of floors. 1.67 GFLOP is what the
// canonical step needs after linear folding (docs/step_program.md).
constexpr Case cases[] = {
    {"canonical", 113, 0.3, 128, 4, 32, 512, 1.67},
    {"p59_d64", 59, 0.3, 64, 4, 16, 128, 0},
    {"p59_d32", 59, 0.3, 32, 4, 8, 64, 0},
    {"p23_d32", 23, 0.6, 32, 4, 8, 64, 0},
};

RunSpec spec_of(const Case& c) {
  RunSpec spec = small_spec();
  const Params seed{{"seed", std::int64_t{0}}};
  spec.task = named("modular_addition", tasks::modular_addition().schema(),
                    {{"p", c.p}, {"train_fraction", c.fraction}}, seed);
  spec.model = named(
      "transformer", models::transformer().schema(),
      {{"d_model", c.d_model}, {"n_heads", c.n_heads}, {"d_head", c.d_head}, {"d_mlp", c.d_mlp}},
      seed);
  return spec;
}

double milliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

// True if a quarter of the rounds took more than a fifth longer than the median.
bool is_noisy(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() * 3 / 4] > 1.2 * x[x.size() / 2];
}

// The loss of the test split, alone: what the original evaluates after every step.
std::unique_ptr<Program> test_program(const RunSpec& spec, const TaskData& task,
                                      const Weights& weights, int n_threads) {
  TaskData held_out = task;
  held_out.train = task.test;
  auto program = std::make_unique<Program>(optimize(loss_graph(spec, held_out)), n_threads);
  for (const auto& [name, tensor] : weights) program->bind(name, tensor.span());
  return program;
}

std::optional<Peer> torch_peer(const Case& c, int threads) {
  const auto text = [](auto x) {
    char buffer[32];
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr);
  };
  return Peer::start({"/usr/bin/python3", GROKSCOPE_PEERS "/torch_step.py", text(c.p),
                      text(c.fraction), text(c.d_model), text(c.n_heads), text(c.d_head),
                      text(c.d_mlp), text(threads)});
}

Json row_of(const Case& c, int threads, int n_rounds) {
  const RunSpec spec = spec_of(c);
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(threads);
  Trainer trainer(spec, task, pool);
  const auto test = test_program(spec, task, trainer.weights(), threads);
  std::optional<Peer> torch = torch_peer(c, threads);

  // As many steps per round as fill about 50 ms.
  for (int i = 0; i < 3; ++i) trainer.step();
  const double once = milliseconds([&] { trainer.step(); });
  const int n_steps = std::clamp(static_cast<int>(50 / once), 1, 200);
  std::vector<double> ours, ours_test, peak, theirs, theirs_test;
  if (torch) torch->ask("test");
  for (int round = 0; round < n_rounds; ++round) {
    peak.push_back(measured_peak_gflops(pool));
    ours.push_back(milliseconds([&] {
                     for (int i = 0; i < n_steps; ++i) trainer.step();
                   }) /
                   n_steps);
    ours_test.push_back(milliseconds([&] {
                          for (int i = 0; i < n_steps; ++i) {
                            trainer.step();
                            test->run(pool);
                          }
                        }) /
                        n_steps);
    if (!torch) continue;
    theirs.push_back(torch->ask("step").value_or(0));
    theirs_test.push_back(torch->ask("test").value_or(0));
    // Its threads spin for a while after their work; the next round is ours.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }

  const double flops = cost_of(trainer.program().graph()).flops;
  const double ms = median(ours);
  const double peak_gflops = *std::max_element(peak.begin(), peak.end());
  Json row;
  row["name"] = c.name;
  row["threads"] = threads;
  row["ms"] = ms;
  row["with_test_ms"] = median(ours_test);
  row["flops"] = flops;
  row["gflops"] = flops / ms * 1e-6;
  row["peak_gflops"] = peak_gflops;
  row["peak_fraction"] = flops / ms * 1e-6 / peak_gflops;
  row["floor_ratio"] = c.floor_gflop > 0 ? Json(ms / (c.floor_gflop / peak_gflops * 1e3)) : Json();
  row["torch_ms"] = torch ? Json(median(theirs)) : Json();
  row["torch_ratio"] = torch ? Json(median(theirs) / ms) : Json();
  row["torch_with_test_ratio"] = torch ? Json(median(theirs_test) / median(ours_test)) : Json();
  row["noisy"] = is_noisy(ours) || (torch && is_noisy(theirs));
  row["peer"] = torch ? Json(torch->name()) : Json();
  return row;
}

void print_table(const Json& rows) {
  std::printf("%-10s %7s %9s %9s %8s %6s %6s %9s %7s %9s\n", "name", "threads", "ms", "with test",
              "GFLOP/s", "peak", "floor", "torch ms", "ratio", "with test");
  const auto number = [](const Json& x, const char* format) {
    char buffer[32] = "-";
    if (x.is_number()) std::snprintf(buffer, sizeof buffer, format, x.get<double>());
    return std::string(buffer);
  };
  for (const Json& r : rows)
    std::printf("%-10s %7d %9.3f %9.3f %8.1f %5.0f%% %6s %9s %7s %9s%s\n",
                r["name"].get<std::string>().c_str(), r["threads"].get<int>(),
                r["ms"].get<double>(), r["with_test_ms"].get<double>(), r["gflops"].get<double>(),
                100 * r["peak_fraction"].get<double>(), number(r["floor_ratio"], "%.2f").c_str(),
                number(r["torch_ms"], "%.2f").c_str(), number(r["torch_ratio"], "%.1f").c_str(),
                number(r["torch_with_test_ratio"], "%.1f").c_str(),
                r["noisy"].get<bool>() ? "  (noisy)" : "");
  if (!rows.empty() && rows[0]["peer"].is_string())
    std::printf("peer: %s\n", rows[0]["peer"].get<std::string>().c_str());
  std::printf("ours: target %s, compiler %s\n", std::string(active_target()).c_str(), __VERSION__);
}

int run(int argc, char** argv) {
  bool as_json = false;
  int n_rounds = 9;
  const char* only = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (!std::strcmp(argv[i], "--json"))
      as_json = true;
    else if (!std::strcmp(argv[i], "--rounds") && i + 1 < argc)
      n_rounds = std::max(1, std::atoi(argv[++i]));
    else if (!std::strcmp(argv[i], "--only") && i + 1 < argc)
      only = argv[++i];
    else
      return std::fprintf(stderr, "usage: step_bench [--json] [--rounds N] [--only NAME]\n"), 2;
  }
  Json rows = Json::array();
  for (const Case& c : cases)
    for (const int threads : {1, 2})
      if (!only || !std::strcmp(only, c.name)) rows.push_back(row_of(c, threads, n_rounds));
  if (as_json)
    std::printf("%s\n", rows.dump(2).c_str());
  else
    print_table(rows);
  return 0;
}

}  // namespace
}  // namespace grok::bench

int main(int argc, char** argv) { return grok::bench::run(argc, argv); }
