#include "grok/tasks/gpt2_words.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "grok/base/error.h"

namespace grok {
namespace {

enum class Kind { letter, number, other, space };

struct Character {
  std::uint32_t code = 0;
  std::size_t n_bytes = 0;  // 0: no character begins here
};

// The character that begins at byte i; refuses overlong forms, surrogates and what is too large.
Character character_at(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned lead = byte(i);
  if (lead < 0x80) return {lead, 1};
  const std::size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || i + n > text.size()) return {};
  std::uint32_t code = lead & (0xffu >> (n + 1));
  for (std::size_t k = 1; k < n; ++k) {
    if ((byte(i + k) & 0xc0u) != 0x80u) return {};
    code = code << 6 | (byte(i + k) & 0x3fu);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = 0xd800 <= code && code <= 0xdfff;
  if (code < least[n] || code > 0x10ffff || is_surrogate) return {};
  return {code, n};
}

struct CodeRange {
  std::uint32_t first, last;
};

template <std::size_t n>
bool is_in(const CodeRange (&ranges)[n], std::uint32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [code](const CodeRange& r) { return r.first <= code && code <= r.last; });
}

constexpr CodeRange spaces[] = {
    {0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
constexpr CodeRange numbers[] = {{'0', '9'}, {0xb2, 0xb3}, {0xb9, 0xb9}, {0xbc, 0xbe}};
constexpr CodeRange letters[] = {{'A', 'Z'},   {'a', 'z'},   {0xaa, 0xaa}, {0xb5, 0xb5},
                                 {0xba, 0xba}, {0xc0, 0xd6}, {0xd8, 0xf6}};
constexpr CodeRange others[] = {{0x00, 0xbf},     {0xd7, 0xd7},     {0xf7, 0xf7},
                                {0x2000, 0x2bff}, {0x3001, 0x303f}, {0xe000, 0xf8ff},
                                {0xfe00, 0xfe0f}, {0xff01, 0xff0f}, {0x1f000, 0x1faff}};

Kind kind_of(std::uint32_t code) {
  if (is_in(spaces, code)) return Kind::space;
  if (is_in(numbers, code)) return Kind::number;
  if (is_in(letters, code)) return Kind::letter;
  return is_in(others, code) ? Kind::other : Kind::letter;
}

std::size_t contraction_at(std::string_view text, std::size_t i) {
  constexpr std::array<std::string_view, 7> all{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
  for (const std::string_view c : all)
    if (text.substr(i).starts_with(c)) return c.size();
  return 0;
}

// The end of the run of characters of one kind that begins at byte i.
std::size_t end_of_run(std::string_view text, std::size_t i, Kind kind) {
  while (i < text.size()) {
    const Character c = character_at(text, i);
    if (kind_of(c.code) != kind) break;
    i += c.n_bytes;
  }
  return i;
}

// Of a run of white space [begin, end), followed by something: where its last character begins.
std::size_t last_character(std::string_view text, std::size_t begin, std::size_t end) {
  std::size_t last = begin;
  for (std::size_t i = begin; i < end; i += character_at(text, i).n_bytes) last = i;
  return last;
}

std::size_t end_of_word(std::string_view text, std::size_t begin) {
  if (const std::size_t n = contraction_at(text, begin)) return begin + n;
  const bool is_spaced = text[begin] == ' ' && begin + 1 < text.size();
  const std::size_t from = is_spaced ? begin + 1 : begin;
  const Kind kind = kind_of(character_at(text, from).code);
  if (kind != Kind::space) return end_of_run(text, from, kind);
  const std::size_t end = end_of_run(text, begin, Kind::space);
  if (end == text.size()) return end;
  const std::size_t last = last_character(text, begin, end);
  return last > begin ? last : end;
}

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Character c = character_at(text, i);
    if (c.n_bytes == 0) return i;
    i += c.n_bytes;
  }
  return std::string_view::npos;
}

std::vector<std::string_view> gpt2_words(std::string_view text) {
  GROK_REQUIRE(first_invalid_utf8(text) == std::string_view::npos, "a text that is not UTF-8");
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = end_of_word(text, begin);
    out.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return out;
}

}  // namespace grok
