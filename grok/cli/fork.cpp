#include "grok/lab/fork.h"

#include <iostream>
#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/format.h"
#include "grok/cli/run_command.h"
#include "grok/cli/spec_option.h"

namespace grok::cli {
namespace {

struct ForkOptions {
  std::string parent;
  ForkRequest request;
  RunCommand command;
};

int run_fork(const ForkOptions& options) {
  open_run(options.parent);  // what is wrong with it is said before anything else
  check_new_run(options.command.path);
  if (!options.command.is_json)
    std::cerr << "bringing back step " << grouped(options.request.step) << " of " << options.parent
              << '\n';
  return run_command(options.command, [&](const RunOptions& run_options) {
    const RunResult result =
        fork_run(options.parent, options.request, options.command.path, run_options);
    if (result.ending == Ending::stopped_by_rule && result.step == options.request.step)
      std::cerr << "note: nothing was trained, since train.stop_when holds at that step already; "
                   "without it: --set 'train.stop_when=\"\"'\n";
    return result;
  });
}

}  // namespace

void add_fork(CLI::App& program, Action& action) {
  auto options = std::make_shared<ForkOptions>();
  CLI::App* command =
      program.add_subcommand("fork", "Go on from any step of a run with something changed");
  command->add_option("FILE", options->parent, "The run file of the parent, which stays as it is")
      ->required();
  command->add_option("--at", options->request.step, "The step of the parent at which they part")
      ->check(CLI::Range(std::int64_t{0}, largest_step))
      ->required();
  command
      ->add_option(
          "--set", options->request.overrides,
          "Set a value of the spec that changes no shape, e.g. --set optim.weight_decay=0; "
          "may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      ->add_option("--edit", options->request.edits,
                   "Change the state at that step (see list edits), e.g. "
                   "--edit remove_frequency:frequency=14; may be given again")
      ->type_name("NAME:KEY=VALUE,...")
      ->allow_extra_args(false);
  command->add_option("--out", options->command.path, "The run file of the fork, NAME.grok")
      ->check(not_empty())
      ->type_name("FILE")
      ->required();
  add_threads_option(*command, options->command.n_threads);
  command->add_flag("--json", options->command.is_json, "Print the summary as JSON, no progress");
  command->footer(
      "The fork begins with the parent's weights and optimizer state at that step, and counts "
      "steps\n"
      "as its parent does; without a change it has the parent's bits. Its file stands alone. If\n"
      "that fork is in the file already, training goes on with it.\n"
      "Examples:\n"
      "  grokscope fork quick.grok --at 600 --set optim.weight_decay=0 --out no_decay.grok\n"
      "  grokscope fork quick.grok --at 600 --edit remove_frequency:frequency=5 --out "
      "without_5.grok\n"
      "  grokscope compare quick.grok without_5.grok");
  command->callback([options, &action] { action = [options] { return run_fork(*options); }; });
}

}  // namespace grok::cli
