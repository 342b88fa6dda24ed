#pragma once
// Tasks whose examples are drawn: without end, or as many as are asked for. A task says how one
// example is made from random numbers; what is common to all of them is done here.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// Where example i of a batch is written.
ExampleSlot slot_of(Examples& batch, std::int64_t i);

/// Writes one example. Allocates nothing.
using MakeExample = std::function<void(Draws& draws, ExampleSlot out)>;

/// Draws the batch of one step from a stream of another program, whatever that stream drew before.
/// Allocates nothing.
template <class Stream>
using DrawBatch = std::function<void(Stream& stream, Examples& out)>;

/// Batches from a stream that knows only its next draw: to see an earlier step again it begins
/// anew, so that what a step sees depends on the step alone.
///   n_before   batches that the other program drew before its first step, and threw away
template <class Stream>
MakeBatches batches_from(std::uint64_t seed, DrawBatch<Stream> draw, std::int64_t n_before = 0);

/// Fields that such a task puts at the end of its schema: data ("infinite" or "finite"), n_train
/// (if finite), n_test, data_seed.
std::vector<Field> generated_fields(std::int64_t n_train, std::int64_t n_test = 512);

/// The field data_rng: whose random numbers the examples are made from.
///   other     "torch": a PyTorch generator; "numpy": NumPy's legacy one
Field data_rng_field(const std::string& other);

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

// Implementation of the template.

template <class Stream>
class StreamBatches : public BatchSource {
 public:
  StreamBatches(std::uint64_t seed, DrawBatch<Stream> draw, std::int64_t n_before)
      : seed_(seed), draw_(std::move(draw)), n_before_(n_before), stream_(start(seed)) {}

  void fill(std::int64_t step, Examples& out) override {
    if (step + n_before_ < next_) {
      stream_ = start(seed_);
      next_ = 0;
    }
    for (; next_ <= step + n_before_; ++next_) draw_(stream_, out);
  }

 private:
  // Such programs seed from 32 bits: PyTorch takes the low ones, NumPy refuses more.
  static Stream start(std::uint64_t seed) { return Stream(static_cast<std::uint32_t>(seed)); }

  std::uint64_t seed_;
  DrawBatch<Stream> draw_;
  std::int64_t n_before_;
  Stream stream_;
  std::int64_t next_ = 0;
};

template <class Stream>
MakeBatches batches_from(std::uint64_t seed, DrawBatch<Stream> draw, std::int64_t n_before) {
  return
      [=](std::int64_t) { return std::make_unique<StreamBatches<Stream>>(seed, draw, n_before); };
}

}  // namespace grok
