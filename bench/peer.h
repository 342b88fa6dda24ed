#pragma once
// A peer that runs as a process of its own and answers one line per command: PyTorch.

#include <cstdio>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace grok::bench {

class Peer {
 public:
  /// Starts a program; nothing if it cannot be started or does not say its first line.
  static std::optional<Peer> start(const std::vector<std::string>& command);
  Peer(Peer&& other) noexcept;
  Peer& operator=(Peer&&) = delete;
  ~Peer();

  pid_t pid() const { return pid_; }
  /// The first line that it said: its name and versions.
  const std::string& name() const { return name_; }
  /// Sends a command and reads the number that answers it; nothing once it has died.
  std::optional<double> ask(const std::string& command);

 private:
  Peer(pid_t pid, std::FILE* to, std::FILE* from) : pid_(pid), to_(to), from_(from) {}
  std::optional<std::string> line();

  pid_t pid_;
  std::FILE* to_;
  std::FILE* from_;
  std::string name_;
};

}  // namespace grok::bench
