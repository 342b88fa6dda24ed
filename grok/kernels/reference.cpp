#include "grok/kernels/reference.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace grok::reference {
namespace {
std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
}  // namespace

template <class T>
std::vector<double> matmul(const MatmulOf<T>& p) {
  std::vector<double> c(at(p.m * p.n));
  for (std::int64_t i = 0; i < p.m; ++i)
    for (std::int64_t j = 0; j < p.n; ++j) {
      double sum = p.addend ? static_cast<double>(p.addend[i * p.ld_addend + j]) : 0;
      for (std::int64_t k = 0; k < p.k; ++k)
        sum += static_cast<double>(p.transpose_a ? p.a[k * p.lda + i] : p.a[i * p.lda + k]) *
               static_cast<double>(p.transpose_b ? p.b[j * p.ldb + k] : p.b[k * p.ldb + j]);
      if (p.epilogue != Epilogue::none) sum += static_cast<double>(p.bias[j]);
      if (p.epilogue == Epilogue::bias_relu && sum < 0) sum = 0;
      if (p.gate && !(p.gate[i * p.ld_gate + j] > 0)) sum = 0;
      c[at(i * p.n + j)] = sum;
    }
  return c;
}
template std::vector<double> matmul(const MatmulOf<float>&);
template std::vector<double> matmul(const MatmulOf<double>&);

std::vector<double> sum_rows(ConstFloats x, std::int64_t n) {
  std::vector<double> sum(at(n));
  for (std::size_t i = 0; i < x.size(); ++i) sum[i % at(n)] += static_cast<double>(x[i]);
  return sum;
}

std::vector<double> scatter_add_rows(ConstFloats grad, Tokens indices, std::int64_t n,
                                     std::int64_t n_rows) {
  std::vector<double> out(at(n_rows * n));
  for (std::size_t i = 0; i < indices.size(); ++i)
    for (std::size_t j = 0; j < at(n); ++j)
      out[at(indices[i]) * at(n) + j] += static_cast<double>(grad[i * at(n) + j]);
  return out;
}

std::vector<double> softmax_rows(ConstFloats x, std::int64_t n) {
  std::vector<double> y(x.size());
  for (std::size_t row = 0; row < x.size(); row += at(n)) {
    double largest = static_cast<double>(x[row]);
    for (std::size_t j = 1; j < at(n); ++j)
      largest = std::max(largest, static_cast<double>(x[row + j]));
    double sum = 0;
    for (std::size_t j = 0; j < at(n); ++j)
      sum += y[row + j] = std::exp(static_cast<double>(x[row + j]) - largest);
    for (std::size_t j = 0; j < at(n); ++j) y[row + j] /= sum;
  }
  return y;
}

std::vector<double> softmax_rows_grad(ConstFloats y, ConstFloats dy, std::int64_t n) {
  std::vector<double> dx(y.size());
  for (std::size_t row = 0; row < y.size(); row += at(n)) {
    double dot = 0;
    for (std::size_t j = row; j < row + at(n); ++j)
      dot += static_cast<double>(y[j]) * static_cast<double>(dy[j]);
    for (std::size_t j = row; j < row + at(n); ++j)
      dx[j] = static_cast<double>(y[j]) * (static_cast<double>(dy[j]) - dot);
  }
  return dx;
}

namespace {
/// Where [b, pos, h, c] lies in an array of `n_pos` positions, and [b, h, i, j] among the scores.
struct Index {
  const AttentionShape& s;
  std::size_t position(std::int64_t b, std::int64_t pos, std::int64_t h, std::int64_t c,
                       std::int64_t n_pos) const {
    return at(((b * n_pos + pos) * s.n_heads + h) * s.d_head + c);
  }
  std::size_t score(std::int64_t b, std::int64_t h, std::int64_t i, std::int64_t j) const {
    return at(((b * s.n_heads + h) * s.n_queries + i) * s.n_keys + j);
  }
};

/// Calls f(b, h, i, j, c) for every combination.
template <class F>
void for_all(const AttentionShape& s, F&& f) {
  for (std::int64_t b = 0; b < s.batch; ++b)
    for (std::int64_t h = 0; h < s.n_heads; ++h)
      for (std::int64_t i = 0; i < s.n_queries; ++i)
        for (std::int64_t j = 0; j < s.n_keys; ++j)
          for (std::int64_t c = 0; c < s.d_head; ++c) f(b, h, i, j, c);
}
}  // namespace

std::vector<double> attention_scores(const AttentionShape& s, ConstFloats q, ConstFloats k,
                                     double scale) {
  const Index index{s};
  std::vector<double> out(at(s.batch * s.n_heads * s.n_queries * s.n_keys));
  for_all(s, [&](auto b, auto h, auto i, auto j, auto c) {
    out[index.score(b, h, i, j)] +=
        scale * static_cast<double>(q[index.position(b, i, h, c, s.n_queries)]) *
        static_cast<double>(k[index.position(b, j, h, c, s.n_keys)]);
  });
  return out;
}

std::vector<double> attention_mix(const AttentionShape& s, ConstFloats p, ConstFloats v) {
  const Index index{s};
  std::vector<double> out(at(s.batch * s.n_queries * s.n_heads * s.d_head));
  for_all(s, [&](auto b, auto h, auto i, auto j, auto c) {
    out[index.position(b, i, h, c, s.n_queries)] +=
        static_cast<double>(p[index.score(b, h, i, j)]) *
        static_cast<double>(v[index.position(b, j, h, c, s.n_keys)]);
  });
  return out;
}

std::vector<double> attention_mix_transposed(const AttentionShape& s, ConstFloats p,
                                             ConstFloats x) {
  const Index index{s};
  std::vector<double> out(at(s.batch * s.n_keys * s.n_heads * s.d_head));
  for_all(s, [&](auto b, auto h, auto i, auto j, auto c) {
    out[index.position(b, j, h, c, s.n_keys)] +=
        static_cast<double>(p[index.score(b, h, i, j)]) *
        static_cast<double>(x[index.position(b, i, h, c, s.n_queries)]);
  });
  return out;
}

namespace {
/// Calls f(at in p, at in x or the mix, at in the table) for every multiply-add.
template <class F>
void for_all(const MixRowsShape& s, Tokens index, F&& f) {
  std::size_t in_p = 0;
  for (std::int64_t b = 0; b < s.batch; ++b)
    for (std::int64_t h = 0; h < s.n_heads; ++h)
      for (std::int64_t q = 0; q < s.n_queries; ++q)
        for (std::int64_t k = 0; k < s.n_keys; ++k, ++in_p)
          for (std::int64_t c = 0; c < s.width; ++c)
            f(in_p, at((b * s.n_queries + q) * s.width + c),
              at((index[at(b * s.n_keys + k)] * s.n_heads + h) * s.width + c));
}
}  // namespace

std::vector<double> mix_rows(const MixRowsShape& s, ConstFloats p, ConstFloats table, Tokens index,
                             ConstFloats bias, bool relu) {
  std::vector<double> out(at(s.batch * s.n_queries * s.width));
  for_all(s, index, [&](auto in_p, auto in_out, auto in_table) {
    out[in_out] += static_cast<double>(p[in_p]) * static_cast<double>(table[in_table]);
  });
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!bias.empty()) out[i] += static_cast<double>(bias[i % bias.size()]);
    if (relu) out[i] = std::max(out[i], 0.0);
  }
  return out;
}

std::vector<double> mix_rows_dots(const MixRowsShape& s, ConstFloats x, ConstFloats table,
                                  Tokens index) {
  std::vector<double> out(at(s.batch * s.n_heads * s.n_queries * s.n_keys));
  for_all(s, index, [&](auto in_p, auto in_x, auto in_table) {
    out[in_p] += static_cast<double>(x[in_x]) * static_cast<double>(table[in_table]);
  });
  return out;
}

std::vector<double> mix_rows_transposed(const MixRowsShape& s, ConstFloats p, ConstFloats x,
                                        Tokens index) {
  std::vector<double> out(at(s.n_rows * s.n_heads * s.width));
  for_all(s, index, [&](auto in_p, auto in_x, auto in_table) {
    out[in_table] += static_cast<double>(p[in_p]) * static_cast<double>(x[in_x]);
  });
  return out;
}

namespace {
/// sum over classes other than the label of exp(logit - logit of the label)
long double odds_against(const float* x, std::int64_t n, std::int64_t label) {
  long double sum = 0;
  for (std::int64_t j = 0; j < n; ++j)
    if (j != label)
      sum += std::exp(static_cast<long double>(x[j]) - static_cast<long double>(x[label]));
  return sum;
}
}  // namespace

std::vector<double> cross_entropy(const Logits& logits, Tokens labels) {
  std::vector<double> loss;
  for (std::int64_t row = 0; row < logits.rows; ++row) {
    const float* x = logits.data + row * logits.ld;
    loss.push_back(
        static_cast<double>(std::log1p(odds_against(x, logits.n_classes, labels[at(row)]))));
  }
  return loss;
}

std::vector<double> cross_entropy_grad(const Logits& logits, Tokens labels, Doubles d_losses) {
  std::vector<double> grad;
  for (std::int64_t row = 0; row < logits.rows; ++row) {
    const float* x = logits.data + row * logits.ld;
    const std::int64_t label = labels[at(row)];
    const long double odds = odds_against(x, logits.n_classes, label);
    for (std::int64_t j = 0; j < logits.n_classes; ++j) {
      const long double relative =
          j == label
              ? -odds
              : std::exp(static_cast<long double>(x[j]) - static_cast<long double>(x[label]));
      grad.push_back(static_cast<double>(relative / (1 + odds)) * d_losses[at(row)]);
    }
  }
  return grad;
}

void adamw(const AdamWStep& s, ConstFloats g, AdamWState& state) {
  for (std::size_t i = 0; i < g.size(); ++i) {
    const auto gi = static_cast<double>(g[i]);
    state.w[i] *= 1 - s.lr * s.weight_decay;
    state.m[i] = s.beta1 * state.m[i] + (1 - s.beta1) * gi;
    state.v[i] = s.beta2 * state.v[i] + (1 - s.beta2) * gi * gi;
    const double root = std::sqrt(state.v[i] / s.bias_correction2) + s.eps;
    state.w[i] -= s.lr * (state.m[i] / s.bias_correction1) / root;
  }
}

void sgd(const SgdStep& s, ConstFloats g, SgdState& state) {
  for (std::size_t i = 0; i < g.size(); ++i) {
    double change = static_cast<double>(g[i]) + s.weight_decay * state.w[i];
    if (s.momentum != 0) {
      state.v[i] = s.momentum * state.v[i] + change;
      change = s.kind == Momentum::nesterov ? change + s.momentum * state.v[i] : state.v[i];
    }
    state.w[i] -= s.lr * change;
  }
}

}  // namespace grok::reference
