#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/run_command.h"
#include "grok/cli/spec_option.h"

namespace grok::cli {
namespace {

struct TrainOptions {
  SpecOption spec;
  RunCommand command;
};

int train(const TrainOptions& options) {
  RunCommand command = options.command;
  if (command.path.empty()) command.path = options.spec.name() + ".grok";
  const RunSpec spec = options.spec.load();
  return run_command(
      command, [&](const RunOptions& run_options) { return run(spec, command.path, run_options); });
}

}  // namespace

void add_train(CLI::App& program, Action& action) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command = program.add_subcommand("train", "Train a network and keep the run in a file");
  command
      ->add_option("SPEC", options->spec.spec, "A preset's name (see list presets) or a .toml file")
      ->required();
  add_set_option(*command, options->spec);
  command
      ->add_option("--out", options->command.path,
                   "The run file; SPEC's name with .grok in this folder if left out")
      ->type_name("FILE");
  add_threads_option(*command, options->command.n_threads);
  command->add_flag("--json", options->command.is_json, "Print the summary as JSON, no progress");
  command->footer(
      "If FILE holds the same run, training goes on where it stopped; a run of another spec is\n"
      "never overwritten. Ctrl-C stops the run so that it can be resumed.\n"
      "Example:\n  grokscope train quick --set train.seed=1 --out seed1.grok");
  command->callback([options, &action] { action = [options] { return train(*options); }; });
}

}  // namespace grok::cli
