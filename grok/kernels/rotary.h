#pragma once
// Rotary position embedding: pairs of numbers of each head, turned by an angle that grows with the
// position. GPT-NeoX's pairs, which are TransformerLens's: number i of the first half of those that
// turn with number i of the second.
//   source   Su et al. 2021, arXiv:2104.09864

#include <cstdint>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"

namespace grok {

/// x [batch, n_pos, n_heads, d_head], of whose heads the first n_rotary numbers turn.
struct RotaryShape {
  std::int64_t batch = 0, n_pos = 0, n_heads = 0, d_head = 0;
  std::int64_t n_rotary = 0;  // even, at most d_head
};

enum class Turn { forth, back };

/// cos and sin of the angles, pos * base^(-2 i / n_rotary) for pair i, positions from 0, in double
/// and then rounded. By exact_math, so the same bits on any processor.
///   table    [n_pos, 2, n_rotary / 2]   cosines, then sines; sines are negated for Turn::back
///   cost     two transcendental functions per number
void rotary_table(const RotaryShape& shape, double base, Turn turn, Floats table) noexcept;

/// Turns each pair (a, b) to (a cos - b sin, b cos + a sin); copies what does not turn.
void rotate(const RotaryShape& shape, ConstFloats x, ConstFloats table, Floats out,
            ThreadPool& pool) noexcept;

}  // namespace grok
