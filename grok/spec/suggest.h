#pragma once
// "Did you mean ...?": the known word nearest to a misspelt one.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace grok {

/// How many letters must be put in, left out, replaced or swapped with their neighbour to turn one
/// word into the other. Cost: product of the lengths.
std::size_t spelling_distance(std::string_view a, std::string_view b);

/// The known word nearest to `word`, if it is near enough to be meant: at most one mistake per
/// three letters. The first of several equally near.
std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> known);

/// "a, b, c"
std::string comma_list(std::span<const std::string> words);

/// "; did you mean weight_decay?" or, if nothing is near, "; known: lr, betas, weight_decay".
std::string suggestion(std::string_view word, std::span<const std::string> known);

}  // namespace grok
