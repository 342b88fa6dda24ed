#pragma once
// A curve of any length as a few points that draw the same picture: the least and the greatest of
// each column of pixels.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace grok::serve {

/// How steps are spread over the width of a chart.
enum class Axis { linear, log };  // log: of 1 + step, so that step 0 has a place

/// Indices of the points to keep, rising: the first and the last, and of each of the `n_buckets`
/// parts of the axis the first least and the first greatest value. All, where there are no more
/// than would be kept. A NaN is kept where its part has one (the first), since a gap is to be seen.
///   steps    rising
///   returns  at most 3 * n_buckets + 2
///   throws   ContractBroken if sizes differ or there is no bucket
///   cost     one walk over the points
///   source   min/max decimation as in M4: Jugel et al. 2014, "M4: a visualization-oriented time
///            series data aggregation"
std::vector<std::size_t> decimate(std::span<const std::int64_t> steps,
                                  std::span<const double> values, std::size_t n_buckets, Axis axis);

/// Indices of at most `n` of `steps`, the first and the last among them, spread evenly along the
/// axis: for arrays, of which there is no least.
std::vector<std::size_t> spread(std::span<const std::int64_t> steps, std::size_t n, Axis axis);

}  // namespace grok::serve
