#pragma once
// Matrix products on row-major arrays. Every element of the result is one chain of fused
// multiply-adds over k in increasing order, so its bits depend neither on tile shapes, nor on the
// width of vectors, nor on the number of threads (docs/numerics.md). A result of one column, A not
// transposed, is a sum along each row, and summed as such: sixteen chains, then folded.
//
// A is read where it lies; B is packed, unless C has few rows. `matmul` shares one product out
// among a pool's threads. Where each thread has products of its own, `matmul_serial` computes one,
// and `matmul_prepacked` many against one B that `matmul_pack` has packed once.

#include <cstddef>
#include <cstdint>
#include <span>

#include "grok/base/threads.h"

namespace grok {

/// What happens to an element of the product once its sum is complete.
enum class Epilogue { none, bias, bias_relu };

/// C = epilogue(addend + op(A) op(B)), and where there is a gate, zero unless gate > 0: the
/// gradient of a ReLU with output `gate` riding in the product that makes the gradient.
///
///   a        [m, k], or [k, m] with transpose_a; rows `lda` apart
///   b        [k, n], or [n, k] with transpose_b; rows `ldb` apart
///   c        [m, n]; rows `ldc` apart; may not overlap a, b, bias or gate
///   addend   [m, n]; rows `ld_addend` apart; where the sums over k begin (one column: added to
///            them); null: from zero. It is C itself or does not overlap it
///   bias     [n], for an epilogue that reads it
///   gate     [m, n]; rows `ld_gate` apart; null: none
template <class T>
struct MatmulOf {
  const T* a = nullptr;
  std::int64_t lda = 0;
  bool transpose_a = false;
  const T* b = nullptr;
  std::int64_t ldb = 0;
  bool transpose_b = false;
  T* c = nullptr;
  std::int64_t ldc = 0;
  std::int64_t m = 0, n = 0, k = 0;
  const T* addend = nullptr;
  std::int64_t ld_addend = 0;
  Epilogue epilogue = Epilogue::none;
  const T* bias = nullptr;
  const T* gate = nullptr;
  std::int64_t ld_gate = 0;
};

/// Bytes of a packed B, at any alignment.
template <class T>
std::int64_t matmul_packed_bytes(std::int64_t n, std::int64_t k);

/// Bytes that the caller lends to `matmul`; a function of the arguments only.
template <class T>
std::int64_t matmul_scratch_bytes(std::int64_t n, std::int64_t k, int n_threads);

/// Computes one product. `scratch` holds at least matmul_scratch_bytes<T>(n, k, pool.n_threads())
/// bytes, at any alignment.
void matmul(const MatmulOf<float>& product, std::span<std::byte> scratch,
            ThreadPool& pool) noexcept;
void matmul(const MatmulOf<double>& product, std::span<std::byte> scratch,
            ThreadPool& pool) noexcept;

/// Computes one product on the calling thread. `scratch` holds at least
/// matmul_packed_bytes<T>(n, k) bytes.
void matmul_serial(const MatmulOf<float>& product, std::span<std::byte> scratch) noexcept;
void matmul_serial(const MatmulOf<double>& product, std::span<std::byte> scratch) noexcept;

/// Packs B of a product, of which only b, ldb, transpose_b, n and k matter, into `packed`, at least
/// matmul_packed_bytes<T>(n, k) bytes: on the pool's threads, or on the calling one.
void matmul_pack(const MatmulOf<float>& product, std::span<std::byte> packed,
                 ThreadPool& pool) noexcept;
void matmul_pack(const MatmulOf<double>& product, std::span<std::byte> packed,
                 ThreadPool& pool) noexcept;
void matmul_pack(const MatmulOf<float>& product, std::span<std::byte> packed) noexcept;
void matmul_pack(const MatmulOf<double>& product, std::span<std::byte> packed) noexcept;

/// Computes one product on the calling thread with a B packed under the same target for equal n and
/// k; b, ldb and transpose_b are not looked at. The same bits as `matmul`.
void matmul_prepacked(const MatmulOf<float>& product, std::span<const std::byte> packed) noexcept;
void matmul_prepacked(const MatmulOf<double>& product, std::span<const std::byte> packed) noexcept;

/// How far apart consecutive problems of a batch lie, in elements; 0 shares an operand. Addend and
/// gate advance as C does.
struct BatchStrides {
  std::int64_t a = 0, b = 0, c = 0;
};

/// Bytes that the caller lends to `matmul_batched`.
template <class T>
std::int64_t matmul_batched_scratch_bytes(std::int64_t n, std::int64_t k, int n_threads);

/// Computes `batch` products of one shape, each row of C on one thread.
void matmul_batched(const MatmulOf<float>& first, BatchStrides strides, std::int64_t batch,
                    std::span<std::byte> scratch, ThreadPool& pool) noexcept;
void matmul_batched(const MatmulOf<double>& first, BatchStrides strides, std::int64_t batch,
                    std::span<std::byte> scratch, ThreadPool& pool) noexcept;

}  // namespace grok
