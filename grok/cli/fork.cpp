#include "grok/lab/fork.h"

#include <iostream>
#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/format.h"
#include "grok/cli/run_command.h"
#include "grok/cli/spec_option.h"
#include "grok/cli/steps.h"

namespace grok::cli {
namespace {

struct ForkOptions {
  std::string parent, at;
  ForkRequest request;
  RunCommand command;
};

// What is wrong with the parent is said before anything else. It is closed again before the fork
// trains.
ForkRequest request_of(const ForkOptions& options) {
  ForkRequest out = options.request;
  out.step = step_named(open_run(options.parent), options.at);
  return out;
}

int run_fork(const ForkOptions& options) {
  const ForkRequest request = request_of(options);
  check_new_run(options.command.path);
  if (!options.command.is_json)
    std::cerr << "bringing back step " << grouped(request.step) << " of " << options.parent << '\n';
  return run_command(options.command, [&](const RunOptions& run_options) {
    const RunResult result = fork_run(options.parent, request, options.command.path, run_options);
    if (result.ending == Ending::stopped_by_rule && result.step == request.step)
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
  command
      ->add_option("--at", options->at,
                   "The step of the parent at which they part; \"last\" for its last keyframe")
      ->type_name("STEP")
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
      "  grokscope compare quick.grok without_5.grok\n"
      "A finished run is trained longer by\n"
      "  grokscope fork quick.grok --at last --set 'train.stop_when=\"\"' --out longer.grok\n"
      "and, where it has done all its steps, --set train.steps=N.");
  command->callback([options, &action] { action = [options] { return run_fork(*options); }; });
}

}  // namespace grok::cli
