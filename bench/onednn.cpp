#include "bench/onednn.h"

#ifdef GROK_BENCH_ONEDNN

#include <dnnl.h>
#include <omp.h>

namespace grok::bench::onednn {

std::string version() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

Turn::Turn(int n_threads) {
  sched_getaffinity(0, sizeof before_, &before_);
  omp_set_num_threads(n_threads);
  // Left alone, Linux tends to wake the helper on its caller's core.
#pragma omp parallel
  {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(omp_get_thread_num()), &one);
    sched_setaffinity(0, sizeof one, &one);
  }
}

Turn::~Turn() { sched_setaffinity(0, sizeof before_, &before_); }

void multiply(const MatmulOf<float>& p) {
  dnnl_sgemm(p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N', p.m, p.n, p.k, 1, p.a, p.lda,
             p.b, p.ldb, p.addend ? 1.0f : 0.0f, p.c, p.ldc);
}

void multiply_on_one_thread(const MatmulOf<float>& product) {
  omp_set_num_threads(1);  // of this thread only
  multiply(product);
}

}  // namespace grok::bench::onednn

#else

namespace grok::bench::onednn {
std::string version() { return ""; }
Turn::Turn(int) : before_{} {}
Turn::~Turn() = default;
void multiply(const MatmulOf<float>&) {}
void multiply_on_one_thread(const MatmulOf<float>&) {}
}  // namespace grok::bench::onednn

#endif
