// Kernels against the machine's limits: GFLOP/s of matrix products beside the peak of fused
// multiply-adds and oneDNN's product, the ops of the canonical step beside a copy in memory, and
// the updates of optimizers beside both.
//
//   kernel_bench [--json] [--quick] [--rounds N] [--threads N[,N]] [--only TEXT]
//   GROKSCOPE_TARGET=avx2 kernel_bench
//
// Contestants are measured in turn, 9 rounds unless told; medians count. One thread is timed by
// its own processor time, so that what other processes take does not count; more by the wall. The
// operands of one row are used again and again: they lie in whichever cache holds them.

#include "bench/kernel_rows.h"
#include "grok/base/float_environment.h"

namespace grok::bench {

ThreadPool& Pools::of(int n_threads) {
  auto& pool = pools_[n_threads];
  if (pool == nullptr) pool = std::make_unique<ThreadPool>(n_threads);
  return *pool;
}

namespace {

constexpr Column product_columns[] = {
    {"name", "product", 18},
    {"m", "m", 7},
    {"k", "k", 6},
    {"n", "n", 6},
    {"transpose_a", "A^T", 5},
    {"transpose_b", "B^T", 5},
    {"threads", "threads", 9},
    {"us", "us", 10, 1},
    {"gflops", "GFLOP/s", 9, 1},
    {"peak_fraction", "% of peak", 11, 0, 100},
    {"onednn_gflops", "oneDNN", 9, 1},
    {"onednn_ratio", "ratio", 7, 2},
    {"noisy", "noisy", 7},
};
constexpr Column op_columns[] = {
    {"name", "op", 24},
    {"threads", "threads", 9},
    {"uses", "uses", 6},
    {"us", "us", 10, 1},
    {"gflops", "GFLOP/s", 9, 1},
    {"gb_per_s", "GB/s", 8, 1},
    {"copy_gb_per_s", "copy", 8, 1},
    {"copy_fraction", "% of copy", 11, 0, 100},
    {"noisy", "noisy", 7},
    {"call", "call", -1},
};

constexpr Column optimizer_columns[] = {
    {"name", "update", 26},
    {"threads", "threads", 9},
    {"us", "us", 10, 1},
    {"gb_per_s", "GB/s", 8, 1},
    {"copy_gb_per_s", "copy", 8, 1},
    {"flops", "MFLOP", 8, 1, 1e-6},
    {"bar_ratio", "of bytes + flops", 18, 2},
    {"noisy", "noisy", 7},
};

int run(const Options& options) {
  const FlushDenormals flush;
  Pools pools;
  Json products = Json::array(), ops = Json::array(), updates = Json::array();
  for (const int n : options.threads) add_ops(options, pools.of(n), ops);
  for (const int n : options.threads) add_optimizers(options, pools.of(n), updates);
  for (const int n : options.threads) add_products(options, pools.of(n), products);
  if (options.is_json) {
    for (Json* more : {&ops, &updates})
      for (Json& row : *more) products.push_back(std::move(row));
    print(options, std::move(products), {});
  } else {
    print(options, std::move(products), product_columns);
    print(options, std::move(ops), op_columns);
    print(options, std::move(updates), optimizer_columns);
  }
  return 0;
}

}  // namespace
}  // namespace grok::bench

int main(int argc, char** argv) {
  const auto options = grok::bench::parse_options(argc, argv);
  return options ? grok::bench::run(*options) : 2;
}
