#include "grok/tasks/digit_columns.h"

#include <algorithm>
#include <utility>

#include "grok/base/error.h"

namespace grok {
namespace {

// What a column does to a carry or a borrow.
enum class Effect { stops, makes, hands_on };

bool is_negative(const DigitQuestion& q) {
  return q.operation == DigitOperation::subtraction &&
         std::lexicographical_compare(q.x.begin(), q.x.end(), q.y.begin(), q.y.end());
}

Effect effect(DigitOperation operation, Token x, Token y) {
  if (operation == DigitOperation::addition)
    return x + y > 9 ? Effect::makes : x + y == 9 ? Effect::hands_on : Effect::stops;
  return x < y ? Effect::makes : x == y ? Effect::hands_on : Effect::stops;
}

// Column by column from the units.
std::vector<Effect> effects(const DigitQuestion& q) {
  std::vector<Effect> out;
  for (std::size_t i = q.x.size(); i-- > 0;) out.push_back(effect(q.operation, q.x[i], q.y[i]));
  return out;
}

// The most columns that hand on what the column below them made; -1 if none makes anything.
int longest_way(const std::vector<Effect>& columns) {
  int longest = -1, way = -1;  // -1: nothing on its way
  for (const Effect e : columns) {
    if (e == Effect::makes)
      way = 0;
    else if (e == Effect::hands_on && way >= 0)
      ++way;
    else
      way = -1;
    longest = std::max(longest, way);
  }
  return longest;
}

void take_away(Tokens greater, Tokens lesser, std::span<Token> difference) {
  Token borrow = 0;
  for (std::size_t i = greater.size(); i-- > 0;) {
    const Token d = greater[i] - lesser[i] - borrow;
    borrow = d < 0 ? 1 : 0;
    difference[i + 1] = d + 10 * borrow;
  }
  difference[0] = 0;
}

}  // namespace

void add_digits(Tokens x, Tokens y, std::span<Token> sum) {
  GROK_REQUIRE(y.size() == x.size() && sum.size() == x.size() + 1, "digits of different numbers");
  Token carry = 0;
  for (std::size_t i = x.size(); i-- > 0;) {
    const Token s = x[i] + y[i] + carry;
    carry = s > 9 ? 1 : 0;
    sum[i + 1] = s - 10 * carry;
  }
  sum[0] = carry;
}

bool subtract_digits(Tokens x, Tokens y, std::span<Token> difference) {
  GROK_REQUIRE(y.size() == x.size() && difference.size() == x.size() + 1,
               "digits of different numbers");
  const bool is_below = is_negative({x, y, DigitOperation::subtraction});
  if (is_below)
    take_away(y, x, difference);
  else
    take_away(x, y, difference);
  return is_below;
}

std::vector<std::string> sub_task_names() {
  return {"BA", "UC1", "US9", "MD", "MB", "MZ", "ND", "NB", "NZ"};
}

std::vector<Token> sub_tasks_of(const DigitQuestion& question) {
  DigitQuestion q = question;
  const bool is_below = is_negative(q);
  if (is_below) std::swap(q.x, q.y);
  const Token family = q.operation == DigitOperation::addition ? 0 : is_below ? 6 : 3;
  std::vector<Effect> columns = effects(q);
  columns.push_back(effect(q.operation, 0, 0));
  std::vector<Token> out;
  bool comes_in = false;
  for (const Effect e : columns) {
    out.push_back(family + (!comes_in ? 0 : e == Effect::hands_on ? 2 : 1));
    comes_in = e == Effect::makes || (e == Effect::hands_on && comes_in);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<std::string> complexity_names() {
  return {"S0", "S1", "S2", "S3", "S4", "S5", "M0", "M1", "M2", "M3", "M4", "N1", "N2", "N3", "N4"};
}

Token complexity_of(const DigitQuestion& question) {
  std::vector<Effect> columns = effects(question);
  if (question.operation == DigitOperation::addition) return std::min(longest_way(columns) + 1, 5);
  if (!is_negative(question)) return 6 + std::min(longest_way(columns) + 1, 4);
  std::size_t n_zeros = 0;  // x < y, so that some column is not all zeros
  while (question.x[n_zeros] == 0 && question.y[n_zeros] == 0) ++n_zeros;
  columns.resize(columns.size() - n_zeros);
  return 11 + std::min(longest_way(columns), 3);
}

}  // namespace grok
