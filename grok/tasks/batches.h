#pragma once
// The examples of one step, where a step trains on some of them at a time.

#include <cstdint>
#include <functional>
#include <memory>

#include "grok/base/tensor.h"

namespace grok {

struct Examples {
  TokenTensor tokens;     // [n, n_ctx]
  TokenTensor labels;     // [n, n_answers]
  TokenTensor positions;  // [n, n_answers], or no numbers: as TaskData::positions
  friend bool operator==(const Examples&, const Examples&) = default;
};

/// Room for `n` examples.
Examples room_for(std::int64_t n, int n_ctx, int n_answers, bool has_positions);

/// Examples step by step. What a step sees is a function of the step alone, so that any step can be
/// had again; asking in order is cheapest.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  /// Writes the examples of `step` into `out`, which has room for them. Allocates nothing.
  virtual void fill(std::int64_t step, Examples& out) = 0;
};

/// A source of batches of `n` examples.
using MakeBatches = std::function<std::unique_ptr<BatchSource>(std::int64_t n)>;

}  // namespace grok
