#include "grok/probes/head_circuits.h"

#include "grok/models/products.h"
#include "grok/probes/parts.h"

namespace grok {
namespace {

Matrix matrix_of(const std::vector<double>& values, const Tensor& W) {
  return {values, W.shape[0], W.shape[1]};
}

// The eigenvalues of left_h middle right_h for each head h of each layer, where `middle` stands
// between what a head writes and what it reads, or between two that it reads.
template <class Left, class Right>
CircuitEigenvalues of_all_heads(const ProbeInput& input, const std::vector<double>& middle,
                                Left left, Right right) {
  CircuitEigenvalues out;
  out.n_layers = n_blocks(input.task(), input.model());
  std::vector<std::vector<double>> squares;
  for (std::int64_t layer = 0; layer < out.n_layers; ++layer) {
    const std::string at = "blocks." + std::to_string(layer) + ".attn.";
    const HeadWeights first(input.weights().at(at + left.name));
    const HeadWeights last(input.weights().at(at + right.name));
    out.n_heads = first.n_heads();
    for (std::int64_t h = 0; h < out.n_heads; ++h) {
      const Matrix a = left.turn(first.head(h)), b = right.turn(last.head(h));
      out.d_head = a.n_rows;
      const auto half = product(a, {middle, a.n_columns, b.n_rows}, input.pool());
      squares.push_back(product({half, a.n_rows, b.n_rows}, b, input.pool()));
    }
  }
  out.of_head.resize(squares.size());
  input.pool().for_chunks(static_cast<std::int64_t>(squares.size()), [&](std::int64_t i) noexcept {
    const auto head = static_cast<std::size_t>(i);
    out.of_head[head] = eigenvalues(squares[head], static_cast<int>(out.d_head));
  });
  return out;
}

struct AsItIs {
  const char* name;
  Matrix turn(const Matrix& m) const { return m; }
};
struct Transposed {
  const char* name;
  Matrix turn(const Matrix& m) const { return m.transposed(); }
};

}  // namespace

bool has_qk_circuit(const TaskData& task, const Params& model) {
  return has_attention(task, model) && has_weight(task, model, "embed.W_E");
}

bool has_ov_circuit(const TaskData& task, const Params& model) {
  return has_qk_circuit(task, model) && task.d_vocab == task.d_vocab_out;
}

CircuitEigenvalues qk_eigenvalues(const ProbeInput& input) {
  const Tensor& W_E = input.weights().at("embed.W_E");
  const std::vector<double> values = widened(W_E.span());
  const Matrix embedding = matrix_of(values, W_E);
  const auto gram = product(embedding.transposed(), embedding, input.pool());
  return of_all_heads(input, gram, Transposed{"W_K"}, AsItIs{"W_Q"});
}

CircuitEigenvalues ov_eigenvalues(const ProbeInput& input) {
  const Tensor& W_E = input.weights().at("embed.W_E");
  const Tensor* const W_U = input.weights().find("unembed.W_U");
  const std::vector<double> embed = widened(W_E.span());
  const std::vector<double> unembed = W_U ? widened(W_U->span()) : std::vector<double>();
  const Matrix embedding = matrix_of(embed, W_E);
  const Matrix unembedding = W_U ? matrix_of(unembed, *W_U) : embedding.transposed();
  const auto from_logits_to_tokens = product(unembedding, embedding, input.pool());
  return of_all_heads(input, from_logits_to_tokens, AsItIs{"W_O"}, AsItIs{"W_V"});
}

}  // namespace grok
