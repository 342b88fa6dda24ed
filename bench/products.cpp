#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "bench/kernel_rows.h"
#include "bench/measure.h"
#include "bench/onednn.h"
#include "bench/peak.h"
#include "grok/kernels/matmul.h"

namespace grok::bench {
namespace {

// Who shares out the work: the product its rows among all threads, or the plan its blocks of
// examples, so that each thread has products of its own that lie in its second cache.
enum class Kind { whole, block, block_sum };

struct Shape {
  const char* name;
  std::int64_t m, k, n;
  bool transpose_a = false, transpose_b = false;
  Kind kind = Kind::whole;
};

// The canonical step (p = 113, d_model 128, d_mlp 512, 3,830 examples) as blocks of 96 examples,
// whole, and in its tables; the small models' (317 and 1,044 examples); the whole table of inputs;
// a square.
constexpr Shape shapes[] = {
    {"block_logits", 96, 512, 113, false, false, Kind::block},
    {"block_d_hidden", 96, 113, 512, false, true, Kind::block},
    {"block_d_table", 512, 96, 113, true, false, Kind::block_sum},
    {"logits", 3830, 512, 113},
    {"d_hidden", 3830, 113, 512, false, true},
    {"d_table", 512, 3830, 113, true, false},
    {"hidden", 3830, 128, 512},
    {"d_resid", 3830, 512, 128, false, true},
    {"rows_to_mlp", 227, 128, 512},
    {"head_to_mlp", 227, 32, 512},
    {"rows_to_heads", 227, 128, 128},
    {"fold_out", 512, 128, 113},
    {"p59_d64_logits", 1044, 128, 59},
    {"p59_d64_d_hidden", 1044, 59, 128, false, true},
    {"p59_d64_d_table", 128, 1044, 59, true, false},
    {"p59_d32_logits", 1044, 64, 59},
    {"p23_logits", 317, 64, 23},
    {"p23_d_table", 64, 317, 23, true, false},
    {"all_pairs", 12769, 512, 113},
    {"square", 1024, 1024, 1024},
};

std::vector<float> filled(std::int64_t n) {
  std::vector<float> x(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 101) * 0.01f - 0.5f;
  return x;
}

struct Operands {
  std::vector<float> a, b, c;
  MatmulOf<float> product;
  explicit Operands(const Shape& s)
      : a(filled(s.m * s.k)), b(filled(s.k * s.n)), c(filled(s.m * s.n)) {
    product = {.a = a.data(),
               .lda = s.transpose_a ? s.m : s.k,
               .transpose_a = s.transpose_a,
               .b = b.data(),
               .ldb = s.transpose_b ? s.k : s.n,
               .transpose_b = s.transpose_b,
               .c = c.data(),
               .ldc = s.n,
               .m = s.m,
               .n = s.n,
               .k = s.k};
    if (s.kind == Kind::block_sum) {
      product.addend = c.data();
      product.ld_addend = s.n;
      // A sum that goes on for thousands of calls must not become infinite.
      std::fill(a.begin(), a.end(), 0.0f);
    }
  }
};

// One shape, set up for ours and for oneDNN: each computes it once per thread, or once in all.
class Contest {
 public:
  Contest(const Shape& shape, ThreadPool& pool) : shape_(shape), pool_(pool) {
    const int n = shape.kind == Kind::whole ? 1 : pool.n_threads();
    for (int i = 0; i < n; ++i) operands_.emplace_back(shape);
    packed_.resize(usize(matmul_packed_bytes<float>(shape.n, shape.k)));
    matmul_pack(operands_[0].product, packed_, pool);
    const auto bytes = std::max(matmul_scratch_bytes<float>(shape.n, shape.k, pool.n_threads()),
                                matmul_packed_bytes<float>(shape.n, shape.k));
    scratch_.resize(operands_.size(), std::vector<std::byte>(usize(bytes)));
  }

  double flops() const {
    return 2.0 * static_cast<double>(shape_.m * shape_.k * shape_.n) *
           static_cast<double>(operands_.size());
  }

  void ours() {
    if (shape_.kind == Kind::whole) return matmul(operands_[0].product, scratch_[0], pool_);
    pool_.for_chunks(pool_.n_threads(), [&](std::int64_t i) noexcept {
      const MatmulOf<float>& product = operands_[usize(i)].product;
      // What is summed over blocks has a new B in each; the others' B is packed once per step.
      if (shape_.kind == Kind::block_sum)
        matmul_serial(product, scratch_[usize(i)]);
      else
        matmul_prepacked(product, packed_);
    });
  }

  void theirs() {
    if (shape_.kind == Kind::whole) return onednn::multiply(operands_[0].product);
    pool_.for_chunks(pool_.n_threads(), [&](std::int64_t i) noexcept {
      onednn::multiply_on_one_thread(operands_[usize(i)].product);
    });
  }

 private:
  static std::size_t usize(std::int64_t n) { return static_cast<std::size_t>(n); }

  const Shape& shape_;
  ThreadPool& pool_;
  std::vector<Operands> operands_;
  std::vector<std::byte> packed_;
  std::vector<std::vector<std::byte>> scratch_;
};

double turn_of_onednn(const Shape& shape, const ThreadPool& pool,
                      const std::function<double()>& theirs) {
  if (shape.kind != Kind::whole) return theirs();  // our pool's threads each call it
  double took = 0;
  {
    const onednn::Turn turn(pool.n_threads());
    took = theirs();
  }
  // libgomp's threads spin for a while.
  if (pool.n_threads() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return took;
}

Json row_of(const Shape& shape, ThreadPool& pool, const Options& options) {
  const std::string version = options.is_quick ? "" : onednn::version();
  Contest contest(shape, pool);
  std::vector<std::function<double()>> contestants{
      [&] { return measured_peak_gflops(pool, 1); },
      per_call(pool, [&] { contest.ours(); }),
  };
  std::function<double()> theirs;
  if (!version.empty()) {
    theirs = per_call(pool, [&] { contest.theirs(); });
    contestants.push_back([&] { return turn_of_onednn(shape, pool, theirs); });
  }
  const Neighbours neighbours;
  const auto found = alternate(options.n_rounds, contestants);
  const double peak = *std::max_element(found[0].begin(), found[0].end());
  const double gflops = contest.flops() / median(found[1]) * 1e-6;
  const Json onednn_gflops =
      version.empty() ? Json() : Json(contest.flops() / median(found[2]) * 1e-6);
  return {{"kind", "product"},
          {"name", shape.name},
          {"m", shape.m},
          {"k", shape.k},
          {"n", shape.n},
          {"transpose_a", shape.transpose_a},
          {"transpose_b", shape.transpose_b},
          {"threads", pool.n_threads()},
          {"us", median(found[1]) * 1e3},
          {"gflops", gflops},
          {"peak_gflops", peak},
          {"peak_fraction", gflops / peak},
          {"onednn_gflops", onednn_gflops},
          {"onednn_ratio", version.empty() ? Json() : Json(gflops / onednn_gflops.get<double>())},
          {"onednn", version.empty() ? "absent" : version},
          {"rounds", options.n_rounds},
          {"noisy", is_scattered(found[1]) || (pool.n_threads() > 1 && neighbours.are_noisy())}};
}

}  // namespace

void add_products(const Options& options, ThreadPool& pool, Json& rows) {
  for (const Shape& shape : shapes)
    if (options.wants(shape.name)) rows.push_back(row_of(shape, pool, options));
}

}  // namespace grok::bench
