// The promise that a run gives the same bits under any compiler and on any processor with fused
// multiply-add, kept by one number for all kernels.

#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "grok/kernels/activations.h"
#include "grok/kernels/adamw.h"
#include "grok/kernels/attention.h"
#include "grok/kernels/combine.h"
#include "grok/kernels/cross_entropy.h"
#include "grok/kernels/dropout.h"
#include "grok/kernels/elementwise.h"
#include "grok/kernels/inner_products.h"
#include "grok/kernels/layer_norm.h"
#include "grok/kernels/lion.h"
#include "grok/kernels/margins.h"
#include "grok/kernels/math.h"
#include "grok/kernels/matmul.h"
#include "grok/kernels/mean_step.h"
#include "grok/kernels/mix_rows.h"
#include "grok/kernels/newton_schulz.h"
#include "grok/kernels/normal_noise.h"
#include "grok/kernels/rotary.h"
#include "grok/kernels/rows.h"
#include "grok/kernels/sgd.h"
#include "grok/kernels/softmax.h"
#include "grok/kernels/squared_error.h"
#include "grok/kernels/stablemax.h"
#include "grok/kernels/sum_squares.h"
#include "grok/kernels/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

/// FNV-1a over the bytes of arrays.
struct Digest {
  std::uint64_t value = 0xcbf29ce484222325u;
  template <class T>
  void add(std::span<const T> x) {
    for (const std::byte b : std::as_bytes(x))
      value = (value ^ static_cast<std::uint64_t>(b)) * 0x100000001b3u;
  }
  template <class T>
  void add(const std::vector<T>& x) {
    add(std::span<const T>(x));
  }
};

template <class T>
void add_product(Digest& digest, ThreadPool& pool) {
  const std::vector<T> a = random_numbers<T>(60 * 150, 1), b = random_numbers<T>(150 * 113, 2);
  std::vector<T> c(60 * 113);
  std::vector<std::byte> scratch(
      static_cast<std::size_t>(matmul_scratch_bytes<T>(113, 150, pool.n_threads())));
  matmul(MatmulOf<T>{.a = a.data(),
                     .lda = 150,
                     .b = b.data(),
                     .ldb = 113,
                     .c = c.data(),
                     .ldc = 113,
                     .m = 60,
                     .n = 113,
                     .k = 150,
                     .epilogue = Epilogue::bias_relu,
                     .bias = a.data()},
         scratch, pool);
  digest.add(c);
}

template <class T>
void add_functions(Digest& digest) {
  std::vector<T> x = random_numbers<T>(1000, 3);
  for (T& v : x) v *= 30;
  std::vector<T> y(x.size());
  vector_exp(x, y);
  digest.add(y);
  vector_log(y, y);
  digest.add(y);
  vector_tanh(x, y);
  digest.add(y);
}

void add_rows_kernels(Digest& digest, ThreadPool& pool) {
  const std::vector<float> x = random_numbers(300 * 57, 4), dy = random_numbers(300 * 57, 5);
  const std::vector<Token> indices = random_tokens(300, 20, 6);
  std::vector<float> y(x.size()), column_sums(57), table(20 * 57);
  for (const std::int64_t n : {3, 57}) {
    softmax_rows(x, n, y, pool);
    digest.add(y);
    softmax_rows_grad(x, dy, n, y, pool);
    digest.add(y);
  }
  layer_norm(x, 57, RowNorm{}, y, pool);
  digest.add(y);
  layer_norm_grad(x, dy, 57, RowNorm{}, y, pool);
  digest.add(y);
  sum_rows(x, column_sums, pool);
  digest.add(column_sums);
  scatter_add_rows(x, indices, 57, table, pool);
  digest.add(table);
  tanh_grad(x, dy, y, pool);
  digest.add(y);
}

void add_attention(Digest& digest, ThreadPool& pool) {
  const AttentionShape shape{10, 3, 5, 2, 19};
  const std::vector<float> q = random_numbers(10 * 3 * 2 * 19, 7),
                           k = random_numbers(10 * 5 * 2 * 19, 8);
  std::vector<float> scores(10 * 2 * 3 * 5), mixed(q.size()), back(k.size());
  attention_scores(shape, q, k, 0.3f, scores, pool);
  attention_mix(shape, scores, k, mixed, pool);
  attention_mix_transposed(shape, scores, q, back, pool);
  digest.add(scores);
  digest.add(mixed);
  digest.add(back);
}

void add_mix_rows(Digest& digest, ThreadPool& pool) {
  const MixRowsShape shape{40, 3, 2, 3, 12, 77};
  const std::vector<float> p = random_numbers(40 * 3 * 2 * 3, 11),
                           x = random_numbers(40 * 2 * 77, 12),
                           table = random_numbers(12 * 3 * 77, 13), bias = random_numbers(77, 14);
  const std::vector<Token> index = random_tokens(40 * 3, 12, 15);
  std::vector<float> mixed(x.size()), dots(p.size()), back(table.size());
  std::vector<std::byte> uses(static_cast<std::size_t>(mix_uses_bytes(shape)));
  list_mix_uses(shape, index, uses);
  std::vector<std::byte> packed(static_cast<std::size_t>(mix_table_bytes(shape)));
  mix_table_pack(shape, table, packed, pool);
  mix_rows(shape, p, packed, index, Epilogue::bias_relu, bias, mixed, pool);
  mix_rows_dots(shape, x, packed, index, dots, pool);
  mix_rows_transposed(shape, p, x, uses, back, pool);
  digest.add(mixed);
  digest.add(dots);
  digest.add(back);
}

template <class C>
void add_loss(Digest& digest, ConstFloats x, Tokens labels, Floats d_logits, ThreadPool& pool) {
  const Logits logits{x.data(), 100, 113, 113};
  std::vector<double> losses(100);
  cross_entropy(logits, labels, std::span<const C>(), losses, pool);
  const std::vector<double> total = {mean(losses)};
  digest.add(losses);
  digest.add(total);
  cross_entropy_grad(logits, labels, std::span<const C>(), losses, d_logits, pool);
  digest.add(ConstFloats(d_logits));
}

void add_training(Digest& digest, ThreadPool& pool) {
  std::vector<float> x = random_numbers(100 * 113, 9), d_logits(x.size());
  for (float& v : x) v *= 9;
  const std::vector<Token> labels = random_tokens(100, 113, 10);
  add_loss<float>(digest, x, labels, d_logits, pool);
  add_loss<double>(digest, x, labels, d_logits, pool);
  std::vector<float> m(x.size(), 0.5f), v(x.size(), 0.25f);
  adamw({.weight_decay = 1, .bias_correction1 = 0.1, .bias_correction2 = 0.02}, d_logits, x, m, v,
        pool);
  digest.add(x);
  digest.add(m);
  digest.add(v);
}

void add_first(Digest& digest, ThreadPool& pool) {
  add_product<float>(digest, pool);
  add_product<double>(digest, pool);
  add_functions<float>(digest);
  add_functions<double>(digest);
  add_rows_kernels(digest, pool);
  add_attention(digest, pool);
  add_mix_rows(digest, pool);
  add_training(digest, pool);
}

void add_activations(Digest& digest, ThreadPool& pool) {
  std::vector<float> x = random_numbers(3001, 16), y(x.size());
  for (float& v : x) v *= 9;
  const std::vector<float> dy = random_numbers(3001, 17);
  for (const auto value : {&gelu, &gelu_tanh, &silu}) {
    value(x, y, pool);
    digest.add(y);
  }
  for (const auto grad : {&gelu_grad, &gelu_tanh_grad, &silu_grad}) {
    grad(x, dy, y, pool);
    digest.add(y);
  }
}

void add_rms_norm(Digest& digest, ThreadPool& pool) {
  constexpr RowNorm norm{.eps = 1e-5f, .centre = Centre::zero};
  const std::vector<float> x = random_numbers(300 * 57, 18), dy = random_numbers(300 * 57, 19);
  std::vector<float> y(x.size());
  layer_norm(x, 57, norm, y, pool);
  digest.add(y);
  layer_norm_grad(x, dy, 57, norm, y, pool);
  digest.add(y);
}

void add_rotary(Digest& digest, ThreadPool& pool) {
  const RotaryShape shape{20, 7, 3, 40, 34};
  const std::vector<float> x = random_numbers(20 * 7 * 3 * 40, 20);
  std::vector<float> table(7 * 34), y(x.size());
  for (const Turn turn : {Turn::forth, Turn::back}) {
    rotary_table(shape, 10000, turn, table);
    rotate(shape, x, table, y, pool);
    digest.add(table);
    digest.add(y);
  }
}

void add_dropout(Digest& digest, ThreadPool& pool) {
  const std::vector<float> x = random_numbers(70'001, 21);
  std::vector<float> y(x.size());
  dropout({.rate = 0.2, .seed = 5, .stream = 1LL << 33, .step = 9}, x, y, pool);
  digest.add(y);
}

void add_squared_error(Digest& digest, ThreadPool& pool) {
  const std::vector<float> x = random_numbers(300 * 57, 22), targets = random_numbers(300 * 57, 23);
  const std::vector<Token> labels = random_tokens(300, 57, 24);
  std::vector<double> errors(300);
  std::vector<float> dx(x.size());
  squared_error(x, 57, labels, errors, pool);
  digest.add(errors);
  squared_error_grad(x, 57, labels, errors, dx, pool);
  digest.add(dx);
  squared_error(x, 57, targets, errors, pool);
  digest.add(errors);
  squared_error_grad(x, 57, targets, errors, dx, pool);
  digest.add(dx);
}

void add_sgd(Digest& digest, ThreadPool& pool) {
  for (const Momentum kind : {Momentum::classical, Momentum::nesterov}) {
    std::vector<float> w = random_numbers(3001, 25), v = random_numbers(3001, 26);
    const SgdStep step{.lr = 0.03, .momentum = 0.9, .weight_decay = 0.1, .kind = kind};
    sgd(step, random_numbers(3001, 27), w, v, pool);
    digest.add(w);
    digest.add(v);
  }
}

void add_optimizers(Digest& digest, ThreadPool& pool) {
  const std::vector<float> g = random_numbers(3001, 28), w0 = random_numbers(3001, 29);
  std::vector<float> w = random_numbers(3001, 30), m(w.size()), v(w.size()), out(w.size());
  for (const Decay decay : {Decay::decoupled, Decay::l2})
    for (const bool has_w0 : {false, true})
      adamw(
          {.weight_decay = 0.3, .decay = decay, .bias_correction1 = 0.1, .bias_correction2 = 0.02},
          g, w, m, v, has_w0 ? ConstFloats(w0) : ConstFloats(), pool);
  lion({.lr = 0.01, .weight_decay = 0.3}, g, w, m, pool);
  mean_step({.keep = 0.9, .take = 0.1, .own = 1, .of_mean = 2}, g, m, out, pool);
  digest.add(out);
  window_step(0.3, g, v, w, m, out, pool);
  digest.add(out);
  add_noise({.sigma = 0.3, .seed = 4, .stream = 5, .step = 6}, w, w, pool);
  const InnerProducts sums = inner_products(w, g, pool);
  combine(sums.ab, w, sums.aa, g, out, pool);
  digest.add(out);
  for (const MatrixStack& stack : {MatrixStack{1, 23, 41}, MatrixStack{3, 41, 23}}) {
    std::vector<float> x = random_numbers(stack.n_matrices * stack.rows * stack.columns, 31);
    std::vector<float> scratch(
        static_cast<std::size_t>(newton_schulz_scratch_floats(stack, pool.n_threads())));
    newton_schulz(stack, 5, x, x, scratch, pool);
    digest.add(x);
  }
  digest.add(w);
  digest.add(m);
  digest.add(v);
}

void add_losses(Digest& digest, ThreadPool& pool) {
  std::vector<float> x = random_numbers(300 * 57, 28), dx(x.size());
  for (float& v : x) v *= 9;
  const std::vector<Token> labels = random_tokens(300, 57, 29);
  std::vector<double> losses(300);
  const auto add = [&] {
    digest.add(losses);
    digest.add(dx);
  };
  for (const Arithmetic a : {Arithmetic::float32, Arithmetic::float64}) {
    stablemax(x, 57, labels, a, losses, pool);
    stablemax_grad(x, 57, labels, losses, a, dx, pool);
    add();
  }
  for (const Rivals rivals : {Rivals::nearest, Rivals::all}) {
    hinge(x, 57, labels, {.margin = 1.5, .rivals = rivals}, losses, pool);
    hinge_grad(x, 57, labels, losses, {.margin = 1.5, .rivals = rivals}, dx, pool);
    add();
  }
  label_margin(x, 57, labels, losses, pool);
  label_margin_grad(57, labels, losses, dx, pool);
  add();
  squared_error(x, 57, labels, losses, pool, LabelRow::centred);
  squared_error_grad(x, 57, labels, losses, dx, pool, LabelRow::centred);
  add();
  sum_squares_grad(x, losses[0], dx, pool);
  losses[0] = sum_of_squares(x, pool);
  add();
}

template <class T>
void add_column_of(Digest& digest, ThreadPool& pool) {
  const std::vector<T> a = random_numbers<T>(21 * 1100, 71), b = random_numbers<T>(1100, 72);
  std::vector<T> c(21);
  std::vector<std::byte> scratch(
      static_cast<std::size_t>(matmul_scratch_bytes<T>(1, 1100, pool.n_threads())));
  for (const std::int64_t k : {5, 1100}) {
    const MatmulOf<T> product{.a = a.data(),
                              .lda = 1100,
                              .b = b.data(),
                              .ldb = 1,
                              .c = c.data(),
                              .ldc = 1,
                              .m = 21,
                              .n = 1,
                              .k = k};
    matmul(product, scratch, pool);
    digest.add(c);
  }
}

void add_column(Digest& digest, ThreadPool& pool) {
  add_column_of<float>(digest, pool);
  add_column_of<double>(digest, pool);
}

/// Kernels that came together: a new one leaves the others' numbers as they are.
struct Group {
  const char* name;
  void (*add)(Digest&, ThreadPool&);
  std::uint64_t digest;
};

constexpr Group groups[] = {{"those of the first runs", &add_first, 8377548148311842515u},
                            {"activations", &add_activations, 3664696764035457018u},
                            {"RMSNorm", &add_rms_norm, 2866475353190995684u},
                            {"rotary", &add_rotary, 11939266777130957972u},
                            {"dropout", &add_dropout, 13689404034726064475u},
                            {"squared error", &add_squared_error, 6821396796023778272u},
                            {"SGD", &add_sgd, 5391038020932705663u},
                            {"optimizers and filters", &add_optimizers, 814237349020828614u},
                            {"further losses", &add_losses, 2689323433238464395u},
                            {"product of one column", &add_column, 1837673906722279679u}};

// A change of one of these numbers is a change of every run that uses the kernels: raise the plan
// version with it.
TEST(Bits, are_those_written_down_here) {
  for_each_target([](std::string_view target) {
    if (target == "portable") return;
    for (const Group& group : groups)
      for (const int n_threads : {1, 2, 4, 8}) {
        ThreadPool pool(n_threads);
        Digest digest;
        group.add(digest, pool);
        EXPECT_EQ(digest.value, group.digest) << group.name << ", " << n_threads << " threads";
      }
  });
}

}  // namespace
}  // namespace grok
