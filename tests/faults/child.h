#pragma once
// A piece of a test that may end its process.

#include <exception>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace grok::faults {

inline constexpr int threw = 98;

/// Runs `f` in a child of this process.
///   returns  0 if it came back, `threw` if it threw, what it gave to _exit, or 128 + the signal
template <class F>
int in_a_child(F&& f) {
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    try {
      f();
    } catch (const std::exception&) {
      ::_exit(threw);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace grok::faults
