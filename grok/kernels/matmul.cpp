#include "grok/kernels/matmul.h"

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "grok/kernels/matmul.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "grok/kernels/matmul_blocks.h"
#include "grok/kernels/matmul_pack-inl.h"
#include "grok/kernels/matmul_piece-inl.h"

HWY_BEFORE_NAMESPACE();
namespace grok {
namespace HWY_NAMESPACE {
namespace {

void pack_b_float(const MatmulOf<float>& p, std::size_t k0, std::size_t k1, bool partial_only,
                  const PackedB<float>& to) {
  pack_b(p, k0, k1, partial_only, to);
}
void pack_b_double(const MatmulOf<double>& p, std::size_t k0, std::size_t k1, bool partial_only,
                   const PackedB<double>& to) {
  pack_b(p, k0, k1, partial_only, to);
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
  void (*pack)(const MatmulOf<T>&, std::size_t, std::size_t, bool, const PackedB<T>&);
  void (*compute)(const MatmulOf<T>&, const MatmulPiece<T>&);
};
Kernels<float> kernels(float) {
  return {GROK_DISPATCH(pack_b_float), GROK_DISPATCH(compute_float)};
}
Kernels<double> kernels(double) {
  return {GROK_DISPATCH(pack_b_double), GROK_DISPATCH(compute_double)};
}

std::size_t usize(std::int64_t n) { return static_cast<std::size_t>(n); }
std::int64_t round_up(std::int64_t n, std::int64_t step) { return (n + step - 1) / step * step; }

/// Elements of packed B: whole vectors of the widest target, which is enough for all.
std::int64_t b_elements(std::int64_t n, std::int64_t k) { return round_up(n, 16) * k; }

template <class T, class Byte>
T* aligned(std::span<Byte> scratch) {
  const auto address = reinterpret_cast<std::uintptr_t>(scratch.data());
  return reinterpret_cast<T*>((address + alignment - 1) / alignment * alignment);
}

/// How C is cut into pieces. More pieces than threads, so that a thread that loses its core does
/// not hold up the others; fewer where each reads many blocks of B from beyond L2.
struct Cut {
  std::int64_t block_rows, n_row_blocks, n_groups;
  std::int64_t n_pieces() const { return n_row_blocks * n_groups; }
};

template <class T>
Cut cut(const MatmulOf<T>& p, std::int64_t n_threads) {
  const auto b_length = static_cast<std::int64_t>(k_block(p));
  const std::int64_t wanted = n_threads > 1 ? (b_length < p.k ? 2 : 4) * n_threads : 1;
  const std::int64_t max_groups = (p.n + 47) / 48;
  const std::int64_t b_block = p.n * b_length;
  const auto most = static_cast<std::int64_t>(b_block_elements);
  std::int64_t groups = std::clamp<std::int64_t>((b_block + most - 1) / most, 1, max_groups);
  std::int64_t rows = groups > 1 ? 256 : 512;
  while (rows > 32 && (p.m + rows - 1) / rows * groups < wanted) rows /= 2;
  while (groups < max_groups && (p.m + rows - 1) / rows * groups < wanted) ++groups;
  const std::int64_t blocks = (p.m + rows - 1) / rows;
  rows = round_up((p.m + blocks - 1) / blocks, 8);
  return {rows, (p.m + rows - 1) / rows, groups};
}

/// Piece `i` of C; of `part` all but its rows and columns is given.
template <class T>
void compute_one(const Kernels<T>& kernel, const MatmulOf<T>& p, const Cut& pieces,
                 MatmulPiece<T> part, std::int64_t i) {
  const std::int64_t row = i / pieces.n_groups * pieces.block_rows;
  part.row_begin = usize(row);
  part.row_end = usize(std::min(p.m, row + pieces.block_rows));
  part.group = usize(i % pieces.n_groups);
  part.n_groups = usize(pieces.n_groups);
  kernel.compute(p, part);
}

template <class T>
void compute_all(const Kernels<T>& kernel, const MatmulOf<T>& p, const MatmulPiece<T>& part) {
  const Cut pieces = cut(p, 1);
  for (std::int64_t i = 0; i < pieces.n_pieces(); ++i) compute_one(kernel, p, pieces, part, i);
}

/// On this thread. B is packed block by block of k, so that it is read again from L2.
template <class T>
void run_serial(const Kernels<T>& kernel, const MatmulOf<T>& p, T* packed_b) {
  if (p.m == 0 || p.n == 0) return;
  if (const std::int64_t n = rows_as_columns(p); n > 0) {
    run_serial(kernel, as_one_row(p, n), packed_b);
    return run_serial(kernel, rows_from(p, n), packed_b);
  }
  const bool in_place = reads_b_in_place(p);
  const std::size_t k_all = usize(p.k), k_step = k_block(p);
  std::size_t k0 = 0;
  do {
    const std::size_t k1 = std::min(k0 + k_step, k_all);
    if (k0 < k1) kernel.pack(p, k0, k1, in_place, {packed_b, k0, k1 - k0});
    compute_all(kernel, p,
                {.k_begin = k0, .k_end = k1, .b = {packed_b, k0, k1 - k0}, .b_in_place = in_place});
    k0 = k1;
  } while (k0 < k_all);
}

// Below this many multiply-adds (some twenty microseconds), waking a thread and fetching what it
// has computed costs more than it brings.
constexpr std::int64_t min_parallel_work = 1 << 21;
constexpr std::int64_t min_parallel_packing = 1 << 17;

template <class T>
void pack_serial(const MatmulOf<T>& p, bool partial_only, T* to) noexcept {
  const Kernels<T> kernel = kernels(T{});
  if (p.n > 0 && p.k > 0) kernel.pack(p, 0, usize(p.k), partial_only, {to, 0, usize(p.k)});
}

template <class T>
void pack_shared(const MatmulOf<T>& p, T* to, ThreadPool& pool) noexcept {
  if (p.n * p.k < min_parallel_packing) return pack_serial(p, false, to);
  const Kernels<T> kernel = kernels(T{});
  for_ranges(pool, p.k, 64, [&](std::size_t k0, std::size_t k1) noexcept {
    kernel.pack(p, k0, k1, false, {to, 0, usize(p.k)});
  });
}

template <class T>
void run_shared(const Kernels<T>& kernel, const MatmulOf<T>& p, T* packed_b,
                ThreadPool& pool) noexcept {
  if (p.m * p.n * p.k < min_parallel_work) return run_serial(kernel, p, packed_b);
  if (const std::int64_t n = rows_as_columns(p); n > 0) {
    run_shared(kernel, as_one_row(p, n), packed_b, pool);
    return run_shared(kernel, rows_from(p, n), packed_b, pool);
  }
  const bool in_place = reads_b_in_place(p);
  if (in_place)
    pack_serial(p, true, packed_b);
  else
    pack_shared(p, packed_b, pool);
  const Cut pieces = cut(p, pool.n_threads());
  const MatmulPiece<T> all{
      .k_end = usize(p.k), .b = {packed_b, 0, usize(p.k)}, .b_in_place = in_place};
  pool.for_chunks(pieces.n_pieces(),
                  [&](std::int64_t i) noexcept { compute_one(kernel, p, pieces, all, i); });
}

template <class T>
void run_product(const MatmulOf<T>& p, std::span<std::byte> scratch, ThreadPool& pool) noexcept {
  GROK_ASSERT(static_cast<std::int64_t>(scratch.size()) >=
              matmul_scratch_bytes<T>(p.n, p.k, pool.n_threads()));
  const Kernels<T> kernel = kernels(T{});
  if (pool.n_threads() == 1)
    run_serial(kernel, p, aligned<T>(scratch));
  else
    run_shared(kernel, p, aligned<T>(scratch), pool);
}

template <class T>
void run_prepacked(const MatmulOf<T>& p, std::span<const std::byte> packed) noexcept {
  GROK_ASSERT(static_cast<std::int64_t>(packed.size()) >= matmul_packed_bytes<T>(p.n, p.k));
  if (p.m == 0 || p.n == 0) return;
  const MatmulPiece<T> all{.k_end = usize(p.k), .b = {aligned<const T>(packed), 0, usize(p.k)}};
  compute_all(kernels(T{}), p, all);
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
  WorkRanges groups((batch + per_chunk - 1) / per_chunk, n_workers);
  pool.for_chunks(n_workers, [&](std::int64_t worker) noexcept {
    T* packed_b = aligned<T>(scratch) + worker * b_elements(first.n, first.k);
    for (std::int64_t group; (group = groups.take(worker)) >= 0;) {
      const std::int64_t begin = group * per_chunk;
      for (std::int64_t i = begin; i < std::min(batch, begin + per_chunk); ++i) {
        MatmulOf<T> p = first;
        p.a += i * strides.a;
        p.b += i * strides.b;
        p.c += i * strides.c;
        if (p.addend != nullptr) p.addend += i * strides.c;
        if (p.gate != nullptr) p.gate += i * strides.c;
        run_serial(kernel, p, packed_b);
      }
    }
  });
}

}  // namespace

template <class T>
std::int64_t matmul_packed_bytes(std::int64_t n, std::int64_t k) {
  return b_elements(n, k) * static_cast<std::int64_t>(sizeof(T)) +
         static_cast<std::int64_t>(alignment);
}

template <class T>
std::int64_t matmul_scratch_bytes(std::int64_t n, std::int64_t k, int) {
  return matmul_packed_bytes<T>(n, k);
}

template <class T>
std::int64_t matmul_batched_scratch_bytes(std::int64_t n, std::int64_t k, int n_threads) {
  return n_threads * matmul_packed_bytes<T>(n, k);
}

template std::int64_t matmul_packed_bytes<float>(std::int64_t, std::int64_t);
template std::int64_t matmul_packed_bytes<double>(std::int64_t, std::int64_t);
template std::int64_t matmul_scratch_bytes<float>(std::int64_t, std::int64_t, int);
template std::int64_t matmul_scratch_bytes<double>(std::int64_t, std::int64_t, int);
template std::int64_t matmul_batched_scratch_bytes<float>(std::int64_t, std::int64_t, int);
template std::int64_t matmul_batched_scratch_bytes<double>(std::int64_t, std::int64_t, int);

#define GROK_MATMUL(T)                                                                            \
  void matmul(const MatmulOf<T>& product, std::span<std::byte> scratch,                           \
              ThreadPool& pool) noexcept {                                                        \
    run_product(product, scratch, pool);                                                          \
  }                                                                                               \
  void matmul_serial(const MatmulOf<T>& product, std::span<std::byte> scratch) noexcept {         \
    run_serial(kernels(T{}), product, aligned<T>(scratch));                                       \
  }                                                                                               \
  void matmul_pack(const MatmulOf<T>& product, std::span<std::byte> packed,                       \
                   ThreadPool& pool) noexcept {                                                   \
    pack_shared(product, aligned<T>(packed), pool);                                               \
  }                                                                                               \
  void matmul_pack(const MatmulOf<T>& product, std::span<std::byte> packed) noexcept {            \
    pack_serial(product, false, aligned<T>(packed));                                              \
  }                                                                                               \
  void matmul_prepacked(const MatmulOf<T>& product, std::span<const std::byte> packed) noexcept { \
    run_prepacked(product, packed);                                                               \
  }                                                                                               \
  void matmul_batched(const MatmulOf<T>& first, BatchStrides strides, std::int64_t batch,         \
                      std::span<std::byte> scratch, ThreadPool& pool) noexcept {                  \
    run_batch(first, strides, batch, scratch, pool);                                              \
  }
GROK_MATMUL(float)
GROK_MATMUL(double)
#undef GROK_MATMUL

}  // namespace grok
#endif  // HWY_ONCE
