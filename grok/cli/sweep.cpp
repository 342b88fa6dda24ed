#include "grok/lab/sweep.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "grok/base/threads.h"
#include "grok/cli/command.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/spec_option.h"
#include "grok/cli/sweep_progress.h"
#include "grok/cli/sweep_text.h"
#include "grok/kernels/target.h"
#include "grok/lab/sweep_table.h"

namespace grok::cli {
namespace {

struct SweepCommand {
  SpecOption spec;
  std::vector<std::string> grid;
  std::string seeds;
  std::string folder;
  int n_jobs = 0;
  bool is_json = false;
};

SweepPlan plan_of(const SweepCommand& command) {
  SweepRequest request;
  request.name = command.spec.name();
  request.overrides = command.spec.overrides;
  request.grid = command.grid;
  request.seeds = command.seeds;
  request.load = [&](const std::vector<std::string>& overrides) {
    return SpecOption{command.spec.spec, overrides}.load();
  };
  return plan_sweep(request);
}

void say_what_is_to_come(const SweepCommand& command, const SweepPlan& plan) {
  const auto at_once = std::min(
      plan.runs.size(), static_cast<std::size_t>(command.n_jobs ? command.n_jobs : n_cores()));
  std::cerr << plan.runs.size() << (plan.runs.size() == 1 ? " run" : " runs") << " into "
            << command.folder << ", " << at_once << " at once\n";
}

std::vector<SweepRow> run_with_progress(const SweepCommand& command, const SweepPlan& plan) {
  std::optional<SweepProgress> progress;
  if (!command.is_json) progress.emplace();
  SweepOptions options{.n_jobs = command.n_jobs, .stop = &catch_interrupts()};
  if (progress) options.observer = &*progress;
  return run_sweep(plan, command.folder, options);
}

// What is missing is said where a table may be long.
int conclude(const SweepCommand& command, const std::vector<SweepRow>& rows) {
  const auto count = [&](auto is_counted) {
    return std::count_if(rows.begin(), rows.end(), is_counted);
  };
  const auto n_failed = count([](const SweepRow& row) { return row.is_failed(); });
  const auto n_finished = count([](const SweepRow& row) { return row.is_finished(); });
  const bool is_interrupted = n_failed + n_finished < std::ssize(rows);
  if (n_failed > 0)
    std::cerr << n_failed << " of " << rows.size() << " runs failed; why stands in "
              << command.folder << "/sweep.csv\n";
  if (is_interrupted)
    std::cerr << "interrupted with " << n_finished << " of " << rows.size()
              << " runs finished; everything is kept. Go on with the same command\n";
  return n_failed > 0 || is_interrupted ? 1 : 0;
}

int sweep(const SweepCommand& command) {
  active_target();  // a GROKSCOPE_TARGET that cannot be served is an error before anything runs
  const SweepPlan plan = plan_of(command);
  if (!plan.warning.empty()) std::cerr << "note: " << plan.warning << '\n';
  if (!command.is_json) say_what_is_to_come(command, plan);
  const std::vector<SweepRow> rows = run_with_progress(command, plan);
  if (command.is_json)
    std::cout << sweep_json(plan, rows) << '\n';
  else
    std::cout << sweep_text(plan, rows) << "table: " << command.folder << "/sweep.csv\n";
  std::cout.flush();
  return conclude(command, rows);
}

}  // namespace

void add_sweep(CLI::App& program, Action& action) {
  auto options = std::make_shared<SweepCommand>();
  CLI::App* command = program.add_subcommand(
      "sweep", "Train every combination of some values and seeds, one run per core");
  command
      ->add_option("SPEC", options->spec.spec, "A preset's name (see list presets) or a .toml file")
      ->required();
  command
      ->add_option("--grid", options->grid,
                   "Values that a key of the spec takes in turn, e.g. --grid optim.lr=1e-3,3e-3; "
                   "given again, every combination is run")
      ->type_name("KEY=V1,V2,...")
      ->allow_extra_args(false);
  command
      ->add_option("--seeds", options->seeds,
                   "Every combination with each train.seed from A to B, both included: 0:9 are ten")
      ->type_name("A:B");
  add_set_option(*command, options->spec);
  command
      ->add_option("--out", options->folder,
                   "The folder of the run files and of sweep.csv; made if it is not there")
      ->check(not_empty())
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--jobs", options->n_jobs,
                   "Runs at once, each on one thread; one per core if left out. Results do not "
                   "depend on it")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--json", options->is_json, "Print the table as JSON, no progress");
  command->footer(
      "Each run is the one that train makes of its spec. Ctrl-C stops the sweep; the same command\n"
      "goes on with it, and passes over what is finished. A larger grid of the same keys finds\n"
      "the runs of a smaller one, and the table keeps the rows of all. A mistake in any\n"
      "combination, a file of DIR that holds a run of another spec, or a sweep.csv that is none\n"
      "is said before anything runs. A run that fails is a row with its error; the others go on.\n"
      "Values in brackets or quotes may hold commas: --grid 'optim.betas=[0.9,0.98],[0.9,0.999]'.\n"
      "Exit codes: 0 every run came to its ending, a divergence too; 1 some failed, or the sweep\n"
      "was interrupted; 2 a mistake in the command, and nothing was run.\n"
      "Example:\n"
      "  grokscope sweep quick --grid optim.weight_decay=0.5,1.5 --seeds 0:4 --out decay");
  command->callback([options, &action] { action = [options] { return sweep(*options); }; });
}

}  // namespace grok::cli
