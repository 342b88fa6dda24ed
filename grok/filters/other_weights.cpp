#include "grok/filters/other_weights.h"

#include <algorithm>

namespace grok {

void keep_weights(const FilterCall& call) noexcept {
  float* to = call.scratch.data();
  for (const auto& [name, tensor] : call.weights)
    to = std::copy(tensor.data.begin(), tensor.data.end(), to);
}

void take_gradients_and_return(const FilterCall& call) noexcept {
  call.surface();
  for (std::size_t i = 0; i < call.out.size(); ++i)
    std::copy(call.surface.gradients[i].begin(), call.surface.gradients[i].end(),
              call.out[i].begin());
  const float* from = call.scratch.data();
  for (auto& [name, tensor] : call.weights) {
    std::copy_n(from, tensor.data.size(), tensor.data.begin());
    from += tensor.data.size();
  }
}

}  // namespace grok
