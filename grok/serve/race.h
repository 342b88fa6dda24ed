#pragma once
// What every neuron answered to, from the first weights on: the race of frequencies within it.

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "grok/serve/states.h"
#include "grok/store/run_file.h"

namespace grok::serve {

struct Race {
  std::vector<std::int64_t> steps;  // of keyframes
  std::int64_t n_neurons = 0, n_frequencies = 0;
  std::vector<float> waves;  // [n_steps, n_neurons, n_frequencies, 2] (waves_of_first)
};

/// At the keyframes of a run, sixty at most, spread over its logarithm of steps.
///   throws   Error: unsupported unless the run has neurons over all pairs mod an odd p, or if its
///            examples are made of other files
///   cost     a forward pass over all pairs for each
Race race_of(const RunFile& file, int n_threads);

/// The last few that were asked for.
class Races {
 public:
  /// Each may take some ten megabytes.
  static constexpr std::size_t most_kept = 4;
  static constexpr std::size_t most_moments = 60;

  explicit Races(int n_threads) : n_threads_(n_threads) {}

  /// Computed anew when the run has more keyframes than it had. One at a time.
  ///   throws   as race_of
  std::shared_ptr<const Race> get(const States::Run& run, std::size_t n_keyframes);

 private:
  struct Entry {
    States::Run run;
    std::size_t n_keyframes;
    std::shared_ptr<const Race> race;
  };

  int n_threads_;
  std::mutex mutex_;
  std::list<Entry> kept_;  // the one made last in front
};

}  // namespace grok::serve
