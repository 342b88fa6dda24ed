#include "bench/torch_peer.h"

#include <charconv>
#include <cstdio>
#include <memory>
#include <sstream>
#include <vector>

namespace grok::bench {
namespace {

// Debian's: python3-torch belongs to it.
constexpr const char* python = "/usr/bin/python3";

// The case as both scripts read it. No locale enters.
std::string text_of(const Case& c) {
  char fraction[32];
  const auto end = std::to_chars(fraction, fraction + sizeof fraction, c.fraction).ptr;
  std::string out = std::to_string(c.p) + "," + std::string(fraction, end);
  for (const std::int64_t size : {c.d_model, c.n_heads, c.d_head, c.d_mlp})
    out += "," + std::to_string(size);
  return out;
}

std::vector<std::string> lines_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  char buffer[4096];
  for (std::size_t n; pipe && (n = std::fread(buffer, 1, sizeof buffer, pipe.get())) > 0;)
    text.append(buffer, n);
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

}  // namespace

TorchSettings find_torch_settings(int n_threads) {
  std::string command =
      std::string(python) + " '" GROKSCOPE_PEERS "/torch_settings.py' " + std::to_string(n_threads);
  for (const Case& c : cases()) command += " " + text_of(c);
  const std::vector<std::string> lines = lines_of(command);
  TorchSettings out;
  if (lines.size() != cases().size()) return out;
  for (std::size_t i = 0; i < lines.size(); ++i) out[cases()[i].name] = lines[i];
  return out;
}

std::optional<Peer> start_torch(const Case& model, int n_threads, const std::string& settings) {
  std::vector<std::string> command{"env"};
  std::istringstream words(settings);
  for (std::string word; words >> word;) command.push_back(word);
  for (const std::string& word :
       {std::string(python), std::string(GROKSCOPE_PEERS "/torch_step.py"),
        std::to_string(n_threads), text_of(model)})
    command.push_back(word);
  return Peer::start(command);
}

}  // namespace grok::bench
