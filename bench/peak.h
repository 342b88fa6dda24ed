#pragma once
// The machine's limit for fused multiply-adds, measured in the same run as what is compared to it.

#include "grok/base/threads.h"

namespace grok::bench {

/// GFLOP/s (two per fused multiply-add) in float32 on the active target, all of the pool's threads
/// at once: the best of `n_tries` tries of about a millisecond each, so that one clean slice
/// suffices.
double measured_peak_gflops(ThreadPool& pool, int n_tries = 10);

}  // namespace grok::bench
