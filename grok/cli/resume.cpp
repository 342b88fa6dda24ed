#include <algorithm>
#include <iostream>
#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/run_command.h"
#include "grok/cli/spec_option.h"
#include "grok/lab/summary.h"

namespace grok::cli {
namespace {

// The fork that goes on where a run has ended. One that ended by its rule would end at once again.
std::string fork_command(const std::filesystem::path& path, const RunResult& result) {
  const bool is_diverged = result.ending == Ending::diverged;
  std::string out = "grokscope fork " + path.string() + " --at " + (is_diverged ? "STEP" : "last");
  if (is_diverged) out += " --set optim.lr=...";
  if (result.ending == Ending::stopped_by_rule) out += " --set 'train.stop_when=\"\"'";
  const std::int64_t limit = outline_of(RunFile::open(path, Access::read)).train.integer("steps");
  if (!is_diverged && result.step >= limit)
    out += " --set train.steps=" + std::to_string(2 * std::max<std::int64_t>(1, result.step));
  const std::filesystem::path longer = path.stem().string() + "_longer.grok";
  return out + " --out " + (path.parent_path() / longer).string();
}

void say_it_is_over(const std::filesystem::path& path, const RunResult& result) {
  const bool was_over = result.ending != Ending::interrupted && result.step == result.first_step;
  if (!was_over || !result.is_closed) return;
  std::cerr << "the run is over, and resume leaves it so; "
            << (result.ending == Ending::diverged ? "with something changed before it diverged: "
                                                  : "to train it longer: ")
            << fork_command(path, result) << '\n';
}

int resume_run(const RunCommand& command) {
  RunResult result;
  const int code = run_command(command, [&](const RunOptions& options) {
    open_run(command.path);  // what cannot be read is said as by all commands
    return result = resume(command.path, options);
  });
  say_it_is_over(command.path, result);
  return code;
}

}  // namespace

void add_resume(CLI::App& program, Action& action) {
  auto options = std::make_shared<RunCommand>();
  CLI::App* command =
      program.add_subcommand("resume", "Go on with a run that was interrupted or killed");
  command->add_option("FILE", options->path, "The run file")->required();
  add_threads_option(*command, options->n_threads);
  command->add_flag("--json", options->is_json, "Print the summary as JSON, no progress");
  command->footer(
      "The finished run has the same bits as one that was never interrupted. A run that is over "
      "stays\nas it is; to train it longer, fork it at its last step (see fork --help).\n"
      "Example:\n  grokscope resume quick.grok");
  command->callback([options, &action] { action = [options] { return resume_run(*options); }; });
}

}  // namespace grok::cli
