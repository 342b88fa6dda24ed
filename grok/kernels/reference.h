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
#include "grok/kernels/mix_rows.h"
#include "grok/kernels/sgd.h"

namespace grok::reference {

/// The [m, n] result, rows n apart; `product.c` is not looked at, unless it is the addend.
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

/// An empty bias is none.
std::vector<double> mix_rows(const MixRowsShape& shape, ConstFloats p, ConstFloats table,
                             Tokens index, ConstFloats bias, bool relu);
std::vector<double> mix_rows_dots(const MixRowsShape& shape, ConstFloats x, ConstFloats table,
                                  Tokens index);
std::vector<double> mix_rows_transposed(const MixRowsShape& shape, ConstFloats p, ConstFloats x,
                                        Tokens index);

/// The loss of each row, in long double inside.
std::vector<double> cross_entropy(const Logits& logits, Tokens labels);
/// [rows, n_classes]
std::vector<double> cross_entropy_grad(const Logits& logits, Tokens labels, Doubles d_losses);

struct AdamWState {
  std::vector<double> w, m, v;
};
void adamw(const AdamWStep& step, ConstFloats g, AdamWState& state);

struct SgdState {
  std::vector<double> w, v;
};
void sgd(const SgdStep& step, ConstFloats g, SgdState& state);

}  // namespace grok::reference
