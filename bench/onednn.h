#pragma once
// oneDNN's matrix product as the bar for ours, where Debian's libdnnl-dev was there at build time.

#include <sched.h>
#include <string>

#include "grok/kernels/matmul.h"

namespace grok::bench::onednn {

/// "oneDNN 2.6.3"; empty where it is not built in.
std::string version();

/// While it lives, oneDNN uses so many threads, each on a core of its own, the calling thread among
/// them; afterwards that one may run anywhere again, for our own pool's sake.
class Turn {
 public:
  explicit Turn(int n_threads);
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  [[maybe_unused]] cpu_set_t before_;  // not where oneDNN is absent
};

/// C = A B or, where the addend is C, C + A B, on the threads of the turn.
void multiply(const MatmulOf<float>& product);

/// The same on the calling thread only.
void multiply_on_one_thread(const MatmulOf<float>& product);

}  // namespace grok::bench::onednn
