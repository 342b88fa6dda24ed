#include "bench/torch_peer.h"

#include <cstdio>
#include <memory>
#include <sstream>

namespace grok::bench {
namespace {

// Debian's: python3-torch belongs to it.
constexpr const char* python = "/usr/bin/python3";

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

std::vector<std::string> find_torch_settings(std::span<const std::filesystem::path> cases,
                                             int n_threads) {
  std::string command =
      std::string(python) + " '" GROKSCOPE_PEERS "/torch_settings.py' " + std::to_string(n_threads);
  for (const std::filesystem::path& of : cases) command += " '" + of.string() + "'";
  const std::vector<std::string> lines = lines_of(command);
  return lines.size() == cases.size() ? lines : std::vector<std::string>{};
}

std::optional<Peer> start_torch(const std::filesystem::path& of, int n_threads,
                                const std::string& settings) {
  std::vector<std::string> command{"env"};
  std::istringstream words(settings);
  for (std::string word; words >> word;) command.push_back(word);
  for (const std::string& word :
       {std::string(python), std::string(GROKSCOPE_PEERS "/torch_step.py"),
        std::to_string(n_threads), of.string()})
    command.push_back(word);
  return Peer::start(command);
}

}  // namespace grok::bench
