#include "grok/cli/run_command.h"

#include <iostream>
#include <optional>

#include "grok/cli/exit_code.h"
#include "grok/cli/format.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/progress.h"
#include "grok/cli/show_text.h"
#include "grok/kernels/target.h"
#include "grok/lab/summary.h"

namespace grok::cli {
namespace {

RunResult run_with_progress(const RunCommand& command,
                            const std::function<RunResult(const RunOptions&)>& start) {
  std::optional<Progress> progress;
  if (!command.is_json) progress.emplace();
  RunOptions options{.n_threads = command.n_threads, .stop = &catch_interrupts()};
  if (progress) options.observer = &*progress;
  return start(options);
}

void say_how_to_go_on(const RunCommand& command, const RunResult& result) {
  const std::string path = command.path.string();
  if (result.ending == Ending::interrupted)
    std::cerr << "interrupted at step " << grouped(result.step) << "; everything is in " << path
              << ". Go on with: grokscope resume " << path << '\n';
  else if (!result.is_closed)
    std::cerr << "interrupted while the finished run was measured; complete it with: grokscope "
                 "resume "
              << path << '\n';
}

}  // namespace

int run_command(const RunCommand& command,
                const std::function<RunResult(const RunOptions&)>& start) {
  active_target();  // a GROKSCOPE_TARGET that cannot be served is an error before anything runs
  const RunResult result = run_with_progress(command, start);
  if (result.ending == Ending::interrupted && !std::filesystem::exists(command.path)) {
    std::cerr << "interrupted before the run began; there is no file yet\n";
    return exit_code(Ending::interrupted);
  }
  const RunFile file = RunFile::open(command.path, Access::read);
  if (command.is_json)
    std::cout << summary_json(summarize(file)) << '\n';
  else
    std::cout << show_text(file);
  std::cout.flush();
  say_how_to_go_on(command, result);
  const bool is_broken_off = result.ending != Ending::interrupted && !result.is_closed;
  return is_broken_off ? exit_code(Ending::interrupted) : exit_code(result.ending);
}

}  // namespace grok::cli
