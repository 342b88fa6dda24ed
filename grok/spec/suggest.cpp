#include "grok/spec/suggest.h"

#include <algorithm>
#include <vector>

namespace grok {

std::size_t spelling_distance(std::string_view a, std::string_view b) {
  // Rows of the usual table: for the prefix of `a` two letters shorter, one shorter, and this one.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> known) {
  std::optional<std::string> best;
  // Not every letter may differ: else any one-letter name would be near to any other.
  std::size_t best_distance = std::min(word.size(), std::max<std::size_t>(1, word.size() / 3) + 1);
  for (const std::string& candidate : known) {
    const std::size_t distance = spelling_distance(word, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string comma_list(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::string suggestion(std::string_view word, std::span<const std::string> known) {
  if (const auto near = nearest_word(word, known)) return "; did you mean " + *near + "?";
  return known.empty() ? "" : "; known: " + comma_list(known);
}

}  // namespace grok
