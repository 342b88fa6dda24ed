// Why did frequency 7 overtake frequency 5? Find the very step at which it did, go back to the one
// before, take it away, and see what the network does instead.
//
// docs/replay.md tells the same story with the command line.

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <unistd.h>

#include "grok/lab/closing.h"
#include "grok/lab/compare.h"
#include "grok/lab/fork.h"
#include "grok/lab/replay.h"
#include "grok/lab/spec_schema.h"

namespace {

namespace fs = std::filesystem;
using grok::Access;
using grok::RunFile;

// The frequency of which the embedding has most.
int leader(const grok::DoubleTensor& spectrum) {
  const auto most = std::max_element(spectrum.data.begin(), spectrum.data.end());
  return 1 + static_cast<int>(most - spectrum.data.begin());
}

struct Change {
  std::int64_t before = 0, step = 0;  // between these two the lead passed
  int from = 0, to = 0;
};

// The first change of the lead once there is something to lead: the early ones are noise.
std::optional<Change> change_of_lead(const RunFile& run, std::int64_t after) {
  std::optional<Change> here;
  for (const grok::ArrayPoint& point : run.array_metric("embedding_spectrum")) {
    const int now = leader(point.values);
    if (here && now != here->to && point.step > after)
      return Change{here->step, point.step, here->to, now};
    here = Change{0, point.step, now, now};
  }
  return std::nullopt;
}

void print_keys(const char* what, const fs::path& path) {
  const RunFile run = RunFile::open(path, Access::read);
  const grok::RunSummary summary = grok::summarize(run);
  std::cout << what << ": grokked at step " << summary.phases.grok_step.value_or(-1) << "; uses";
  for (const grok::KeyFrequency& key : summary.key_frequencies)
    std::cout << "  " << key.frequency << " (" << static_cast<int>(100 * *key.embedding_share + 0.5)
              << " %)";
  std::cout << '\n';
}

}  // namespace

int main() {
  const fs::path folder =
      fs::temp_directory_path() / ("grokscope-what-if-" + std::to_string(::getpid()));
  fs::remove_all(folder);
  fs::create_directories(folder);
  const fs::path original = folder / "quick.grok", without = folder / "without.grok";

  const std::vector<std::string> presets{GROKSCOPE_SPECS_DIR};
  grok::run(grok::load_spec("quick", presets, {}, grok::spec_schema()), original, {});

  // The run recorded its spectrum now and then. Where the lead passed, look at every step.
  const Change coarse = change_of_lead(RunFile::open(original, Access::read), 100).value();
  grok::replay(
      original,
      {.from = coarse.before, .to = coarse.step, .probes = {"embedding_spectrum"}, .every = 1});
  const Change exact = change_of_lead(RunFile::open(original, Access::read), 100).value();
  std::cout << "frequency " << exact.to << " overtakes " << exact.from << " at step " << exact.step
            << '\n';

  // The step before, with that frequency gone from the embedding.
  const std::int64_t step = exact.step - 1;
  grok::fork_run(
      original, {.step = step, .edits = {"remove_frequency:frequency=" + std::to_string(exact.to)}},
      without);

  print_keys("with it   ", original);
  print_keys("without it", without);
  const grok::Comparison both = grok::compare_runs(original, without, {});
  std::cout << both.kinship << "; they part at step " << *both.parting.step << " in "
            << both.parting.what << '\n';
  fs::remove_all(folder);
  return exact.step - exact.before == 1 && both.parting.step == step ? 0 : 1;
}
