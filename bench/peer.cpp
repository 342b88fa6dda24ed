#include "bench/peer.h"

#include <charconv>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace grok::bench {

std::optional<Peer> Peer::start(const std::vector<std::string>& command) {
  signal(SIGPIPE, SIG_IGN);
  int to[2], from[2];
  if (pipe2(to, O_CLOEXEC) != 0) return std::nullopt;
  if (pipe2(from, O_CLOEXEC) != 0) {
    close(to[0]);
    close(to[1]);
    return std::nullopt;
  }
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(to[0]);
  close(from[1]);
  if (failed) {
    close(to[1]);
    close(from[0]);
    return std::nullopt;
  }
  Peer peer(pid, fdopen(to[1], "w"), fdopen(from[0], "r"));
  auto name = peer.line();
  if (!name) return std::nullopt;
  peer.name_ = *name;
  return peer;
}

Peer::Peer(Peer&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      to_(std::exchange(other.to_, nullptr)),
      from_(std::exchange(other.from_, nullptr)),
      name_(std::move(other.name_)) {}

Peer::~Peer() {
  if (to_) fclose(to_);
  if (from_) fclose(from_);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

std::optional<std::string> Peer::line() {
  std::string out;
  for (int c = std::fgetc(from_); c != EOF; c = std::fgetc(from_)) {
    if (c == '\n') return out;
    out += static_cast<char>(c);
  }
  return std::nullopt;
}

std::optional<double> Peer::ask(const std::string& command) {
  if (std::fprintf(to_, "%s\n", command.c_str()) < 0 || std::fflush(to_) != 0) return std::nullopt;
  const auto answer = line();
  double value = 0;
  if (!answer ||
      std::from_chars(answer->data(), answer->data() + answer->size(), value).ec != std::errc{})
    return std::nullopt;
  return value;
}

}  // namespace grok::bench
