#pragma once
// Products of weight matrices in double, for probes that read circuits off the weights.

#include <cstdint>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// A row-major matrix that somebody else owns, or its transpose.
struct Matrix {
  Doubles values;
  std::int64_t n_rows = 0, n_columns = 0;
  bool is_transposed = false;

  Matrix transposed() const { return {values, n_columns, n_rows, !is_transposed}; }
};

/// Float weights as doubles.
std::vector<double> widened(ConstFloats x);

/// a b, [a.n_rows, b.n_columns]; the same bits for any number of threads.
std::vector<double> product(const Matrix& a, const Matrix& b, ThreadPool& pool);

/// One head's part of W_Q, W_K, W_V [n_heads, d_model, d_head] or of W_O [n_heads, d_head,
/// d_model], in double: all of them one after another.
class HeadWeights {
 public:
  explicit HeadWeights(const Tensor& W)
      : values_(widened(W.span())), n_rows_(W.shape[1]), n_columns_(W.shape[2]) {}

  Matrix head(std::int64_t h) const {
    const auto size = static_cast<std::size_t>(n_rows_ * n_columns_);
    return {Doubles(values_).subspan(static_cast<std::size_t>(h) * size, size), n_rows_,
            n_columns_};
  }
  std::int64_t n_heads() const {
    return static_cast<std::int64_t>(values_.size()) / (n_rows_ * n_columns_);
  }
  /// All heads' rows, one head below the other.
  Matrix all() const { return {values_, n_heads() * n_rows_, n_columns_}; }

 private:
  std::vector<double> values_;
  std::int64_t n_rows_, n_columns_;
};

}  // namespace grok
