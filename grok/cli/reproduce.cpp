#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "grok/base/error.h"
#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/progress.h"
#include "grok/cli/reproduce_text.h"
#include "grok/cli/spec_option.h"
#include "grok/cli/sweep_progress.h"
#include "grok/kernels/target.h"
#include "grok/lab/ending.h"
#include "grok/lab/run.h"
#include "grok/lab/sweep.h"
#include "grok/spec/parse_spec.h"
#include "grok/spec/suggest.h"
#include "grok/store/atomic_file.h"

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

// Of a spec that is a file, what lies in the folder has the file's name without its path.
fs::path place_of(const ReproduceOptions& options, const std::string& name) {
  return fs::path(options.folder) / SpecOption{name, {}}.name();
}

std::string path_of(const ReproduceOptions& options, const std::string& name) {
  return place_of(options, name).string() + ".grok";
}

// One that says neither what its run should come to nor what to ask of many reproduces nothing.
bool can_be_reproduced(const std::string& name) {
  return !load_expectations(name, preset_folders()).empty() ||
         !load_studies(name, preset_folders()).empty();
}

std::vector<std::string> presets_with_figures() {
  std::vector<std::string> out;
  for (const std::string& name : preset_names(preset_folders()))
    if (can_be_reproduced(name)) out.push_back(name);
  return out;
}

std::vector<StudyGroup> groups_of(const Study& study, const std::string& name,
                                  const ReproduceOptions& options) {
  return grok::groups_of(study, place_of(options, name),
                         [&](const std::vector<std::string>& overrides) {
                           return SpecOption{name, overrides}.load();
                         });
}

// False if it was interrupted. Groups that several studies share are run once.
bool run_study(const Study& study, const std::string& name, const ReproduceOptions& options) {
  for (const StudyGroup& group : groups_of(study, name, options)) {
    std::cerr << name << ", " << group.name << '\n';
    SweepProgress progress;
    const SweepOptions sweep_options{
        .n_jobs = options.n_threads, .observer = &progress, .stop = &catch_interrupts()};
    for (const SweepRow& row : run_sweep(group.plan, group.folder, sweep_options)) {
      if (row.is_failed())
        throw Error(ErrorCode::unavailable,
                    "reproduce: a run of " + name + ", " + group.name + ", failed: " + row.error +
                        "; all of them stand in " + group.folder.string() + "/sweep.csv");
      if (!row.is_finished()) return false;
    }
  }
  return true;
}

// False if it was interrupted.
bool run_one(const std::string& name, const ReproduceOptions& options) {
  if (!load_expectations(name, preset_folders()).empty()) {
    std::cerr << name << '\n';
    Progress progress;
    const RunOptions run_options{
        .n_threads = options.n_threads, .observer = &progress, .stop = &catch_interrupts()};
    const RunResult result = run(SpecOption{name, {}}.load(), path_of(options, name), run_options);
    if (result.ending == Ending::interrupted || !result.is_closed) return false;
  }
  for (const Study& study : load_studies(name, preset_folders()))
    if (!run_study(study, name, options)) return false;
  return true;
}

Reproduction not_run(const std::string& name) {
  Reproduction out{.preset = name, .about = first_comment(spec_path(name, preset_folders()))};
  for (const Expectation& e : load_expectations(name, preset_folders()))
    out.findings.push_back({e, std::nullopt});
  return out;
}

Reproduction look_at(const std::string& name, const ReproduceOptions& options) {
  Reproduction out = not_run(name);
  const std::vector<Expectation> expectations = load_expectations(name, preset_folders());
  const std::string path = path_of(options, name);
  std::error_code error;
  if (!expectations.empty() && fs::exists(path, error)) {
    const RunFile file = RunFile::open(path, Access::read);
    out.is_finished = is_over(ending_of(file));
    out.last_step = file.last_step().value_or(0);
    if (out.is_finished) out.findings = findings_in(file, expectations);
  }
  for (const Study& study : load_studies(name, preset_folders()))
    out.studies.push_back(look_at_study(study, groups_of(study, name, options)));
  return out;
}

// Empty if there is no such file.
std::string text_there(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  const std::vector<std::byte> bytes = read_file(path);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// What becomes of the presets one after the other: one that cannot be run does not end the others.
struct Course {
  bool is_interrupted = false;
  std::vector<std::string> failed;
  ErrorCode code = ErrorCode::unavailable;  // of the last that failed
};

Course run_all(const std::vector<std::string>& names, const ReproduceOptions& options) {
  Course out;
  for (const std::string& name : names) {
    try {
      out.is_interrupted = !run_one(name, options);
    } catch (const Error& error) {
      std::cerr << name << ": " << error.what() << '\n';
      out.failed.push_back(name);
      out.code = error.code();
    }
    if (out.is_interrupted) return out;
  }
  return out;
}

// What of these presets is there; of those that failed just now, nothing.
std::vector<Reproduction> look_at_all(const std::vector<std::string>& names, const Course& course,
                                      const ReproduceOptions& options) {
  std::vector<Reproduction> out;
  for (const std::string& name : names)
    out.push_back(std::ranges::find(course.failed, name) == course.failed.end()
                      ? look_at(name, options)
                      : not_run(name));
  return out;
}

bool falls_short(const Reproduction& r) {
  return !r.is_complete() || !std::ranges::all_of(r.findings, &Finding::is_reproduced);
}

int reproduce(const ReproduceOptions& options) {
  active_target();
  const std::vector<std::string> known = presets_with_figures();
  const std::vector<std::string> names = options.names.empty() ? known : options.names;
  for (const std::string& name : names)
    if (!can_be_reproduced(name))
      throw Error(ErrorCode::usage,
                  "reproduce: the spec " + name + " has no table [[expect]] or [[study]]");
  check_output(options.page);
  if (!options.only_report) make_folder(options.folder);
  const Course course = options.only_report ? Course{} : run_all(names, options);
  const std::vector<Reproduction> asked = look_at_all(names, course, options);
  std::cout << reproductions_text(asked);
  if (!options.page.empty()) {
    const std::string page =
        reproductions_page(look_at_all(known, course, options), text_there(options.page));
    write_file_atomically(options.page, std::as_bytes(std::span(page)));
  }
  if (!course.failed.empty())
    throw Error(course.code, "reproduce: not run: " + comma_list(course.failed) +
                                 "; what was wrong with each stands above");
  if (course.is_interrupted) std::cerr << "interrupted; go on with the same command\n";
  const bool is_short = options.is_check && std::ranges::any_of(asked, falls_short);
  return course.is_interrupted || is_short ? 1 : 0;
}

}  // namespace

void add_reproduce(CLI::App& program, Action& action) {
  auto options = std::make_shared<ReproduceOptions>();
  CLI::App* command = program.add_subcommand(
      "reproduce", "Run presets and hold what comes out against the published figures");
  command->add_option("NAME", options->names,
                      "Presets or .toml files with expected figures or studies; all presets, which "
                      "takes days, if left out");
  command->add_option("--out", options->folder, "The folder of the run files")
      ->check(not_empty())
      ->type_name("DIR")
      ->capture_default_str();
  command
      ->add_option(
          "--page", options->page,
          "Write a page of all presets' figures; what an earlier FILE says of those not run "
          "in DIR is kept")
      ->check(not_empty())
      ->type_name("FILE");
  command->add_flag("--no-run", options->only_report, "Look at the runs that are there already");
  command->add_flag(
      "--check", options->is_check,
      "Exit with 1 if a figure of these presets was not reproduced, whatever the page says "
      "of others");
  add_threads_option(*command, options->n_threads);
  command->footer(
      "A run that is finished is not run again, one that was interrupted goes on. A figure counts\n"
      "as reproduced within the bounds that the preset's file gives beside it. A study runs one\n"
      "setting and its control with many seeds, and compares how long they take to an event.\n"
      "Example:\n  grokscope reproduce skip-trigram-infinite induction-infinite");
  command->callback([options, &action] { action = [options] { return reproduce(*options); }; });
}

}  // namespace grok::cli
