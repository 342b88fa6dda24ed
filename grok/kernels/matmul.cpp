#include "grok/kernels/matmul.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/matmul.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/matmul_blocks.h"
#include "grok/kernels/matmul_pack-inl.h"
#include "grok/kernels/matmul_prefetch.h"
#include "grok/kernels/matmul_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

/// All of a piece of C, k block by k block.
template <class T>
void compute_piece(const MatmulOf<T>& p, const MatmulPiece<T>& piece) {
  constexpr std::size_t tall = tile_rows<T>;
  const Panels<T> panels(static_cast<std::size_t>(p.n));
  const auto k_all = static_cast<std::size_t>(p.k), ldc = static_cast<std::size_t>(p.ldc);
  const std::size_t rows = piece.row_end - piece.row_begin;
  const std::size_t panel_begin = panels.n_panels * piece.group / piece.n_groups;
  const std::size_t panel_end = panels.n_panels * (piece.group + 1) / piece.n_groups;
  std::size_t k0 = 0;
  do {  // once even if k is 0: the result is then zero, or C, and the epilogue
    const std::size_t kc = std::min(k_block, k_all - k0);
    const bool is_last = k0 + kc == k_all;
    pack_a(p, piece.row_begin, rows, k0, kc, piece.a_block);
    const std::size_t n_tiles =
        std::max<std::size_t>(1, (panel_end - panel_begin) * ((rows + tall - 1) / tall));
    Prefetcher<T> ahead(p, is_last ? piece.row_end : piece.row_begin, rows, is_last ? 0 : k0 + kc,
                        std::min(k_block, is_last ? k_all : k_all - k0 - kc), n_tiles);
    for (std::size_t i = panel_begin; i < panel_end; ++i) {
      const std::size_t column = panels.first_column(i), n_tail = panels.tail(i);
      const std::size_t width = panels.vectors(i) * panels.lanes;
      const T* b = piece.packed_b + k_all * column;
      const auto run = tile_for<T>(panels.vectors(i), n_tail);
      TileOut<T> out{};
      out.ldc = ldc;
      out.last_cols = i + 1 == panels.n_panels ? panels.last_cols : panels.lanes;
      out.load = k0 > 0 || p.accumulate;
      out.add_bias = is_last && p.epilogue != Epilogue::none;
      out.relu = is_last && p.epilogue == Epilogue::bias_relu;
      out.bias = out.add_bias ? p.bias + column : nullptr;
      for (std::size_t r = 0; r < rows; r += tall) {
        out.c = p.c + (piece.row_begin + r) * ldc + column;
        out.rows = std::min(tall, rows - r);
        ahead.step();
        run(kc, piece.a_block + r / tall * (k_block * tall + a_panel_gap), b + k0 * width,
            b + k_all * width + k0 * n_tail, out);
      }
    }
    k0 += kc;
  } while (k0 < k_all);
}

void pack_b_float(const MatmulOf<float>& p, std::size_t k0, std::size_t k1, float* to) {
  pack_b(p, k0, k1, to);
}
void pack_b_double(const MatmulOf<double>& p, std::size_t k0, std::size_t k1, double* to) {
  pack_b(p, k0, k1, to);
}
void compute_float(const MatmulOf<float>& p, const MatmulPiece<float>& piece) {
  compute_piece(p, piece);
}
void compute_double(const MatmulOf<double>& p, const MatmulPiece<double>& piece) {
  compute_piece(p, piece);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace grok
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "grok/base/error.h"
#include "grok/base/tensor.h"
#include "grok/kernels/dispatch.h"

namespace grok {
namespace {

HWY_EXPORT(pack_b_float);
HWY_EXPORT(pack_b_double);
HWY_EXPORT(compute_float);
HWY_EXPORT(compute_double);

/// The two kernels of one number type on the active target.
template <class T>
struct Kernels {
  void (*pack)(const MatmulOf<T>&, std::size_t, std::size_t, T*);
  void (*compute)(const MatmulOf<T>&, const MatmulPiece<T>&);
};
Kernels<float> kernels(float) {
  return {GROK_DISPATCH(pack_b_float), GROK_DISPATCH(compute_float)};
}
Kernels<double> kernels(double) {
  return {GROK_DISPATCH(pack_b_double), GROK_DISPATCH(compute_double)};
}

std::int64_t round_up(std::int64_t n, std::int64_t step) { return (n + step - 1) / step * step; }

/// Elements of packed B: whole vectors of the widest target, which is enough for all.
std::int64_t b_elements(std::int64_t n, std::int64_t k) { return round_up(n, 16) * k; }

template <class T>
T* aligned(std::span<std::byte> scratch) {
  const auto address = reinterpret_cast<std::uintptr_t>(scratch.data());
  return reinterpret_cast<T*>((address + alignment - 1) / alignment * alignment);
}

/// How C is cut into pieces. More pieces than threads, so that a thread that loses its core does
/// not hold up the others.
struct Cut {
  std::int64_t block_rows, n_row_blocks, n_groups;
  std::int64_t n_pieces() const { return n_row_blocks * n_groups; }
};

Cut cut(std::int64_t m, std::int64_t n, std::int64_t n_threads) {
  const std::int64_t wanted = n_threads > 1 ? 4 * n_threads : 1;
  const std::int64_t max_groups = (n + 47) / 48;
  std::int64_t groups = (n + 527) / 528;  // of 11 panels: 264 KiB of B at a time, within L2
  std::int64_t rows = static_cast<std::int64_t>(max_block_rows);
  while (rows > 32 && (m + rows - 1) / rows * groups < wanted) rows /= 2;
  while (groups < max_groups && (m + rows - 1) / rows * groups < wanted) ++groups;
  const std::int64_t blocks = (m + rows - 1) / rows;
  rows = round_up((m + blocks - 1) / blocks, static_cast<std::int64_t>(max_tile_rows));
  return {rows, (m + rows - 1) / rows, groups};
}

// Below this many multiply-adds (some microseconds), waking a thread costs more than it brings.
constexpr std::int64_t min_parallel_work = 1 << 17;

template <class T>
void run_product(const MatmulOf<T>& p, std::span<std::byte> scratch, ThreadPool& pool) noexcept {
  if (p.m == 0 || p.n == 0) return;
  GROK_ASSERT(static_cast<std::int64_t>(scratch.size()) >=
              matmul_scratch_bytes<T>(p.n, p.k, pool.n_threads()));
  const Kernels<T> kernel = kernels(T{});
  const std::int64_t n_workers = p.m * p.n * p.k < min_parallel_work ? 1 : pool.n_threads();
  T* packed_b = aligned<T>(scratch);
  T* a_blocks = packed_b + b_elements(p.n, p.k);

  const std::int64_t k_chunk = n_workers == 1 ? p.k : 64;
  if (p.k > 0)
    for_ranges(pool, p.k, k_chunk,
               [&](std::size_t k0, std::size_t k1) noexcept { kernel.pack(p, k0, k1, packed_b); });

  const Cut pieces = cut(p.m, p.n, n_workers);
  std::atomic<std::int64_t> next{0};
  pool.for_chunks(n_workers, [&](std::int64_t worker) noexcept {
    T* a_block = a_blocks + static_cast<std::size_t>(worker) * a_block_elements;
    for (std::int64_t i = next.fetch_add(1); i < pieces.n_pieces(); i = next.fetch_add(1)) {
      const std::int64_t row = i / pieces.n_groups * pieces.block_rows;
      kernel.compute(p, {static_cast<std::size_t>(row),
                         static_cast<std::size_t>(std::min(p.m, row + pieces.block_rows)),
                         static_cast<std::size_t>(i % pieces.n_groups),
                         static_cast<std::size_t>(pieces.n_groups), packed_b, a_block});
    }
  });
}

template <class T>
void run_batch(const MatmulOf<T>& first, BatchStrides strides, std::int64_t batch,
               std::span<std::byte> scratch, ThreadPool& pool) noexcept {
  if (first.m == 0 || first.n == 0) return;
  GROK_ASSERT(static_cast<std::int64_t>(scratch.size()) >=
              matmul_batched_scratch_bytes<T>(first.n, first.k, pool.n_threads()));
  const Kernels<T> kernel = kernels(T{});
  const std::int64_t work = std::max<std::int64_t>(1, first.m * first.n * first.k);
  const std::int64_t per_chunk = std::max<std::int64_t>(1, min_parallel_work / work);
  const std::int64_t n_workers =
      std::min<std::int64_t>(pool.n_threads(), (batch + per_chunk - 1) / per_chunk);
  const std::int64_t per_worker =
      b_elements(first.n, first.k) + static_cast<std::int64_t>(a_block_elements);
  const Cut pieces = cut(first.m, first.n, 1);
  std::atomic<std::int64_t> next{0};
  pool.for_chunks(n_workers, [&](std::int64_t worker) noexcept {
    T* packed_b = aligned<T>(scratch) + worker * per_worker;
    T* a_block = packed_b + b_elements(first.n, first.k);
    for (std::int64_t begin = next.fetch_add(per_chunk); begin < batch;
         begin = next.fetch_add(per_chunk)) {
      for (std::int64_t i = begin; i < std::min(batch, begin + per_chunk); ++i) {
        MatmulOf<T> p = first;
        p.a += i * strides.a;
        p.b += i * strides.b;
        p.c += i * strides.c;
        if (p.k > 0 && (i == begin || strides.b != 0))
          kernel.pack(p, 0, static_cast<std::size_t>(p.k), packed_b);
        for (std::int64_t j = 0; j < pieces.n_pieces(); ++j) {
          const std::int64_t row = j / pieces.n_groups * pieces.block_rows;
          kernel.compute(p, {static_cast<std::size_t>(row),
                             static_cast<std::size_t>(std::min(p.m, row + pieces.block_rows)),
                             static_cast<std::size_t>(j % pieces.n_groups),
                             static_cast<std::size_t>(pieces.n_groups), packed_b, a_block});
        }
      }
    }
  });
}

}  // namespace

template <class T>
std::int64_t matmul_scratch_bytes(std::int64_t n, std::int64_t k, int n_threads) {
  const std::int64_t elements =
      b_elements(n, k) + n_threads * static_cast<std::int64_t>(a_block_elements);
  return elements * static_cast<std::int64_t>(sizeof(T)) + static_cast<std::int64_t>(alignment);
}

template <class T>
std::int64_t matmul_batched_scratch_bytes(std::int64_t n, std::int64_t k, int n_threads) {
  const std::int64_t elements =
      n_threads * (b_elements(n, k) + static_cast<std::int64_t>(a_block_elements));
  return elements * static_cast<std::int64_t>(sizeof(T)) + static_cast<std::int64_t>(alignment);
}

template std::int64_t matmul_scratch_bytes<float>(std::int64_t, std::int64_t, int);
template std::int64_t matmul_scratch_bytes<double>(std::int64_t, std::int64_t, int);
template std::int64_t matmul_batched_scratch_bytes<float>(std::int64_t, std::int64_t, int);
template std::int64_t matmul_batched_scratch_bytes<double>(std::int64_t, std::int64_t, int);

void matmul(const MatmulOf<float>& product, std::span<std::byte> scratch,
            ThreadPool& pool) noexcept {
  run_product(product, scratch, pool);
}
void matmul(const MatmulOf<double>& product, std::span<std::byte> scratch,
            ThreadPool& pool) noexcept {
  run_product(product, scratch, pool);
}
void matmul_batched(const MatmulOf<float>& first, BatchStrides strides, std::int64_t batch,
                    std::span<std::byte> scratch, ThreadPool& pool) noexcept {
  run_batch(first, strides, batch, scratch, pool);
}
void matmul_batched(const MatmulOf<double>& first, BatchStrides strides, std::int64_t batch,
                    std::span<std::byte> scratch, ThreadPool& pool) noexcept {
  run_batch(first, strides, batch, scratch, pool);
}

}  // namespace grok
#endif  // HWY_ONCE
