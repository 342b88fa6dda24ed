#include "grok/cli/interrupt.h"

#include <csignal>

namespace grok::cli {
namespace {

std::atomic<bool> is_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch nothing else");

extern "C" void on_signal(int) {
  is_interrupted.store(true);
  // A second of these does what it does by default: it kills. A second SIGHUP means nothing new: a
  // terminal that closes sends one, and its shell another.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

void catch_signal(int number) {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // no system call of ours should fail half-way for it
  sigemptyset(&action.sa_mask);
  struct sigaction before = {};
  sigaction(number, nullptr, &before);
  // Whoever started us ignoring a signal (nohup, a shell's background job) means it.
  if (before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
}

}  // namespace

const std::atomic<bool>& catch_interrupts() {
  catch_signal(SIGINT);
  catch_signal(SIGTERM);
  catch_signal(SIGHUP);
  return is_interrupted;
}

}  // namespace grok::cli
