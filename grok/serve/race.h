#pragma once
// What every neuron answered to, from the first weights on: the race of frequencies within it.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "grok/store/run_file.h"

namespace grok::serve {

struct Race {
  std::int64_t n_neurons = 0, n_frequencies = 0;
  /// By keyframe: [n_neurons, n_frequencies, 2] (waves_of_first).
  std::map<std::int64_t, std::shared_ptr<const std::vector<float>>> waves;
};

/// At the keyframes of a run, sixty at most, fewer where they would take more than 64 MB, spread
/// over the logarithm of its steps.
///   known      what a former call found, which is not computed again; may be null
///   is_wanted  asked before each keyframe
///   returns    null once it is not wanted
///   throws     Error: unsupported unless the run has neurons over all pairs mod an odd p, or if
///              its examples are made of other files
///   cost       a forward pass over all pairs for each
std::shared_ptr<const Race> race_of(const RunFile& file, int n_threads, const Race* known,
                                    const std::function<bool()>& is_wanted);

class Races {
 public:
  static constexpr std::size_t most_kept = 4;

  explicit Races(int n_threads) : n_threads_(n_threads) {}

  /// Of the run that lies at `path` now; made longer when it has more keyframes than it had. One at
  /// a time.
  ///   returns, throws   as race_of
  std::shared_ptr<const Race> get(const std::filesystem::path& path,
                                  const std::function<bool()>& is_wanted);

 private:
  struct Entry {
    std::filesystem::path path;
    std::string spec_digest;
    std::size_t n_keyframes;
    std::shared_ptr<const Race> race;
  };

  int n_threads_;
  std::mutex mutex_;
  std::list<Entry> kept_;  // the one made last in front
};

}  // namespace grok::serve
