#pragma once
// The rows of kernel_bench, in three files: products against the peak, the step's ops against the
// bandwidth, and optimizers against both.

#include <map>
#include <memory>

#include "bench/report.h"
#include "grok/base/threads.h"

namespace grok::bench {

/// One pool per number of threads, made on first use.
class Pools {
 public:
  ThreadPool& of(int n_threads);

 private:
  std::map<int, std::unique_ptr<ThreadPool>> pools_;
};

/// Matrix products of the shapes of training steps: GFLOP/s, share of the peak measured in the same
/// rounds, and oneDNN's GFLOP/s in turn with ours (null where it is not installed).
void add_products(const Options& options, ThreadPool& pool, Json& rows);

/// Every op of the canonical compiled step, as often as it differs: time, GB/s of what it reads and
/// writes, beside a copy of as many bytes in the same rounds.
void add_ops(const Options& options, ThreadPool& pool, Json& rows);

/// The update of every optimizer of the catalogue on the canonical network's weights, and every
/// filter before the plainest of them: time, beside a copy of as many bytes and the time that its
/// operations take at the peak.
void add_optimizers(const Options& options, ThreadPool& pool, Json& rows);

}  // namespace grok::bench
