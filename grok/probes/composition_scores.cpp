#include <cmath>

#include "grok/models/products.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// How far a head reads what a head of an earlier layer has written: |A B| / (|A| |B|), lengths of
// Frobenius, 0 to 1. With W_OV = W_V W_O of the earlier head and rows as vectors, B stands for
//
//   q_composition  W_Q W_K^T of the later head: through its queries
//   k_composition  W_K W_Q^T: through its keys
//   v_composition  W_V W_O: through its values
//
// and A for the earlier W_OV. Each is [n_layers, n_heads, n_layers, n_heads], the later head first;
// 0 where that is not later, or a length is 0. Heads that have nothing to do with each other are
// not at 0, but near 1/sqrt(d_model). Norms between the heads are passed over.
//   source  Elhage et al. 2021, "A mathematical framework for transformer circuits"
namespace grok {
namespace {

using Square = std::vector<double>;  // [d_head, d_head]

// The sum over elements of (a x b)[i, j] x[i, j]; a and b are symmetric.
double quadratic(const Square& a, Doubles x, const Square& b, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double row = 0;  // (a x)[i, j]
      for (std::size_t k = 0; k < n; ++k) row += a[i * n + k] * x[k * n + j];
      double column = 0;  // (x b)[i, j]
      for (std::size_t k = 0; k < n; ++k) column += x[i * n + k] * b[j * n + k];
      sum += row * column;
    }
  return sum;
}

double length(double squares) { return std::sqrt(squares > 0 ? squares : squares * 0); }

// The weights of one layer, and what its heads' lengths need: grams, [d_head, d_head].
struct Layer {
  HeadWeights W_Q, W_K, W_V, W_O;
  std::vector<Square> Q, K, V, O;  // W^T W of what reads, W W^T of W_O; of each head

  Layer(const ProbeInput& input, std::int64_t i)
      : W_Q(of(input, i, "W_Q")),
        W_K(of(input, i, "W_K")),
        W_V(of(input, i, "W_V")),
        W_O(of(input, i, "W_O")) {
    for (std::int64_t h = 0; h < W_Q.n_heads(); ++h) {
      const auto gram = [&](const Matrix& m) { return product(m, m.transposed(), input.pool()); };
      Q.push_back(gram(W_Q.head(h).transposed()));
      K.push_back(gram(W_K.head(h).transposed()));
      V.push_back(gram(W_V.head(h).transposed()));
      O.push_back(gram(W_O.head(h)));
    }
  }

  static const Tensor& of(const ProbeInput& input, std::int64_t i, const char* name) {
    return input.weights().at("blocks." + std::to_string(i) + ".attn." + name);
  }
};

double dot(const Square& a, const Square& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// Heads of one layer against those of an earlier one, through one of the three ways in.
struct WayIn {
  const HeadWeights& reads;               // W_Q, W_K or W_V of the later layer
  const std::vector<Square>& own;         // its grams
  const std::vector<Square>& other_side;  // of what stands behind: W_K, W_Q or W_O
};

void compose(const Layer& earlier, const WayIn& later, std::span<double> scores, std::size_t stride,
             ThreadPool& pool) {
  const std::size_t n_heads = later.own.size();
  for (std::size_t h = 0; h < n_heads; ++h) {
    const Matrix reads = later.reads.head(static_cast<std::int64_t>(h));
    // What each earlier head writes, as this one reads it: [n_heads * d_head, d_head].
    const std::vector<double> all = product(earlier.W_O.all(), reads, pool);
    const auto n = static_cast<std::size_t>(reads.n_columns);
    const double own = length(dot(later.own[h], later.other_side[h]));
    for (std::size_t e = 0; e < n_heads; ++e) {
      const Doubles between = Doubles(all).subspan(e * n * n, n * n);
      const double together = length(quadratic(earlier.V[e], between, later.other_side[h], n));
      const double lengths = own * length(dot(earlier.V[e], earlier.O[e]));
      scores[h * stride + e] = lengths == 0 ? 0 : together / lengths;
    }
  }
}

void measure(const ProbeInput& input, Measurements& out) {
  const std::int64_t n_layers = n_blocks(input.task(), input.model());
  std::vector<Layer> layers;
  for (std::int64_t i = 0; i < n_layers; ++i) layers.emplace_back(input, i);
  const std::int64_t n_heads = layers[0].W_Q.n_heads();
  const auto stride = static_cast<std::size_t>(n_layers * n_heads);
  DoubleTensor q({n_layers, n_heads, n_layers, n_heads}), k = q, v = q;
  for (std::size_t later = 0; later < layers.size(); ++later)
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const Layer& b = layers[later];
      const std::size_t from = later * static_cast<std::size_t>(n_heads) * stride +
                               earlier * static_cast<std::size_t>(n_heads);
      const auto compose_into = [&](const WayIn& way, DoubleTensor& scores) {
        compose(layers[earlier], way, scores.span().subspan(from), stride, input.pool());
      };
      compose_into({b.W_Q, b.Q, b.K}, q);
      compose_into({b.W_K, b.K, b.Q}, k);
      compose_into({b.W_V, b.V, b.O}, v);
    }
  out.arrays.push_back({.name = "q_composition", .values = std::move(q)});
  out.arrays.push_back({.name = "k_composition", .values = std::move(k)});
  out.arrays.push_back({.name = "v_composition", .values = std::move(v)});
}

bool applies(const TaskData& task, const Params& model) {
  return has_attention(task, model) && n_blocks(task, model) > 1;
}

}  // namespace

const ProbeDef& probes::composition_scores() {
  static constexpr ProbeDef def{
      .name = "composition_scores",
      .meaning = "how far each head reads what the heads of earlier layers have written",
      .source = "Elhage et al. 2021, A mathematical framework for transformer circuits",
      .applies = applies,
      .measure = measure};
  return def;
}

}  // namespace grok
