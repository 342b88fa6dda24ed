#pragma once
// How first weights are drawn.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "grok/base/tensor.h"

namespace grok {

/// Draws one weight after another.
///
/// "torch": the stream of torch.manual_seed(seed), so the order of the calls matters, and `shape`
/// is that of the source's own tensor. "philox": our own stream "init.NAME", so no weight's draws
/// depend on another's.
class Initializer {
 public:
  Initializer(std::string_view rng, std::uint64_t seed);
  /// Normal numbers of mean 0 and standard deviation `std`.
  Tensor normal(const std::string& name, const Shape& shape, double std);
  /// Uniform in [-bound, bound), as torch.nn.init.uniform_.
  Tensor uniform(const std::string& name, const Shape& shape, double bound);

 private:
  using Fill = std::function<void(const std::string& name, Floats out)>;
  Fill fill_normal_, fill_uniform_;
};

/// The tensor with its axes in another order, as torch.permute.
Tensor permuted(const Tensor& in, std::span<const int> axes);

}  // namespace grok
