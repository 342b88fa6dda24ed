#include "grok/cli/program.h"

#include <cstdio>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace grok::testing {
namespace {

std::string all_of(std::FILE* file) {
  std::rewind(file);
  std::string text;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, n);
  return text;
}

// As a shell starts a program, whatever the tests were started by: nohup has SIGHUP ignored.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

Running::Running(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& environment, const char* out)
    : out_(std::tmpfile()), err_(std::tmpfile()) {
  std::vector<std::string> words{GROKSCOPE_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment;
  variables.push_back("GROKSCOPE_SPECS=" GROKSCOPE_SPECS);
  for (char** v = environ; *v; ++v) variables.emplace_back(*v);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (out)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out, O_WRONLY, 0);
  else
    posix_spawn_file_actions_adddup2(&actions, fileno(out_), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(err_), STDERR_FILENO);
  const int failed = posix_spawn(&pid_, GROKSCOPE_PROGRAM, &actions, Attributes().get(),
                                 pointers(words).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed) throw std::runtime_error("cannot start " GROKSCOPE_PROGRAM);
}

Running::~Running() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::fclose(out_);
  std::fclose(err_);
}

void Running::signal(int number) const { kill(pid_, number); }

Outcome Running::finish() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  Outcome outcome;
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.out = all_of(out_);
  outcome.err = all_of(err_);
  return outcome;
}

Outcome grokscope(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment) {
  return Running(arguments, environment).finish();
}

Outcome grokscope_to(const char* out, const std::vector<std::string>& arguments) {
  return Running(arguments, {}, out).finish();
}

}  // namespace grok::testing
