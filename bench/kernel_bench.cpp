// Kernels against the machine's limit: GFLOP/s of matrix products beside the peak of fused
// multiply-adds measured in the same run, and nanoseconds per element of the rest.
//
//   kernel_bench                                   everything, at one and two threads
//   kernel_bench --benchmark_filter='matmul|onednn'
//   GROKSCOPE_TARGET=avx2 kernel_bench
//
// Figures are of the tenth percentile of repetitions: on a shared machine the slower ones measure
// the neighbours, and the very fastest the clock.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sched.h>
#include <string>
#include <time.h>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/peak.h"
#include "grok/base/float_environment.h"
#include "grok/base/tensor.h"
#include "grok/kernels/adamw.h"
#include "grok/kernels/attention.h"
#include "grok/kernels/cross_entropy.h"
#include "grok/kernels/elementwise.h"
#include "grok/kernels/matmul.h"
#include "grok/kernels/rows.h"
#include "grok/kernels/softmax.h"
#include "grok/kernels/target.h"

#ifdef GROK_BENCH_ONEDNN
#include <dnnl.h>
extern "C" void omp_set_num_threads(int);
#endif

namespace grok::bench {
namespace {

/// Each thread on a core of its own: some schedulers leave a woken helper on its waker's core.
void pin(ThreadPool& pool) {
  std::atomic<int> n_arrived{0};
  pool.for_chunks(pool.n_threads(), [&](std::int64_t chunk) noexcept {
    n_arrived.fetch_add(1);
    while (n_arrived.load() < pool.n_threads()) sched_yield();  // so that each thread takes one
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(chunk), &set);
    sched_setaffinity(0, sizeof set, &set);
  });
}

ThreadPool& pool_of(int n_threads) {
  static std::map<int, std::unique_ptr<ThreadPool>> pools;
  auto& pool = pools[n_threads];
  if (pool == nullptr) {
    pool = std::make_unique<ThreadPool>(n_threads);
    pin(*pool);
  }
  return *pool;
}

std::vector<float> filled(std::int64_t n) {
  std::vector<float> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 101) * 0.01f - 0.5f;
  return x;
}

double now(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Seconds that f takes: of this thread's own processor time if it works alone, so that time given
/// to other processes does not count; by the wall otherwise.
double seconds_of(int n_threads, const std::function<void()>& f) {
  const clockid_t clock = n_threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  const double begin = now(clock);
  f();
  return now(clock) - begin;
}

/// The tenth percentile of the times of f over the benchmark's repetitions.
double typical_seconds(benchmark::State& state, int n_threads, const std::function<void()>& f) {
  std::vector<double> times;
  f();  // pages, caches, threads
  for (auto _ : state) times.push_back(seconds_of(n_threads, f));
  const auto tenth = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 10);
  std::nth_element(times.begin(), tenth, times.end());
  return *tenth;
}

/// Times f, which does `flops` operations, and sets it against the peak measured before and after.
void measure_product(benchmark::State& state, ThreadPool& pool, double flops,
                     const std::function<void()>& f) {
  double peak = measured_peak_gflops(pool, 5);
  const double took = typical_seconds(state, pool.n_threads(), f);
  peak = std::max(peak, measured_peak_gflops(pool, 5));
  state.counters["GFLOP/s"] = flops / took * 1e-9;
  state.counters["of_peak"] = flops / took * 1e-9 / peak;
  state.counters["ms"] = took * 1e3;
}

/// The shapes of training steps: the canonical one (p = 113, d_model 128, d_mlp 512, 3,830
/// examples), the whole table of inputs (12,769), a small model, and square ones.
struct Product {
  const char* name;
  std::int64_t m, k, n;
  bool transpose_a, transpose_b;
};
constexpr Product products[] = {
    {"logits", 3830, 512, 113, false, false},     {"hidden", 3830, 128, 512, false, false},
    {"d_unembed", 512, 3830, 113, true, false},   {"d_hidden", 3830, 113, 512, false, true},
    {"d_resid", 3830, 512, 128, false, true},     {"logits_114", 3830, 512, 114, false, false},
    {"all_pairs", 12769, 512, 113, false, false}, {"tables", 227, 128, 128, false, false},
    {"small", 317, 32, 64, false, false},         {"square", 1024, 1024, 1024, false, false},
};

struct Operands {
  std::vector<float> a, b, c;
  MatmulOf<float> product;
  explicit Operands(const Product& p)
      : a(filled(p.m * p.k)), b(filled(p.k * p.n)), c(filled(p.m * p.n)) {
    product = {.a = a.data(),
               .lda = p.transpose_a ? p.m : p.k,
               .transpose_a = p.transpose_a,
               .b = b.data(),
               .ldb = p.transpose_b ? p.k : p.n,
               .transpose_b = p.transpose_b,
               .c = c.data(),
               .ldc = p.n,
               .m = p.m,
               .n = p.n,
               .k = p.k};
  }
};

double flops_of(const Product& p) { return 2.0 * static_cast<double>(p.m * p.k * p.n); }

void ours(benchmark::State& state, const Product& p, int n_threads) {
  Operands x(p);
  ThreadPool& pool = pool_of(n_threads);
  std::vector<std::byte> scratch(
      static_cast<std::size_t>(matmul_scratch_bytes<float>(p.n, p.k, n_threads)));
  measure_product(state, pool, flops_of(p), [&] { matmul(x.product, scratch, pool); });
}

#ifdef GROK_BENCH_ONEDNN
void onednn(benchmark::State& state, const Product& p, int n_threads) {
  Operands x(p);
  omp_set_num_threads(n_threads);
  // libgomp's threads must not inherit our pinning to one core.
  cpu_set_t all, before;
  sched_getaffinity(0, sizeof before, &before);
  CPU_ZERO(&all);
  for (std::size_t i = 0; i < static_cast<std::size_t>(n_threads); ++i) CPU_SET(i, &all);
  sched_setaffinity(0, sizeof all, &all);
  measure_product(state, pool_of(n_threads), flops_of(p), [&] {
    dnnl_sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', p.m, p.n, p.k, 1, x.product.a,
               x.product.lda, x.product.b, x.product.ldb, 0, x.product.c, p.n);
  });
  sched_setaffinity(0, sizeof before, &before);
}
#endif

/// Kernels bound by memory or by exp: time, and nanoseconds per element.
void measure_elements(benchmark::State& state, const ThreadPool& pool, double n_elements,
                      const std::function<void()>& f) {
  const double took = typical_seconds(state, pool.n_threads(), f);
  state.counters["ns/element"] = took / n_elements * 1e9;
  state.counters["ms"] = took * 1e3;
}

constexpr std::int64_t n_examples = 3830, n_classes = 113, d_mlp = 512;

void register_elements(int n_threads) {
  const std::string suffix = "/threads:" + std::to_string(n_threads);
  const auto add_one = [&](const char* name, std::int64_t n, auto make) {
    benchmark::RegisterBenchmark((name + suffix).c_str(), [=](benchmark::State& state) {
      ThreadPool& pool = pool_of(n_threads);
      measure_elements(state, pool, static_cast<double>(n), make(pool));
    });
  };
  static std::vector<float> x = filled(n_examples * d_mlp), y = x, z = x;
  static std::vector<float> w(300'000), m(w), v(w);
  static std::vector<Token> tokens(n_examples), labels(n_examples, 5);
  for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<Token>(i * 7 % 113);
  const AttentionShape attention{n_examples, 3, 3, 4, 32};
  constexpr std::int64_t n_hidden = n_examples * d_mlp, n_logits = n_examples * n_classes;
  constexpr std::int64_t n_scores = n_examples * 4 * 9, n_resid = n_examples * 3 * 128;
  const auto first = [](std::vector<float>& all, std::int64_t n) {
    return Floats(all).subspan(0, static_cast<std::size_t>(n));
  };
  add_one("relu_grad", n_hidden, [](ThreadPool& p) { return [&] { relu_grad(x, y, z, p); }; });
  add_one("add", n_hidden, [](ThreadPool& p) { return [&] { grok::add(x, y, z, p); }; });
  add_one("sum_rows", n_hidden,
          [=](ThreadPool& p) { return [&p, first] { sum_rows(x, first(z, d_mlp), p); }; });
  add_one("gather_rows", n_hidden,
          [](ThreadPool& p) { return [&] { gather_rows(x, tokens, d_mlp, z, p); }; });
  add_one("scatter_add_rows", n_hidden, [=](ThreadPool& p) {
    return [&p, first] { scatter_add_rows(x, tokens, d_mlp, first(z, 113 * d_mlp), p); };
  });
  add_one("softmax_rows_of_3", n_scores, [=](ThreadPool& p) {
    return [&p, first] { softmax_rows(first(x, n_scores), 3, first(z, n_scores), p); };
  });
  add_one("softmax_rows_of_113", n_logits, [=](ThreadPool& p) {
    return [&p, first] { softmax_rows(first(x, n_logits), 113, first(z, n_logits), p); };
  });
  add_one("attention_scores", n_scores, [=](ThreadPool& p) {
    return [&p, first, attention] {
      attention_scores(attention, first(x, n_resid), first(y, n_resid), 0.2f, first(z, n_scores),
                       p);
    };
  });
  add_one("attention_mix", n_resid, [=](ThreadPool& p) {
    return [&p, first, attention] {
      attention_mix(attention, first(x, n_scores), first(y, n_resid), first(z, n_resid), p);
    };
  });
  add_one("cross_entropy_grad", n_logits, [](ThreadPool& p) {
    return [&] {
      const LogitsOf<float> logits{x.data(), n_examples, n_classes, n_classes};
      cross_entropy_grad(logits, labels, 1e-3, z.data(), n_classes, p);
    };
  });
  add_one("adamw", static_cast<std::int64_t>(w.size()), [](ThreadPool& p) {
    return [&] { adamw({}, Floats(x).subspan(0, w.size()), w, m, v, p); };
  });
}

void register_products(int n_threads) {
  for (const Product& p : products) {
    const std::string shape = std::to_string(p.m) + "x" + std::to_string(p.k) + "x" +
                              std::to_string(p.n) + (p.transpose_a ? "/At" : "") +
                              (p.transpose_b ? "/Bt" : "") +
                              "/threads:" + std::to_string(n_threads);
    benchmark::RegisterBenchmark((std::string("matmul/") + p.name + "/" + shape).c_str(),
                                 [p, n_threads](benchmark::State& s) { ours(s, p, n_threads); });
#ifdef GROK_BENCH_ONEDNN
    benchmark::RegisterBenchmark((std::string("onednn/") + p.name + "/" + shape).c_str(),
                                 [p, n_threads](benchmark::State& s) { onednn(s, p, n_threads); });
#endif
  }
}

std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

}  // namespace
}  // namespace grok::bench

int main(int argc, char** argv) {
  using namespace grok::bench;
  const grok::FlushDenormals flush;
  benchmark::AddCustomContext("processor", processor());
  benchmark::AddCustomContext("compiler", __VERSION__);
  benchmark::AddCustomContext("target", std::string(grok::active_target()));
  const int n_cores = grok::n_cores();  // before this thread is pinned to one of them
  for (const int n_threads : {1, 2}) {
    if (n_threads > n_cores) break;
    benchmark::AddCustomContext("peak_gflops_" + std::to_string(n_threads) + "_threads",
                                std::to_string(measured_peak_gflops(pool_of(n_threads), 20)));
    register_products(n_threads);
    register_elements(n_threads);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
