#pragma once
// Tasks whose examples are drawn: without end, or as many as are asked for. A task says how one
// example is made from random numbers; what is common to all of them is done here.

#include <cstdint>
#include <functional>
#include <string_view>

#include "grok/base/rng.h"
#include "grok/tasks/task.h"

namespace grok {

/// The random numbers of one example, one after another: a function of seed, stream and the
/// example's number.
class Draws {
 public:
  Draws(const Rng& rng, std::uint64_t example) : rng_(rng), at_(example << 20) {}
  /// In [0, n), n > 0.
  Token below(std::int64_t n) {
    return static_cast<Token>(rng_.below(at_++, static_cast<std::uint64_t>(n)));
  }
  /// In [low, high).
  Token between(std::int64_t low, std::int64_t high) {
    return static_cast<Token>(low + below(high - low));
  }
  /// In [0, 1).
  double uniform() { return rng_.uniform(at_++); }

 private:
  const Rng& rng_;
  std::uint64_t at_;
};

/// Where one example is written. `positions` is empty unless the task's answers move about.
struct ExampleSlot {
  std::span<Token> tokens;     // [n_ctx]
  std::span<Token> labels;     // [n_answers]
  std::span<Token> positions;  // [n_answers]
};

/// Writes one example. Allocates nothing.
using MakeExample = std::function<void(Draws& draws, ExampleSlot out)>;

/// Fields that such a task puts at the end of its schema: data ("infinite" or "finite"), n_train
/// (if finite), n_test, data_seed.
std::vector<Field> generated_fields(std::int64_t n_train, std::int64_t n_test = 512);

/// True if these params of a task ask for examples without end.
bool is_endless(const Params& task);

/// Completes a task: fills it with n_train examples to train on, if it is finite, and n_test to
/// test with, or gives it `endless`. The streams are "train" and "test" of data_seed.
///   task   d_vocab, d_vocab_out, n_ctx and n_answers are set
TaskData generated(TaskData task, const Params& params, const MakeExample& make,
                   bool has_positions = false);

/// The same with sources of batches that repeat another program's draws: `train` for the training
/// examples, `test` for those to test with. Finite data are the first n_train of `train`.
TaskData generated_from(TaskData task, const Params& params, const MakeBatches& train,
                        const MakeBatches& test, bool has_positions = false);

}  // namespace grok
