#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/run_command.h"
#include "grok/cli/spec_option.h"

namespace grok::cli {

void add_resume(CLI::App& program, Action& action) {
  auto options = std::make_shared<RunCommand>();
  CLI::App* command =
      program.add_subcommand("resume", "Go on with a run that was interrupted or killed");
  command->add_option("FILE", options->path, "The run file")->required();
  add_threads_option(*command, options->n_threads);
  command->add_flag("--json", options->is_json, "Print the summary as JSON, no progress");
  command->footer(
      "The finished run has the same bits as one that was never interrupted.\n"
      "Example:\n  grokscope resume quick.grok");
  command->callback([options, &action] {
    action = [options] {
      return run_command(*options, [&](const RunOptions& run_options) {
        open_run(options->path);  // what cannot be read is said as by all commands
        return resume(options->path, run_options);
      });
    };
  });
}

}  // namespace grok::cli
