#pragma once
// The one-layer transformer of the published runs, written in plain loops in double: the slow and
// obvious forward pass that golden values are measured with.

#include <vector>

#include "grok/base/tensor.h"

namespace grok {

struct ReferenceOutputs {
  std::vector<double> logits;      // [p * p, p], no column for '='
  std::vector<float> activations;  // [p * p, d_mlp] after ReLU, at '='
};

/// All p * p inputs [a, b, '='], read at '='. Layouts of the published files: W_E [d_model, p + 1],
/// W_pos [3, d_model], W_Q, W_K, W_V [heads, d_head, d_model], W_O [d_model, heads * d_head],
/// W_in [d_mlp, d_model], W_out [d_model, d_mlp], W_U [d_model, p + 1].
ReferenceOutputs run_reference_network(const Weights& weights, int p);

/// A matrix of `weights`, as doubles.
std::vector<double> widened(const Tensor& tensor);

/// The first n_columns columns of a matrix, as rows: [rows, columns] to [n_columns, rows].
std::vector<double> columns_as_rows(const Tensor& matrix, int n_columns);

}  // namespace grok
