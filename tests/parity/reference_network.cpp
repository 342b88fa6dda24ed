#include "tests/parity/reference_network.h"

#include <cmath>
#include <cstddef>

namespace grok {
namespace {

using Vector = std::vector<double>;

std::size_t size(const Tensor& t, int axis) { return static_cast<std::size_t>(t.shape[axis]); }

// matrix [rows, columns] times x [columns]
Vector times(Doubles matrix, Doubles x) {
  Vector out(matrix.size() / x.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    for (std::size_t j = 0; j < x.size(); ++j) out[i] += matrix[i * x.size() + j] * x[j];
  return out;
}

Vector plus(Vector a, Doubles b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

double dot(Doubles a, Doubles b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// What one token at one position gives to attention.
struct Embedded {
  Vector x, q, k, v;
};

struct Network {
  explicit Network(const Weights& w)
      : w_q(widened(w.at("blocks.0.attn.W_Q"))),
        w_k(widened(w.at("blocks.0.attn.W_K"))),
        w_v(widened(w.at("blocks.0.attn.W_V"))),
        w_o(widened(w.at("blocks.0.attn.W_O"))),
        w_in(widened(w.at("blocks.0.mlp.W_in"))),
        b_in(widened(w.at("blocks.0.mlp.b_in"))),
        w_out(widened(w.at("blocks.0.mlp.W_out"))),
        b_out(widened(w.at("blocks.0.mlp.b_out"))),
        n_heads(size(w.at("blocks.0.attn.W_Q"), 0)),
        d_head(size(w.at("blocks.0.attn.W_Q"), 1)) {}

  Embedded embed(Doubles token, Doubles position) const {
    Vector x = plus(Vector(token.begin(), token.end()), position);
    return {x, times(w_q, x), times(w_k, x), times(w_v, x)};
  }

  // Attention of the last of three positions, all heads, without W_O.
  Vector attend(const Embedded* const at[3]) const {
    Vector z(n_heads * d_head);
    for (std::size_t h = 0; h < n_heads; ++h) {
      const auto part = [&](const Vector& v) { return Doubles(v).subspan(h * d_head, d_head); };
      double weight[3], total = 0;
      for (int s = 0; s < 3; ++s) {
        const double score = dot(part(at[2]->q), part(at[s]->k));
        total += weight[s] = std::exp(score / std::sqrt(static_cast<double>(d_head)));
      }
      for (int s = 0; s < 3; ++s)
        for (std::size_t e = 0; e < d_head; ++e)
          z[h * d_head + e] += weight[s] / total * at[s]->v[h * d_head + e];
    }
    return z;
  }

  Vector w_q, w_k, w_v, w_o, w_in, b_in, w_out, b_out;
  std::size_t n_heads, d_head;
};

}  // namespace

Vector widened(const Tensor& tensor) { return {tensor.data.begin(), tensor.data.end()}; }

Vector columns_as_rows(const Tensor& matrix, int n_columns) {
  Vector out;
  for (std::size_t c = 0; c < static_cast<std::size_t>(n_columns); ++c)
    for (std::size_t r = 0; r < size(matrix, 0); ++r)
      out.push_back(static_cast<double>(matrix.data[r * size(matrix, 1) + c]));
  return out;
}

ReferenceOutputs run_reference_network(const Weights& weights, int p) {
  const Network net(weights);
  const Vector tokens = columns_as_rows(weights.at("embed.W_E"), p + 1);
  const Vector positions = widened(weights.at("pos_embed.W_pos"));
  const Vector unembed = columns_as_rows(weights.at("unembed.W_U"), p);
  const std::size_t d = size(weights.at("embed.W_E"), 0), n = static_cast<std::size_t>(p);
  const auto embedded = [&](std::size_t token, std::size_t position) {
    return net.embed(Doubles(tokens).subspan(token * d, d),
                     Doubles(positions).subspan(position * d, d));
  };
  std::vector<Embedded> first, second;
  for (std::size_t t = 0; t < n; ++t) {
    first.push_back(embedded(t, 0));
    second.push_back(embedded(t, 1));
  }
  const Embedded equals = embedded(n, 2);
  ReferenceOutputs out;
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < n; ++b) {
      const Embedded* const at[3] = {&first[a], &second[b], &equals};
      const Vector mid = plus(equals.x, times(net.w_o, net.attend(at)));
      Vector acts = plus(times(net.w_in, mid), net.b_in);
      for (double& x : acts) x = x > 0 ? x : 0;
      const Vector post = plus(plus(mid, times(net.w_out, acts)), net.b_out);
      const Vector logits = times(unembed, post);
      out.logits.insert(out.logits.end(), logits.begin(), logits.end());
      for (const double x : acts) out.activations.push_back(static_cast<float>(x));
    }
  return out;
}

}  // namespace grok
