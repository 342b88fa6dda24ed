#include <atomic>
#include <iostream>
#include <memory>
#include <optional>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/run_command.h"
#include "grok/cli/serve_page.h"
#include "grok/cli/spec_option.h"
#include "grok/serve/server.h"

namespace grok::cli {
namespace {

struct TrainOptions {
  SpecOption spec;
  RunCommand command;
  bool is_served = false;
};

// The page beside the training, and afterwards until Ctrl-C.
int train_and_serve(const RunCommand& command, const std::function<int()>& train) {
  const std::atomic<bool>& is_interrupted = catch_interrupts();
  const serve::Server server({.paths = {command.path},
                              .port = 0,
                              .n_threads = command.n_threads,
                              .catalogs = page_catalogs()});
  const std::string address = server.address_of(command.path);
  std::cerr << "watch it at " << address << '\n';
  const int code = train();
  if (is_interrupted) return code;
  std::cerr << "\nthe page stays at " << address << "\nuntil Ctrl-C\n";
  wait_for(is_interrupted);
  return code;
}

int train(const TrainOptions& options) {
  RunCommand command = options.command;
  if (command.path.empty()) command.path = options.spec.name() + ".grok";
  check_new_run(command.path);
  const RunSpec spec = options.spec.load();
  const auto run_it = [&] {
    return run_command(command, [&](const RunOptions& run_options) {
      return run(spec, command.path, run_options);
    });
  };
  return options.is_served ? train_and_serve(command, run_it) : run_it();
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
                   "The run file, NAME.grok; SPEC's name with .grok in this folder if left out")
      ->check(not_empty())
      ->type_name("FILE");
  add_threads_option(*command, options->command.n_threads);
  command->add_flag("--json", options->command.is_json, "Print the summary as JSON, no progress");
  command->add_flag("--serve", options->is_served,
                    "Show the run in a browser while it trains, and afterwards until Ctrl-C");
  command->footer(
      "If FILE holds the same run, training goes on where it stopped; a run of another spec is\n"
      "never overwritten. Ctrl-C stops the run so that it can be resumed.\n"
      "Example:\n  grokscope train quick --set train.seed=1 --out seed1.grok");
  command->callback([options, &action] { action = [options] { return train(*options); }; });
}

}  // namespace grok::cli
