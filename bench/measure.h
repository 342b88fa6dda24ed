#pragma once
// How the benchmarks measure: contestants in turn, medians of rounds, and how much of the machine
// other processes took meanwhile.

#include <functional>
#include <span>
#include <sys/types.h>
#include <vector>

#include "grok/base/threads.h"

namespace grok::bench {

/// Milliseconds by the wall.
double wall_milliseconds(const std::function<void()>& work);

/// Milliseconds of the calling thread's own processor time: what work on one thread takes, without
/// what other processes take from it.
double cpu_milliseconds(const std::function<void()>& work);

/// Calls `work` once, for pages, caches and threads, and returns a contestant: milliseconds of one
/// call, over as many calls as fill about half a millisecond. On one thread by its own processor
/// time, on more by the wall.
std::function<double()> per_call(const ThreadPool& pool, std::function<void()> work);

/// The middle of the sorted values; the upper one of two. Of at least one value.
double median(std::vector<double> values);

/// True if a quarter of the values are more than a fifth above the median.
bool is_scattered(std::vector<double> values);

/// Calls every contestant once per round, in turn, so that a noisy neighbour meets all of them.
///   returns  what they answered: [contestant][round]
std::vector<std::vector<double>> alternate(int n_rounds,
                                           std::span<const std::function<double()>> contestants);

/// Processor time that processes other than this one and `ours_too` have taken since construction.
class Neighbours {
 public:
  explicit Neighbours(std::vector<pid_t> ours_too = {});
  /// Processors that they kept busy on average, 0 where /proc does not tell. Counted in ticks of
  /// 10 ms, so of use from a tenth of a second.
  double busy_cores() const;
  /// True from a twentieth of a processor.
  bool are_noisy() const { return busy_cores() > 0.05; }

 private:
  double foreign_seconds() const;

  std::vector<pid_t> ours_;
  double begin_wall_;
  double begin_foreign_;
};

}  // namespace grok::bench
