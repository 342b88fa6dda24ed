#pragma once
// What a sweep tells while it goes: a line for each run that ends, and on a terminal one more that
// is rewritten. Both on standard error, so that standard output holds the table only.

#include <string>

#include "grok/cli/live_line.h"
#include "grok/cli/speed.h"
#include "grok/lab/sweep.h"

namespace grok::cli {

class SweepProgress : public SweepObserver {
 public:
  void on_row(const SweepRun& run, const SweepRow& row, const SweepState& state) override;
  void on_tick(const SweepState& state) override;

 private:
  LiveLine live_;
  Speed speed_;
};

}  // namespace grok::cli
