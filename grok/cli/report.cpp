#include "grok/serve/report.h"

#include <iostream>
#include <memory>
#include <span>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/spec_option.h"
#include "grok/store/atomic_file.h"

namespace grok::cli {
namespace {

struct ReportCommand {
  std::string run, out;
  serve::ReportOptions options;
};

int report(const ReportCommand& command) {
  open_run(command.run);  // what is wrong with it is said as by every command
  check_output(command.out);
  const std::string html = serve::report_html(command.run, command.options);
  write_file_atomically(command.out, std::as_bytes(std::span(html.data(), html.size())));
  return 0;
}

}  // namespace

void add_report(CLI::App& program, Action& action) {
  auto options = std::make_shared<ReportCommand>();
  CLI::App* command =
      program.add_subcommand("report", "Write a run as one HTML file that opens from the disk");
  command->add_option("FILE", options->run, "The run file")->required();
  command->add_option("--out", options->out, "The HTML file")
      ->check(not_empty())
      ->type_name("FILE")
      ->required();
  add_threads_option(*command, options->options.n_threads);
  command->footer(
      "The file holds the page of `grokscope serve` with the run's curves, its frequencies and "
      "the\n"
      "circuit of its last step; it needs no server and no network.\n"
      "Example:\n  grokscope report quick.grok --out quick.html");
  command->callback([options, &action] { action = [options] { return report(*options); }; });
}

}  // namespace grok::cli
