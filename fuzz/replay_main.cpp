// A fuzzer without libFuzzer: built by every compiler, run by ctest. Replays the seeds, then random
// mutations of them, which are the same at each run.
//
//   NAME_replay [--runs N] [--seed N]    N mutations beside the seeds
//   NAME_replay --write DIRECTORY        what libFuzzer begins with: seeds, and words.dict
//   NAME_replay FILE...                  these inputs alone, as libFuzzer keeps them

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "fuzz/target.h"
#include "tests/support/temporary_directory.h"

namespace grok::fuzz {
namespace {

constexpr std::size_t longest = 100'000;

std::minstd_rand random_state;  // its output is specified
std::vector<std::string> dictionary;

std::size_t below(std::size_t n) { return random_state() % n; }

using Bytes = std::vector<std::uint8_t>;

void flip_bit(Bytes& bytes) {
  if (!bytes.empty()) bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1u << below(8));
}

void set_byte(Bytes& bytes) {
  constexpr std::uint8_t extremes[] = {0, 1, 0x7F, 0x80, 0xFF, '[', '"', '9'};
  if (!bytes.empty()) bytes[below(bytes.size())] = extremes[below(sizeof extremes)];
}

void erase_some(Bytes& bytes) {
  if (bytes.empty()) return;
  const std::size_t at = below(bytes.size()), n = 1 + below(16);
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(n, bytes.size() - at)));
}

void insert_word(Bytes& bytes) {
  const std::string& word = dictionary[below(dictionary.size())];
  const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size() + 1));
  bytes.insert(at, word.begin(), word.end());
}

void copy_part(Bytes& bytes) {
  if (bytes.size() < 2) return;
  const std::size_t from = below(bytes.size()), to = below(bytes.size()), n = 1 + below(64);
  for (std::size_t i = 0; i < n && std::max(from, to) + i < bytes.size(); ++i)
    bytes[to + i] = bytes[from + i];
}

void cut(Bytes& bytes) { bytes.resize(below(bytes.size() + 1)); }

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void mutate_and_run(const std::string& seed) {
  Bytes bytes(longest);
  std::size_t size = std::min(seed.size(), longest);
  std::memcpy(bytes.data(), seed.data(), size);
  for (std::size_t n = 1 + below(4); n > 0; --n)
    size = LLVMFuzzerCustomMutator ? LLVMFuzzerCustomMutator(bytes.data(), size, longest,
                                                             static_cast<unsigned>(random_state()))
                                   : LLVMFuzzerMutate(bytes.data(), size, longest);
  bytes.resize(size);
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

// libFuzzer's form: one "word" a line, other characters in hexadecimal.
std::string dictionary_text() {
  std::string out;
  for (const std::string& word : dictionary) {
    out += '"';
    for (const char c : word) {
      char buffer[8];
      const bool is_plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
      std::snprintf(buffer, sizeof buffer, is_plain ? "%c" : "\\x%02X",
                    static_cast<unsigned char>(c));
      out += buffer;
    }
    out += "\"\n";
  }
  return out;
}

void write(const std::filesystem::path& directory) {
  const auto corpus = directory / "seeds";
  std::filesystem::create_directories(corpus);
  int n = 0;
  for (const std::string& seed : seeds()) write_text(corpus / std::to_string(n++), seed);
  write_text(directory / "words.dict", dictionary_text());
}

long number(const std::string& text) {
  long out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

int replay(const std::vector<std::string>& arguments) {
  long n_runs = 10'000;
  std::vector<std::string> files;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool has_value = i + 1 < arguments.size();
    if (arguments[i] == "--write" && has_value) return write(arguments[i + 1]), 0;
    if (arguments[i] == "--runs" && has_value)
      n_runs = number(arguments[++i]);
    else if (arguments[i] == "--seed" && has_value)
      random_state.seed(static_cast<unsigned>(number(arguments[++i])));
    else
      files.push_back(arguments[i]);
  }
  for (const std::string& file : files) run(read_text(file));
  if (!files.empty()) return 0;
  const std::vector<std::string> all = seeds();
  for (const std::string& seed : all) run(seed);
  for (long i = 0; i < n_runs; ++i) mutate_and_run(all[below(all.size())]);
  std::printf("%zu seeds, %ld mutations of them: no crash, every property held\n", all.size(),
              n_runs);
  return 0;
}

}  // namespace
}  // namespace grok::fuzz

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                        std::size_t max_size) {
  using namespace grok::fuzz;
  constexpr void (*changes[])(Bytes&) = {flip_bit,    flip_bit,  set_byte, set_byte,
                                         insert_word, copy_part, cut,      erase_some};
  Bytes bytes(data, data + size);
  changes[below(8)](bytes);
  bytes.resize(std::min(bytes.size(), max_size));
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

int main(int argc, char** argv) {
  grok::fuzz::dictionary = grok::fuzz::words();
  return grok::fuzz::replay(std::vector<std::string>(argv + 1, argv + argc));
}
