#pragma once
// GPT-2's tokens: a text's bytes, joined pair by pair in the order in which the pairs were learnt.
//
// A vocabulary is a JSON object of token to number, 0 .. n - 1; tokens are written with one
// printable character a byte: ! to ~, and U+00A1 to U+00FF but for the soft hyphen U+00AD, stand
// for the bytes of these numbers; U+0100, U+0101 .. for the other 68 bytes in order (so U+0120 is
// the space). The merges are lines of two tokens each, the first learnt first; a first line that
// begins with "#version" is passed over.
//   source  Sennrich et al. 2016, arXiv:1508.07909; Radford et al. 2019 (over bytes)

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grok/base/tensor.h"

namespace grok {

class Gpt2Tokenizer {
 public:
  /// The names are those of the files, for messages.
  /// Throws Error{damaged} if they are no vocabulary or no merges, or do not fit together.
  Gpt2Tokenizer(std::string_view vocab_json, const std::string& vocab_name,
                std::string_view merges_text, const std::string& merges_name);

  /// Tokens there are.
  int d_vocab() const { return static_cast<int>(bytes_.size()); }
  /// The token "<|endoftext|>", if there is one. No text is encoded as it.
  std::optional<Token> end_of_text() const { return end_of_text_; }

  /// The tokens of a text, which is valid UTF-8.
  /// Throws Error{damaged} on a byte that the vocabulary has no token for.
  std::vector<Token> encode(std::string_view text) const;
  /// The text of tokens.
  std::string decode(Tokens tokens) const;

 private:
  struct Merge {
    std::size_t rank;
    Token joined;
  };
  static std::uint64_t pair(Token a, Token b) {
    return static_cast<std::uint64_t>(a) << 32 | static_cast<std::uint32_t>(b);
  }
  void read_vocabulary(std::string_view json);
  void read_merges(std::string_view text, const std::string& name);
  std::vector<Token> encode_word(std::string_view word) const;

  std::string vocab_name_;
  std::vector<std::string> bytes_;                  // of each token
  std::unordered_map<std::string, Token> numbers_;  // of each token's bytes
  std::array<Token, 256> of_byte_{};                // -1: none
  std::unordered_map<std::uint64_t, Merge> merges_;
  std::optional<Token> end_of_text_;
};

}  // namespace grok
