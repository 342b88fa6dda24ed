#pragma once
// How GPT-2 cuts a text into pieces before it encodes each: never across a piece.
//
// At each place, the first of these that fits, as long as it can be:
//   1. one of 's 't 'm 'd 're 've 'll
//   2. letters; or numbers; or other characters that are no white space: each perhaps after one
//      space, which belongs to the piece
//   3. white space, but not its last character if something follows
//   4. one character of white space
//
// What is a letter, a number or white space is exact for ASCII (white space: tab to carriage
// return, and the space). Beyond, it is an approximation: white space is what Unicode calls so;
// numbers are the superscripts and fractions of Latin-1; others are the rest of Latin-1's signs,
// general punctuation to dingbats (U+2000 to U+2BFF), CJK punctuation (U+3001 to U+303F), private
// use, variation selectors, full-width punctuation (U+FF01 to U+FF0F) and emoji (U+1F000 to
// U+1FAFF). All else is a letter.
//   source  Radford et al. 2019, "Language models are unsupervised multitask learners"

#include <cstddef>
#include <string_view>
#include <vector>

namespace grok {

/// Where a text stops being UTF-8: the byte's index, or npos if it never does.
std::size_t first_invalid_utf8(std::string_view text);

/// The pieces of valid UTF-8, one after another; together they are the text.
std::vector<std::string_view> gpt2_words(std::string_view text);

}  // namespace grok
