#include "grok/tasks/gpt2_tokenizer.h"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/tasks/gpt2_words.h"

namespace grok {
namespace {

[[noreturn]] void damaged(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::damaged, file + ": " + what);
}

// The byte that each character of a written token stands for, by code point; -1: none.
const std::array<int, 324>& byte_of_character() {
  static const std::array<int, 324> table = [] {
    std::array<int, 324> out{};
    out.fill(-1);
    std::size_t next = 256;
    for (int byte = 0; byte < 256; ++byte) {
      const bool is_itself =
          ('!' <= byte && byte <= '~') || (0xa1 <= byte && byte <= 0xff && byte != 0xad);
      out[is_itself ? static_cast<std::size_t>(byte) : next++] = byte;
    }
    return out;
  }();
  return table;
}

// The bytes of a written token; nothing if it has a character that stands for none. All that do are
// of one or two bytes of UTF-8.
std::optional<std::string> bytes_of(std::string_view written) {
  std::string out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    std::size_t code = static_cast<unsigned char>(written[i]);
    if (code >= 0x80) {
      if (++i == written.size() || code < 0xc2 || code >= 0xe0) return std::nullopt;
      code = (code & 0x1f) << 6 | (static_cast<unsigned char>(written[i]) & 0x3f);
    }
    const auto& table = byte_of_character();
    if (code >= table.size() || table[code] < 0) return std::nullopt;
    out += static_cast<char>(table[code]);
  }
  return out;
}

}  // namespace

Gpt2Tokenizer::Gpt2Tokenizer(std::string_view vocab_json, const std::string& vocab_name,
                             std::string_view merges_text, const std::string& merges_name)
    : vocab_name_(vocab_name) {
  read_vocabulary(vocab_json);
  read_merges(merges_text, merges_name);
}

void Gpt2Tokenizer::read_vocabulary(std::string_view json) {
  const nlohmann::json vocab = nlohmann::json::parse(json, nullptr, false);
  if (!vocab.is_object() || vocab.empty())
    damaged(vocab_name_, "expected a JSON object of token to number");
  bytes_.resize(vocab.size());
  std::vector<bool> is_taken(vocab.size());
  for (const auto& [written, number] : vocab.items()) {
    const std::string where = "the token \"" + written + "\"";
    if (!number.is_number_unsigned() || number.get<std::uint64_t>() >= vocab.size() ||
        is_taken[number.get<std::size_t>()])
      damaged(vocab_name_, where + " has " + number.dump() + "; expected each number from 0 to " +
                               std::to_string(vocab.size() - 1) + " once");
    const auto token = number.get<std::size_t>();
    is_taken[token] = true;
    if (written == "<|endoftext|>") {  // not what a text with these letters becomes
      end_of_text_ = static_cast<Token>(token);
      bytes_[token] = written;
      continue;
    }
    const std::optional<std::string> bytes = bytes_of(written);
    if (!bytes || bytes->empty())
      damaged(vocab_name_, where + " has a character that stands for no byte");
    bytes_[token] = *bytes;
    numbers_[*bytes] = static_cast<Token>(token);
  }
  of_byte_.fill(-1);
  for (const auto& [bytes, token] : numbers_)
    if (bytes.size() == 1) of_byte_[static_cast<unsigned char>(bytes[0])] = token;
}

void Gpt2Tokenizer::read_merges(std::string_view text, const std::string& name) {
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++line_number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || (line_number == 1 && line.starts_with("#version"))) continue;
    const std::string where = "line " + std::to_string(line_number) + ": ";
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos)
      damaged(name, where + "expected two tokens with a space between them");
    const auto token = [&](const std::optional<std::string>& bytes, std::string_view written) {
      const auto found = bytes ? numbers_.find(*bytes) : numbers_.end();
      if (found == numbers_.end())
        damaged(name, where + "\"" + std::string(written) + "\" is not in " + vocab_name_);
      return found->second;
    };
    const std::string_view left = line.substr(0, space), right = line.substr(space + 1);
    const auto a = bytes_of(left), b = bytes_of(right);
    const Token first = token(a, left), second = token(b, right);
    const Token joined = token(*a + *b, std::string(left) + std::string(right));
    merges_.try_emplace(pair(first, second), Merge{merges_.size(), joined});
  }
}

std::vector<Token> Gpt2Tokenizer::encode_word(std::string_view word) const {
  std::vector<Token> out;
  for (const char c : word) {
    const Token token = of_byte_[static_cast<unsigned char>(c)];
    if (token < 0) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "0x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      damaged(vocab_name_, std::string("has no token for the byte ") + hex);
    }
    out.push_back(token);
  }
  // The pair learnt first is joined wherever it stands, from the left; then the next.
  while (out.size() > 1) {
    std::uint64_t best = 0;
    const Merge* merge = nullptr;
    for (std::size_t i = 0; i + 1 < out.size(); ++i) {
      const auto found = merges_.find(pair(out[i], out[i + 1]));
      if (found == merges_.end() || (merge && found->second.rank >= merge->rank)) continue;
      best = found->first;
      merge = &found->second;
    }
    if (!merge) break;
    std::size_t to = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const bool is_pair = i + 1 < out.size() && pair(out[i], out[i + 1]) == best;
      const Token token = is_pair ? merge->joined : out[i];
      if (is_pair) ++i;
      out[to++] = token;
    }
    out.resize(to);
  }
  return out;
}

std::vector<Token> Gpt2Tokenizer::encode(std::string_view text) const {
  std::unordered_map<std::string_view, std::vector<Token>> known;
  std::vector<Token> out;
  for (const std::string_view word : gpt2_words(text)) {
    auto found = known.find(word);
    if (found == known.end()) found = known.emplace(word, encode_word(word)).first;
    out.insert(out.end(), found->second.begin(), found->second.end());
  }
  return out;
}

std::string Gpt2Tokenizer::decode(Tokens tokens) const {
  std::string out;
  for (const Token t : tokens) {
    GROK_REQUIRE(0 <= t && t < d_vocab(), "token " + std::to_string(t));
    out += bytes_[static_cast<std::size_t>(t)];
  }
  return out;
}

}  // namespace grok
