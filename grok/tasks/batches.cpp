#include "grok/tasks/batches.h"

#include <algorithm>
#include <string>

#include "grok/base/error.h"
#include "grok/base/rng.h"
#include "grok/tasks/task.h"

namespace grok {
namespace {

void copy_row(const TokenTensor& from, std::int64_t row, TokenTensor& to, std::int64_t at) {
  const std::int64_t width = from.shape[1];
  std::copy_n(from.data.begin() + row * width, width, to.data.begin() + at * width);
}

void copy_example(const TaskData& from, std::int64_t row, Examples& to, std::int64_t at) {
  copy_row(from.tokens, row, to.tokens, at);
  copy_row(from.labels, row, to.labels, at);
  if (from.has_positions()) copy_row(from.positions, row, to.positions, at);
}

// Passage after passage through the training split, each in an order of its own; a batch may end
// one and begin the next.
class ShuffledBatches : public BatchSource {
 public:
  ShuffledBatches(const TaskData& task, std::int64_t n, std::uint64_t seed)
      : task_(task), n_(n), seed_(seed), order_(task.train) {}

  void fill(std::int64_t step, Examples& out) override {
    const auto n_train = static_cast<std::int64_t>(task_.train.size());
    for (std::int64_t i = 0; i < n_; ++i) {
      const std::int64_t at = step * n_ + i;
      shuffle_for(at / n_train);
      copy_example(task_, order_[static_cast<std::size_t>(at % n_train)], out, i);
    }
  }

 private:
  void shuffle_for(std::int64_t passage) {
    if (passage == passage_) return;
    passage_ = passage;
    std::copy(task_.train.begin(), task_.train.end(), order_.begin());
    // Draws of one stream, one stretch of them per passage: no name is made up, so no allocation.
    const Rng rng(seed_, "batches");
    const std::size_t n = order_.size();
    for (std::size_t i = n - 1; i > 0; --i)
      std::swap(order_[i], order_[rng.below(static_cast<std::uint64_t>(passage) * n + i, i + 1)]);
  }

  const TaskData& task_;
  std::int64_t n_;
  std::uint64_t seed_;
  std::vector<std::int32_t> order_;
  std::int64_t passage_ = -1;
};

}  // namespace

Examples room_for(std::int64_t n, int n_ctx, int n_answers, bool has_positions) {
  Examples out;
  out.tokens = TokenTensor({n, n_ctx});
  out.labels = TokenTensor({n, n_answers});
  if (has_positions) out.positions = TokenTensor({n, n_answers});
  return out;
}

Examples examples_of(const TaskData& task, std::span<const std::int32_t> rows) {
  Examples out = room_for(static_cast<std::int64_t>(rows.size()), task.n_ctx, task.n_answers,
                          task.has_positions());
  for (std::size_t i = 0; i < rows.size(); ++i)
    copy_example(task, rows[i], out, static_cast<std::int64_t>(i));
  return out;
}

std::unique_ptr<BatchSource> batches_of(const TaskData& task, std::int64_t n, std::uint64_t seed) {
  if (task.endless) return task.endless(n);
  const auto n_train = static_cast<std::int64_t>(task.train.size());
  if (n > n_train)
    throw Error(ErrorCode::usage, "train.batch: expected at most the " + std::to_string(n_train) +
                                      " examples that the task trains on, found " +
                                      std::to_string(n) + "; \"full\" takes them all");
  return std::make_unique<ShuffledBatches>(task, n, seed);
}

}  // namespace grok
