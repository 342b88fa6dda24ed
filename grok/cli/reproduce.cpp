#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "grok/base/error.h"
#include "grok/cli/command.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/progress.h"
#include "grok/cli/reproduce_text.h"
#include "grok/cli/spec_option.h"
#include "grok/kernels/target.h"
#include "grok/lab/ending.h"
#include "grok/lab/run.h"
#include "grok/spec/parse_spec.h"

namespace grok::cli {
namespace {

namespace fs = std::filesystem;

struct ReproduceOptions {
  std::vector<std::string> names;
  std::string folder = "reproductions";
  std::string page;
  int n_threads = 0;
  bool only_report = false;
  bool is_check = false;
};

std::string path_of(const ReproduceOptions& options, const std::string& name) {
  return (fs::path(options.folder) / (name + ".grok")).string();
}

// Presets without an expected figure reproduce nothing.
std::vector<std::string> presets_with_figures() {
  std::vector<std::string> out;
  for (const std::string& name : preset_names(preset_folders()))
    if (!load_expectations(name, preset_folders()).empty()) out.push_back(name);
  return out;
}

// False if it was interrupted.
bool run_one(const std::string& name, const ReproduceOptions& options) {
  std::cerr << name << '\n';
  Progress progress;
  const RunOptions run_options{
      .n_threads = options.n_threads, .observer = &progress, .stop = &catch_interrupts()};
  const RunResult result = run(SpecOption{name, {}}.load(), path_of(options, name), run_options);
  return result.ending != Ending::interrupted && result.is_closed;
}

Reproduction look_at(const std::string& name, const ReproduceOptions& options) {
  Reproduction out{.preset = name, .about = first_comment(spec_path(name, preset_folders()))};
  const std::vector<Expectation> expectations = load_expectations(name, preset_folders());
  const std::string path = path_of(options, name);
  std::error_code error;
  if (fs::exists(path, error)) {
    const RunFile file = RunFile::open(path, Access::read);
    out.is_finished = is_over(ending_of(file));
    out.last_step = file.last_step().value_or(0);
    if (out.is_finished) out.findings = findings_in(file, expectations);
  }
  if (!out.is_finished)
    for (const Expectation& e : expectations) out.findings.push_back({e, std::nullopt});
  return out;
}

void write_page(const std::string& path, const std::vector<Reproduction>& all) {
  std::ofstream out(path);
  out << reproductions_page(all);
  out.close();
  if (!out) throw Error(ErrorCode::unavailable, path + ": cannot be written");
}

int reproduce(const ReproduceOptions& options) {
  active_target();
  const std::vector<std::string> known = presets_with_figures();
  const std::vector<std::string> names = options.names.empty() ? known : options.names;
  for (const std::string& name : names)
    if (load_expectations(name, preset_folders()).empty())
      throw Error(ErrorCode::usage, "reproduce: the spec " + name + " has no table [[expect]]");
  fs::create_directories(options.folder);
  bool is_interrupted = false;
  for (const std::string& name : names)
    if (!options.only_report && !is_interrupted) is_interrupted = !run_one(name, options);
  std::vector<Reproduction> all;
  for (const std::string& name : options.page.empty() ? names : known)
    all.push_back(look_at(name, options));
  std::cout << reproductions_text(all);
  if (!options.page.empty()) write_page(options.page, all);
  if (is_interrupted) std::cerr << "interrupted; go on with the same command\n";
  const auto falls_short = [](const Reproduction& r) {
    return !std::ranges::all_of(r.findings, &Finding::is_reproduced);
  };
  return is_interrupted || (options.is_check && std::ranges::any_of(all, falls_short)) ? 1 : 0;
}

}  // namespace

void add_reproduce(CLI::App& program, Action& action) {
  auto options = std::make_shared<ReproduceOptions>();
  CLI::App* command = program.add_subcommand(
      "reproduce", "Run presets and hold what comes out against the published figures");
  command->add_option("NAME", options->names,
                      "Presets with expected figures; all of them, which takes days, if left out");
  command->add_option("--out", options->folder, "The folder of the run files")
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option("--page", options->page,
                   "Write a page of all presets' figures, those not run as such")
      ->type_name("FILE");
  command->add_flag("--no-run", options->only_report, "Look at the runs that are there already");
  command->add_flag("--check", options->is_check,
                    "Exit with 1 if a figure of these presets was not reproduced");
  add_threads_option(*command, options->n_threads);
  command->footer(
      "A run that is finished is not run again, one that was interrupted goes on. A figure counts\n"
      "as reproduced within the bounds that the preset's file gives beside it.\n"
      "Example:\n  grokscope reproduce skip-trigram-infinite induction-infinite");
  command->callback([options, &action] { action = [options] { return reproduce(*options); }; });
}

}  // namespace grok::cli
