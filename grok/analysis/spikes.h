#pragma once
// Short excursions of a series from which it comes back, such as slingshots of the loss: events of
// their own, and no part of what lasts.

#include <cstdint>
#include <vector>

#include "grok/analysis/changepoint.h"

namespace grok {

/// One excursion.
struct Spike {
  std::int64_t from = 0, to = 0;  // first and last record of it
  std::int64_t peak = 0;          // the record that is farthest out
  double level = 0;               // about it: the median of the records beside it
  double value = 0;               // at the peak
};

/// A spike is a stretch of records that lie on one side of the running median, by more than eight
/// times the noise there and by more than a factor of two (a tenth of the range, where a value is
/// not above 0), that ends before the step count has grown by a quarter (or is a single record),
/// and after which the series is back nearer to where it was than to the peak. By step; values that
/// are not finite are passed over.
///   cost   n times the window (5 to 65 records)
std::vector<Spike> find_spikes(const Series& series);

}  // namespace grok
