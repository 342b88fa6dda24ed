#pragma once
// Equations a o b = c over one set of symbols (numbers mod p, elements of a group), and how they
// become tokens. A task says which equations there are; layouts, noise and split are the same for
// all. Three layouts, where the symbols are 0 .. n - 1:
//
//   "nanda"    a, b, '='; the answer c is read at '='. '=' is token n and has a class, never right
//   "pizza"    a, b; c is read at b. d_vocab = d_vocab_out = n
//   "openai"   eos, a, operator, b, '=', c; read are c at '=' and the closing eos at c. One
//              vocabulary, in and out, for all operators: openai_vocabulary.h
//
// With separate_operands ("nanda" and "pizza"), b is the token n + b, so that the two operands have
// embeddings of their own; '=' is then 2 n. The classes stay as they are.
//
// With noise N, the first N equations of the shuffled training list get the answer of an equation
// drawn from all (perhaps the right one). With split_rng "numpy" the draws are those of
// openai/grok: choice, from the generator that has just shuffled; else they are of our own stream
// "noise".
//
//   source   Nanda et al. 2023, arXiv:2301.05217; Zhong et al. 2023, arXiv:2306.17844; Power et
//            al. 2022, arXiv:2201.02177

#include <cstdint>
#include <optional>
#include <vector>

#include "grok/tasks/openai_vocabulary.h"
#include "grok/tasks/task.h"

namespace grok {

struct Equation {
  Token a, b, c;
};

struct Equations {
  int n_symbols = 0;
  std::vector<Equation> rows;
  /// Set where rows are all pairs (a, b) in order of a function mod that number.
  std::optional<int> modulus;
  std::optional<SymbolGroup> group;
  /// For the layout "openai": none, if it has no such operator; the token of symbol 0; all tokens.
  std::optional<openai::Operator> op;
  Token first_symbol = 0;
  int d_vocab = 0;
};

/// The equations of all pairs of n symbols, row a * n + b.
template <class F>
std::vector<Equation> all_pairs(int n, F product) {
  std::vector<Equation> rows;
  rows.reserve(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
  for (Token a = 0; a < n; ++a)
    for (Token b = 0; b < n; ++b) rows.push_back({a, b, static_cast<Token>(product(a, b))});
  return rows;
}

/// The fields layout, separate_operands, noise, and those of the split.
std::vector<Field> equation_fields(double train_fraction);

/// For the check of a task's schema: what these fields say together, of `n` equations.
///   has_operator   whether the layout "openai" has a token for the operation
void check_equations(const Params& task, std::int64_t n, bool has_operator, Mistakes& mistakes);

/// The equations, as these fields want them written and split.
TaskData equations_data(Equations equations, const Params& task);

/// The tokens and labels of the layout "nanda", without a split.
TaskData in_nanda_layout(const Equations& equations, Token offset_of_b = 0);

}  // namespace grok
