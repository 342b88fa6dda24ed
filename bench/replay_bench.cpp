// What going back into a run costs, beside training the same steps.
//
//   replay_bench [--json] [--quick] [--rounds N] [--threads N] [--only NAME]
//
// A run of some hundred steps with keyframes at both ends is made first. A round then trains those
// steps without a file; verifies them (`replay FILE`); replays them with a probe of the weights at
// every step, and with one that needs a forward pass over all examples; and asks for the weights of
// a step in the middle. Everything is counted that a user waits for: opening the file, compiling
// the step, writing what was found. Ratios are medians of rounds, each to the training of that
// round.

#include <filesystem>
#include <unistd.h>

#include "bench/cases.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/replay.h"
#include "grok/lab/replayer.h"
#include "grok/train/trainer.h"

namespace grok::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t n_steps = 300;
constexpr std::int64_t middle = 200;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("replay-bench-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

// Nothing is recorded but the ends, so that each round measures anew.
RunSpec recorded_at_the_ends(RunSpec spec) {
  spec.train.set("steps", n_steps);
  spec.record.set("keyframes", std::string("ends"));
  spec.record.set("every", n_steps);
  spec.record.set("log_points_per_octave", std::int64_t{0});
  spec.record.set("probes", std::string("none"));
  return spec;
}

void train(const fs::path& path, ThreadPool& pool, std::int64_t steps) {
  const RunFile file = RunFile::open(path, Access::read);
  const RunSpec spec = from_canonical_json(file.spec_json());
  const TaskData task = tasks::data_of(spec.task);
  Trainer trainer(spec, task, pool, checkpoint_of(file.keyframe(0)));
  while (trainer.steps_done() < steps) trainer.step();
}

void add_row(const Case& c, int n_threads, int n_rounds, Json& rows) {
  const Folder folder;
  const fs::path original = folder.path / "original.grok", copy = folder.path / "copy.grok";
  const RunOptions options{.n_threads = n_threads};
  run(recorded_at_the_ends(spec_of(c)), original, options);
  ThreadPool pool(n_threads);
  const auto replay_with = [&](std::vector<std::string> names) {
    fs::copy_file(original, copy, fs::copy_options::overwrite_existing);
    const ReplayRequest request{.probes = std::move(names), .every = 1};
    return wall_milliseconds([&] { replay(copy, request, options); });
  };
  const std::function<double()> contestants[] = {
      [&] { return wall_milliseconds([&] { train(original, pool, n_steps); }); },
      [&] { return wall_milliseconds([&] { replay(original, {}, options); }); },
      [&] { return replay_with({"embedding_spectrum"}); },
      [&] { return replay_with({"loss_and_accuracy"}); },
      [&] { return wall_milliseconds([&] { train(original, pool, middle); }); },
      [&] {
        const RunFile file = RunFile::open(original, Access::read);
        return wall_milliseconds([&] { weights_at(file, middle, n_threads); });
      }};
  for (const auto& contestant : contestants) contestant();
  const Neighbours neighbours;
  const auto ms = alternate(n_rounds, contestants);
  const auto ratio = [&](std::size_t a, std::size_t b) {
    std::vector<double> out;
    for (std::size_t i = 0; i < ms[a].size(); ++i) out.push_back(ms[a][i] / ms[b][i]);
    return median(out);
  };
  rows.push_back({{"name", c.name},
                  {"threads", n_threads},
                  {"steps", n_steps},
                  {"train_ms", median(ms[0])},
                  {"verify_ratio", ratio(1, 0)},
                  {"weights_probe_ratio", ratio(2, 0)},
                  {"forward_probe_ratio", ratio(3, 0)},
                  {"weights_at_ratio", ratio(5, 4)},
                  {"rounds", n_rounds},
                  {"noisy", is_scattered(ms[0]) || neighbours.are_noisy()}});
}

constexpr Column columns[] = {{"name", "name", 10},
                              {"threads", "threads", 8},
                              {"train_ms", "training ms", 12, 0},
                              {"verify_ratio", "verify", 8, 2},
                              {"weights_probe_ratio", "spectrum", 9, 2},
                              {"forward_probe_ratio", "losses", 8, 2},
                              {"weights_at_ratio", "weights_at", 11, 2},
                              {"noisy", "noisy", 7}};

int run_all(const Options& options) {
  Json rows = Json::array();
  for (const Case& c : cases())
    for (const int n_threads : options.threads)
      if (options.wants(c.name)) add_row(c, n_threads, options.n_rounds, rows);
  print(options, std::move(rows), columns);
  return 0;
}

}  // namespace
}  // namespace grok::bench

int main(int argc, char** argv) {
  const auto options = grok::bench::parse_options(argc, argv);
  return options ? grok::bench::run_all(*options) : 2;
}
