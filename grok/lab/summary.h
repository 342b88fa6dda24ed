#pragma once
// What a run has come to, read from its file alone: what `grokscope show` prints, and the page.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grok/lab/curves.h"
#include "grok/lab/ending.h"
#include "grok/lab/fork.h"
#include "grok/spec/run_spec.h"

namespace grok {

/// One key frequency of the finished network.
struct KeyFrequency {
  int frequency = 0;
  /// Its share of the embedding's squared Fourier norm, constant part left out; 0 to 1.
  std::optional<double> embedding_share;
  std::optional<int> n_neurons;  // that answer to it, at 0.85 of their variance or more
};

/// The neurons of the finished network by the frequency they answer to.
struct NeuronClusters {
  int n_neurons = 0;
  int n_in_clusters = 0;
  std::map<int, int> by_frequency;
};

struct RunSummary {
  std::string spec_digest;
  std::string spec_json;
  std::string manifest_json;
  std::int64_t steps = 0;  // updates made, as far as the file knows
  std::int64_t step_limit = 0;
  std::optional<Ending> ending;   // none: it was killed, or goes on just now
  std::string diverged;           // of a run that diverged: what is no longer a number
  std::optional<Origin> origin;   // of a run that was forked
  std::optional<double> seconds;  // of training, where the run has ended and the file says
  bool is_closed = false;         // key frequencies and phases are final
  std::int64_t n_keyframes = 0;

  std::int64_t final_step = 0;          // of the metrics in `final`
  std::map<std::string, double> final;  // all metrics at the last recorded step

  Phases phases;
  std::vector<PhaseSpan> phase_spans;
  std::vector<KeyFrequency> key_frequencies;
  std::optional<NeuronClusters> clusters;
  std::string weights_digest;  // of the last keyframe; empty if there is none

  /// None if that metric was not recorded.
  std::optional<double> final_metric(const std::string& name) const;
};

/// The spec of a file, as far as a summary needs it: this version need not know the task or model.
///   throws   Error{damaged} if it is not canonical, or has not even names and steps
RunSpec outline_of(const RunFile& file);

/// throws   as the functions of RunFile do
RunSummary summarize(const RunFile& file);

/// As one JSON object. NaN and infinite numbers are null.
std::string summary_json(const RunSummary& summary);

}  // namespace grok
