#pragma once
// Which examples are for training: the start of a shuffled list, by whichever stream a source used.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "grok/spec/schema.h"
#include "grok/tasks/task.h"

namespace grok {

struct Split {
  std::vector<std::int32_t> train, test;
};

/// How many of n examples are trained on: round(fraction * n), a half to the even side, if the rng
/// is "numpy" (as openai/grok rounds), else floor(fraction * n) (as all others cut).
std::int32_t n_trained(std::int32_t n, double fraction, std::string_view rng);

/// Shuffles 0 .. n-1 and cuts after the first `n_trained`.
///
///   rng      "philox": our own stream "split"
///            "python": random.seed(seed); random.shuffle(list)
///            "numpy": RandomState(seed).shuffle(list)
///            "torch": random_split, which takes randperm(n) of a generator of that seed
///   returns  both parts in shuffled order
Split shuffled_split(std::int32_t n, double fraction, std::uint64_t seed, std::string_view rng);

/// Fields of a task that has all its examples from the start: train_fraction, split_seed,
/// split_rng.
std::vector<Field> split_fields(double train_fraction);

/// For the check of such a task's schema: some of the n examples are trained on.
void check_split(const Params& task, std::int64_t n, Mistakes& mistakes);

/// The split that these fields of a task describe.
Split split_of(const Params& task, std::int64_t n);

/// Splits the examples of `data` so.
void split_rows(const Params& task, TaskData& data);

}  // namespace grok
