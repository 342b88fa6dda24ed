#include "grok/lab/replay.h"

#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/format.h"
#include "grok/cli/interrupt.h"
#include "grok/cli/live_line.h"
#include "grok/cli/spec_option.h"
#include "grok/cli/speed.h"
#include "grok/kernels/target.h"

namespace grok::cli {
namespace {

struct ReplayOptions {
  std::string path;
  std::int64_t from = -1, to = -1;
  ReplayRequest request;
  int n_threads = 0;
  bool is_json = false;
};

class ReplayProgress : public RunObserver {
 public:
  explicit ReplayProgress(std::int64_t to) : to_(to) {}
  void on_begin(const RunSpec&, std::int64_t step) override { speed_.start(step); }
  void on_step(std::int64_t step, double) override {
    speed_.at(step);
    if (!live_.is_terminal() || step % 16 != 0) return;
    live_.draw("replaying, step " + grouped(step) +
               speed_.text(std::max<std::int64_t>(to_ - step, 0)));
  }

 private:
  std::int64_t to_;
  LiveLine live_;
  Speed speed_;
};

void print(const ReplayOptions& options, const ReplayResult& r) {
  std::cout << options.path << ": steps " << grouped(r.from) << " to " << grouped(r.to) << ", "
            << grouped(r.n_keyframes) << (r.n_keyframes == 1 ? " keyframe" : " keyframes")
            << " verified" << (r.n_keyframes > 0 ? ": the same bits" : "; none lies on the way")
            << '\n';
  if (options.request.probes.empty()) return;
  std::cout << grouped(r.n_recorded) << " numbers and arrays recorded, marked as replayed; "
            << grouped(r.n_agreed) << " were there already, and are the same\n";
  if (r.n_left_out > 0)
    std::cout << "note: " << grouped(r.n_left_out)
              << " more were left out: the run has no keyframe behind them, which would show that "
                 "their steps are its own. resume it first\n";
  if (r.n_recorded + r.n_agreed + r.n_left_out == 0)
    std::cout
        << "note: nothing was measured. Without --every that is done where the run recorded, and "
           "some probes need the key frequencies, which are known when the run is over\n";
}

nlohmann::ordered_json json_of(const ReplayResult& r) {
  return {{"from", r.from},
          {"to", r.to},
          {"n_keyframes", r.n_keyframes},
          {"n_agreed", r.n_agreed},
          {"n_recorded", r.n_recorded},
          {"n_left_out", r.n_left_out},
          {"is_complete", r.is_complete}};
}

int run_replay(const ReplayOptions& options) {
  active_target();
  if (options.request.every > 0 && options.request.probes.empty())
    throw Error(ErrorCode::usage,
                "replay: --every goes with --probe (see grokscope replay --help)");
  ReplayRequest request = options.request;
  if (options.from >= 0) request.from = options.from;
  if (options.to >= 0) request.to = options.to;
  const std::int64_t to = request.to.value_or(open_run(options.path).last_step().value_or(0));
  std::optional<ReplayProgress> progress;
  if (!options.is_json) progress.emplace(to);
  RunOptions run_options{.n_threads = options.n_threads, .stop = &catch_interrupts()};
  if (progress) run_options.observer = &*progress;
  const ReplayResult result = replay(options.path, request, run_options);
  progress.reset();  // clears its line
  if (options.is_json)
    std::cout << json_of(result).dump(2) << '\n';
  else if (result.is_complete)
    print(options, result);
  if (!result.is_complete)
    std::cerr << "interrupted; what was measured up to the last keyframe passed is kept. Go on "
                 "with the same command\n";
  return result.is_complete ? 0 : 1;
}

}  // namespace

void add_replay(CLI::App& program, Action& action) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = program.add_subcommand(
      "replay", "Recompute steps of a run exactly, verify them, and measure them anew");
  command->add_option("FILE", options->path, "The run file")->required();
  command->add_option("--from", options->from, "The first step; the run's first if left out")
      ->check(CLI::Range(std::int64_t{0}, largest_step));
  command->add_option("--to", options->to, "The last step; the run's last if left out")
      ->check(CLI::Range(std::int64_t{0}, largest_step));
  add_list_option(
      *command, "--probe", options->request.probes,
      "What to measure and record (see list probes); without it steps are verified only");
  command
      ->add_option("--every", options->request.every,
                   "Steps between two measurements; if left out, where the run recorded")
      ->check(CLI::Range(1, 1000000000));
  add_threads_option(*command, options->n_threads);
  command->add_flag("--json", options->is_json, "As JSON, for programs, no progress");
  command->footer(
      "Training is exact, so any step comes back bit for bit from the keyframe before it. Every\n"
      "keyframe on the way is held against what is computed; the first that differs is an error\n"
      "that names the tensor, and what this program or machine has otherwise.\n"
      "Examples:\n  grokscope replay quick.grok\n"
      "  grokscope replay quick.grok --from 900 --to 1000 --probe embedding_spectrum --every 1");
  command->callback([options, &action] { action = [options] { return run_replay(*options); }; });
}

}  // namespace grok::cli
