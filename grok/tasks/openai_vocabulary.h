#pragma once
// The one vocabulary that all tasks of openai/grok share, so that one network could learn several:
//
//   0          end of sequence, which also begins it
//   1          '='
//   2 .. 21    the 20 operators, in the order of their names as texts
//   22 ..      the numbers 0 .. n_numbers - 1 (there 97)
//   then       120 permutations of five things, in lexicographic order; we put the elements of any
//              group in their place
//   source     Power et al. 2022, arXiv:2201.02177 (its program, openai/grok)

#include "grok/base/tensor.h"

namespace grok::openai {

inline constexpr Token end_of_sequence = 0, equals = 1;
inline constexpr int n_permutations = 120;
inline constexpr int n_numbers = 97;

/// In the order of the texts that name them there; so (x/y)if(y odd)else(x-y) comes first.
enum class Operator : Token {
  quotient_or_difference = 2,
  multiplication,
  square_plus,
  cube_plus,
  addition,
  sum_or_product,
  sum_or_difference,
  subtraction,
  division,
  copy,
  reverse,
  composition,
  aba,
  conjugation,
  sort,
  squares_product_and_first,
  squares_and_product,
  sum_of_squares,
  cube_and_product_with_square,
  cube_and_product
};

inline constexpr Token first_number = 22;
inline Token token_of(Operator op) { return static_cast<Token>(op); }

}  // namespace grok::openai
