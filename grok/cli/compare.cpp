#include "grok/lab/compare.h"

#include <iostream>
#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/compare_text.h"
#include "grok/cli/files.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/spec_option.h"

namespace grok::cli {
namespace {

struct CompareOptions {
  std::string a, b;
  std::vector<std::string> metrics;
  bool is_quick = false;
  bool is_json = false;
  int n_threads = 0;
};

int run_compare(const CompareOptions& options) {
  for (const std::string& path : {options.a, options.b}) open_run(path);
  const CompareRequest request{.metrics = options.metrics,
                               .is_exact = !options.is_quick,
                               .n_threads = options.n_threads,
                               .stop = &catch_interrupts()};
  const Comparison comparison = compare_runs(options.a, options.b, request);
  if (options.is_json)
    std::cout << compare_json(options.a, options.b, comparison) << '\n';
  else
    std::cout << compare_text(options.a, options.b, comparison);
  if (comparison.was_broken_off) std::cerr << "interrupted while looking for the step\n";
  return comparison.was_broken_off ? 1 : 0;
}

}  // namespace

void add_compare(CLI::App& program, Action& action) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* command =
      program.add_subcommand("compare", "Show where two runs part, and both side by side");
  command->add_option("A", options->a, "A run file")->required();
  command->add_option("B", options->b, "Another")->required();
  add_list_option(
      *command, "--metric", options->metrics,
      "Metrics to set side by side; the losses and accuracies that either has if left out");
  command->add_flag(
      "--quick", options->is_quick,
      "By what the files hold alone: the step is then not narrowed down by replaying");
  add_threads_option(*command, options->n_threads);
  command->add_flag("--json", options->is_json, "As JSON, for programs, with every step");
  command->footer(
      "Example:\n  grokscope compare quick.grok without_5.grok --metric test_loss,excluded_loss");
  command->callback([options, &action] { action = [options] { return run_compare(*options); }; });
}

}  // namespace grok::cli
