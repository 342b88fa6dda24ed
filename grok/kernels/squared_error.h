#pragma once
// The mean squared error of rows, against a label's one-hot row or against a row of targets, in
// double from float32: each row's sum in eight lanes, the gradient rounded once.
//
//   x        [rows, n]
//   labels   [rows], each in [0, n): the target is 1 there and 0 elsewhere, less the mean 1 / n
//            where it is centred
//   targets  [rows, n]

#include <cstdint>
#include <span>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// The row that a label stands for.
enum class LabelRow { one_hot, centred };

/// errors[row] = mean over the row of (x - target)^2.
void squared_error(ConstFloats x, std::int64_t n, Tokens labels, std::span<double> errors,
                   ThreadPool& pool, LabelRow label_row = LabelRow::one_hot) noexcept;
void squared_error(ConstFloats x, std::int64_t n, ConstFloats targets, std::span<double> errors,
                   ThreadPool& pool) noexcept;

/// dx = d_errors[row] * 2 / n * (x - target).
void squared_error_grad(ConstFloats x, std::int64_t n, Tokens labels, Doubles d_errors, Floats dx,
                        ThreadPool& pool, LabelRow label_row = LabelRow::one_hot) noexcept;
void squared_error_grad(ConstFloats x, std::int64_t n, ConstFloats targets, Doubles d_errors,
                        Floats dx, ThreadPool& pool) noexcept;

}  // namespace grok
