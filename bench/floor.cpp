#include "bench/floor.h"

#include "bench/cases.h"

namespace grok::bench {

double floor_flops(const Case& c, double n) {
  const auto real = [](std::int64_t x) { return static_cast<double>(x); };
  const double p = real(c.p), heads = real(c.n_heads), all_heads = real(c.n_heads * c.d_head);
  const double d_model = real(c.d_model), d_mlp = real(c.d_mlp);
  const double rows = 2 * p + 1, width = d_mlp + p;
  const double products = 3 * n * d_mlp * p;
  const double mixing = 2 * 2 * n * heads * width;
  const double tables = 3 * (2 * rows * d_model * all_heads + all_heads * d_model * width +
                             rows * all_heads * width + d_mlp * d_model * p);
  return 2 * (products + mixing + tables);
}

}  // namespace grok::bench
