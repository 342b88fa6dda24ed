#pragma once
// The text of a sweep's axes, read before anything is known of what they mean.

#include <string>
#include <string_view>
#include <vector>

namespace grok {

/// One key and the texts of the values that it takes in turn.
struct SweepAxis {
  std::string option;  // "--grid" or "--seeds", for messages
  std::string key;     // "optim.lr"
  std::vector<std::string> values;
};

/// "optim.lr=1e-3,1e-2". Mistakes are added to `mistakes` as lines; then the axis has no values.
SweepAxis parse_grid(std::string_view text, std::vector<std::string>& mistakes);

/// "A:B", both ends included, as an axis of train.seed.
SweepAxis parse_seeds(std::string_view text, std::vector<std::string>& mistakes);

}  // namespace grok
