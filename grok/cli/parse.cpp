#include "grok/cli/parse.h"

#include <iostream>
#include <string>
#include <vector>

#include "grok/base/error.h"
#include "grok/cli/command.h"
#include "grok/lab/manifest.h"
#include "grok/plan/program.h"
#include "grok/spec/suggest.h"

namespace grok::cli {
namespace {

std::vector<std::string> command_names(const CLI::App& program) {
  std::vector<std::string> out;
  for (const CLI::App* command : program.get_subcommands({})) out.push_back(command->get_name());
  return out;
}

// CLI11 calls a misspelt command an argument that was not expected; this says what is meant.
void check_command(const CLI::App& program, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  const std::string word = argv[1];
  const std::vector<std::string> known = command_names(program);
  for (const std::string& name : known)
    if (name == word) return;
  throw Error(ErrorCode::usage,
              "no command named " + word + suggestion(word, known) + " (see grokscope --help)");
}

std::string help_hint(const CLI::App& program) {
  const auto chosen = program.get_subcommands();
  const std::string command = chosen.empty() ? "" : chosen.front()->get_name() + " ";
  return "\nsee grokscope " + command + "--help";
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  CLI::App program(
      "grokscope trains small networks until they grok, keeps every run as one file, and shows "
      "what "
      "they have learnt.",
      "grokscope");
  program.set_version_flag("--version", grokscope_version() + std::string(" (plan version ") +
                                            std::to_string(plan_version) + ")");
  program.require_subcommand(1);
  program.footer(
      "Start with:\n  grokscope train quick          addition mod 53, some five seconds\n"
      "  grokscope show quick.grok      what it has learnt\n"
      "Exit codes: 0 done, 1 anything else, 2 wrong usage or spec, 3 unreadable or damaged file,\n"
      "4 the run diverged.");
  Action action;
  add_train(program, action);
  add_sweep(program, action);
  add_reproduce(program, action);
  add_report(program, action);
  add_resume(program, action);
  add_replay(program, action);
  add_fork(program, action);
  add_compare(program, action);
  add_serve(program, action);
  add_show(program, action);
  add_phases(program, action);
  add_probe(program, action);
  add_export(program, action);
  add_list(program, action);
  add_explain(program, action);
  check_command(program, argc, argv);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    return program.exit(success, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorCode::usage, error.what() + help_hint(program));
  }
  return action();
}

}  // namespace grok::cli
