#pragma once
// Sums and differences of numbers given by their digits, and what is hard about each column:
// whether a carry or a borrow comes in, and how far one travels. Digits stand most significant
// first; columns are counted from the units, column 0.

#include <span>
#include <string>
#include <vector>

#include "grok/base/tensor.h"

namespace grok {

/// Writes the digits of x + y, one more than x and y have.
void add_digits(Tokens x, Tokens y, std::span<Token> sum);

/// Writes the digits of |x - y|, one more than x and y have. Returns true if x < y.
bool subtract_digits(Tokens x, Tokens y, std::span<Token> difference);

enum class DigitOperation { addition, subtraction };

/// One question.
struct DigitQuestion {
  Tokens x, y;  // equally many digits
  DigitOperation operation = DigitOperation::addition;
};

/// The classes that `sub_tasks_of` tells apart: BA, UC1, US9 of a sum; MD, MB, MZ of a difference
/// of 0 or more; ND, NB, NZ of a negative one.
///
///   BA    no carry comes into the column
///   UC1   a carry comes in, and the column's two digits do not sum to nine
///   US9   a carry comes in, and they do: it is handed on
///   MD    no borrow goes out of the next lower column of x - y
///   MB    one does, and the column's two digits differ
///   MZ    one does, and they are equal: it is handed on
///   ND, NB, NZ   the same for y - x, where x < y
///
///   source   Quirke and Barez 2023, arXiv:2310.13121 (BA, UC1, US9 by carry in, as in its loss per
///            sub-task). The classes of differences are their analogue, which no source defines so;
///            Quirke, Neo and Barez 2024, arXiv:2402.02619, use the letters for parts of a question
inline constexpr int n_sub_tasks = 9;
std::vector<std::string> sub_task_names();

/// The class of each digit of the answer, most significant first, as an index of
/// `sub_task_names`. There is one digit more than x and y have, in whose column both are 0.
std::vector<Token> sub_tasks_of(const DigitQuestion& question);

/// S0 .. S5, M0 .. M4, N1 .. N4: how far a carry or borrow travels.
///
///   S0   no column sums to 10 or more
///   S1   one does; in no case do the digits of the next higher column sum to nine
///   S2   above such a column stands one column of sum nine; S3 two, S4 three, S5 four or more
///   M0   (x >= y) in no column is x's digit below y's
///   M1   in one it is; in no case are the digits of the next higher column equal
///   M2   above such a column stands one of equal digits; M3 two, M4 three or more
///   N    (x < y) the same, where columns in which both numbers have only leading zeros do not
///   count
///
///   source   Quirke, Neo and Barez 2024, arXiv:2402.02619; of the nested conditions the furthest
///            counts, as in its program
std::vector<std::string> complexity_names();
Token complexity_of(const DigitQuestion& question);

}  // namespace grok
