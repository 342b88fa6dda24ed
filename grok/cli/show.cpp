#include <iostream>
#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/show_text.h"
#include "grok/lab/summary.h"

namespace grok::cli {
namespace {

struct ShowOptions {
  std::string path;
  bool is_json = false;
};

int show(const ShowOptions& options) {
  const RunFile file = open_run(options.path);
  if (options.is_json)
    std::cout << summary_json(summarize(file)) << '\n';
  else
    std::cout << show_text(file);
  return 0;
}

}  // namespace

void add_show(CLI::App& program, Action& action) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = program.add_subcommand("show", "Print what a run has learnt, and when");
  command->add_option("FILE", options->path, "The run file; it may be in training just now")
      ->required();
  command->add_flag("--json", options->is_json, "As JSON, for programs");
  command->footer(
      "Settings are the values of its spec that differ from their sections' defaults, as --set "
      "takes "
      "them.\n"
      "Example:\n  grokscope show quick.grok --json | jq .key_frequencies");
  command->callback([options, &action] { action = [options] { return show(*options); }; });
}

}  // namespace grok::cli
