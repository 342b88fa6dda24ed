#pragma once
// Each kernel again as plain loops in double: what the fast ones are tested against, and what to
// read to learn what they compute. Same layouts; results in double, nothing vectorized, no threads.

#include <cstdint>
#include <span>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/kernels/adamw.h"
#include "grok/kernels/attention.h"
#include "grok/kernels/cross_entropy.h"
#include "grok/kernels/matmul.h"

namespace grok::reference {

/// The [m, n] result, rows n apart; reads `product.c` where the product accumulates.
template <class T>
std::vector<double> matmul(const MatmulOf<T>& product);

std::vector<double> sum_rows(ConstFloats x, std::int64_t n);
std::vector<double> scatter_add_rows(ConstFloats grad, Tokens indices, std::int64_t n,
                                     std::int64_t n_rows);

std::vector<double> softmax_rows(ConstFloats x, std::int64_t n);
std::vector<double> softmax_rows_grad(ConstFloats y, ConstFloats dy, std::int64_t n);

std::vector<double> attention_scores(const AttentionShape& shape, ConstFloats q, ConstFloats k,
                                     double scale);
std::vector<double> attention_mix(const AttentionShape& shape, ConstFloats p, ConstFloats v);
std::vector<double> attention_mix_transposed(const AttentionShape& shape, ConstFloats p,
                                             ConstFloats x);

/// The loss of each row, in long double inside.
template <class T>
std::vector<double> cross_entropy(const LogitsOf<T>& logits, Tokens labels);
/// [rows, n_classes]
template <class T>
std::vector<double> cross_entropy_grad(const LogitsOf<T>& logits, Tokens labels, double scale);

struct AdamWState {
  std::vector<double> w, m, v;
};
void adamw(const AdamWStep& step, ConstFloats g, AdamWState& state);

}  // namespace grok::reference
