#pragma once
// What a run tells while it trains: on a terminal one line that is rewritten, elsewhere a line at
// each doubling of the step. Both on standard error, so that standard output holds the result only.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "grok/cli/live_line.h"
#include "grok/cli/speed.h"
#include "grok/lab/run.h"

namespace grok::cli {

class Progress : public RunObserver {
 public:
  void on_begin(const RunSpec& spec, std::int64_t step) override;
  void on_step(std::int64_t step, double train_loss) override;
  void on_moment(const Moment& moment) override;
  void on_closing(int n_done, int n_total) override;

 private:
  using Clock = std::chrono::steady_clock;

  void note_crossings(std::int64_t step, double train_accuracy, double test_accuracy);
  std::string line(std::int64_t step) const;
  bool is_endless() const { return has_metrics_ && train_accuracy_ < 0; }

  LiveLine live_;
  Speed speed_;
  std::int64_t last_step_ = 0;
  double train_loss_ = 0;
  std::optional<double> test_loss_;  // nothing where all examples are trained on
  double train_accuracy_ = -1;       // below 0: an endless run has none
  double test_accuracy_ = -1;        // below 0: there is none
  bool has_metrics_ = false;
  bool is_first_ = true;                         // no metrics have been seen yet
  double highest_train_ = 0, highest_test_ = 0;  // accuracies so far
  Clock::time_point drawn_at_;
  std::int64_t next_line_ = 1;
};

}  // namespace grok::cli
