// The program. Every error ends here, as one message and one exit code.

#include <csignal>
#include <iostream>

#include "grok/cli/exit_code.h"
#include "grok/cli/parse.h"

int main(int argc, char** argv) {
  // A closed pipe or a full disk is an error to report, not a reason to vanish in mid-run.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const int code = grok::cli::run_program(argc, argv);
    std::cout.flush();
    if (std::cout) return code;
    std::cerr << "grokscope: the output could not be written\n";
    return code == 0 ? 1 : code;
  } catch (const std::exception& error) {
    std::cerr << "grokscope: " << grok::cli::message_of(error) << '\n';
    return grok::cli::exit_code(error);
  }
}
