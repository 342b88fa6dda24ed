#include <filesystem>
#include <iostream>
#include <memory>

#include "grok/base/error.h"
#include "grok/cli/command.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/serve_page.h"
#include "grok/cli/spec_option.h"
#include "grok/serve/server.h"

namespace grok::cli {
namespace {

int run_server(const serve::ServerOptions& options) {
  for (const std::filesystem::path& path : options.paths)
    if (!std::filesystem::exists(path))
      throw Error(ErrorCode::not_found, path.string() + ": there is no such file or folder");
  const std::atomic<bool>& is_interrupted = catch_interrupts();
  const serve::Server server(options);
  const bool is_one_run =
      options.paths.size() == 1 && std::filesystem::is_regular_file(options.paths[0]);
  std::cout << (is_one_run ? server.address_of(options.paths[0]) : server.address()) << std::endl;
  std::cerr << "open this address in a browser on this machine; Ctrl-C ends the page\n";
  wait_for(is_interrupted);
  return 0;
}

}  // namespace

void add_serve(CLI::App& program, Action& action) {
  auto options = std::make_shared<serve::ServerOptions>();
  CLI::App* command =
      program.add_subcommand("serve", "Show runs in a browser, also while they train");
  command
      ->add_option("PATH", options->paths,
                   "Folders with run files, and run files; this folder if left out")
      ->type_name("PATH");
  command
      ->add_option("--port", options->port, "A port of this machine; any that is free if left out")
      ->check(CLI::Range(1, 65535));
  add_threads_option(*command, options->n_threads);
  command->footer(
      "Prints an address with a token in it, which lets whoever has it read these runs. The page "
      "is\n"
      "served to this machine alone; nothing outside PATH is read.\n"
      "Example:\n  grokscope serve quick.grok");
  command->callback([options, &action] {
    action = [options] {
      if (options->paths.empty()) options->paths.emplace_back(".");
      options->catalogs = page_catalogs();
      return run_server(*options);
    };
  });
}

}  // namespace grok::cli
