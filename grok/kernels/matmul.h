#pragma once
// Matrix products on row-major arrays. Every element of the result is one chain of fused
// multiply-adds over k in increasing order, so its bits depend neither on tile shapes, nor on the
// width of vectors, nor on the number of threads (docs/numerics.md).

#include <cstddef>
#include <cstdint>
#include <span>

#include "grok/base/threads.h"

namespace grok {

/// What happens to an element of the product once its sum is complete.
enum class Epilogue { none, bias, bias_relu };

/// C = epilogue(op(A) op(B)), or with `accumulate` epilogue(C + op(A) op(B)).
///
///   a      [m, k], or [k, m] with transpose_a; rows `lda` apart
///   b      [k, n], or [n, k] with transpose_b; rows `ldb` apart
///   c      [m, n]; rows `ldc` apart; may not overlap the inputs
///   bias   [n], for an epilogue that reads it
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
  bool accumulate = false;
  Epilogue epilogue = Epilogue::none;
  const T* bias = nullptr;
};

/// Bytes that the caller lends to `matmul` for packed operands; a function of the arguments only.
template <class T>
std::int64_t matmul_scratch_bytes(std::int64_t n, std::int64_t k, int n_threads);

/// Computes one product. `scratch` holds at least matmul_scratch_bytes<T>(n, k, pool.n_threads())
/// bytes, at any alignment.
void matmul(const MatmulOf<float>& product, std::span<std::byte> scratch,
            ThreadPool& pool) noexcept;
void matmul(const MatmulOf<double>& product, std::span<std::byte> scratch,
            ThreadPool& pool) noexcept;

/// How far apart consecutive problems of a batch lie, in elements; 0 shares an operand.
struct BatchStrides {
  std::int64_t a = 0, b = 0, c = 0;
};

/// Bytes that the caller lends to `matmul_batched`.
template <class T>
std::int64_t matmul_batched_scratch_bytes(std::int64_t n, std::int64_t k, int n_threads);

/// Computes `batch` products of one shape, each on one thread.
void matmul_batched(const MatmulOf<float>& first, BatchStrides strides, std::int64_t batch,
                    std::span<std::byte> scratch, ThreadPool& pool) noexcept;
void matmul_batched(const MatmulOf<double>& first, BatchStrides strides, std::int64_t batch,
                    std::span<std::byte> scratch, ThreadPool& pool) noexcept;

}  // namespace grok
