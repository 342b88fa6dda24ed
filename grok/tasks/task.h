#pragma once
// What a network is to learn. A task makes its examples, says which are for training, and where the
// answer is read. To add one, copy modular_addition.cpp and put its name into catalog.def.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/spec/schema.h"

namespace grok {

/// All examples of a finite task. The answer is read at the last position.
struct TaskData {
  int d_vocab = 0;                  // number of input tokens
  int d_vocab_out = 0;              // number of classes
  int n_ctx = 0;                    // tokens per example
  TokenTensor tokens;               // [n_examples, n_ctx]
  TokenTensor labels;               // [n_examples], each in [0, d_vocab_out)
  std::vector<std::int32_t> train;  // rows of `tokens`, in the order in which they are trained on
  std::vector<std::int32_t> test;   // the other rows
  /// Where the examples are all pairs (a, b) in order, row a * p + b, of a function mod p: the
  /// modulus. The Fourier probes need it.
  std::optional<int> modulus;

  std::int64_t n_examples() const { return tokens.shape[0]; }
};

/// The rows of `tokens` and `labels` that `examples` names, in that order.
TokenTensor rows_of(const TokenTensor& from, std::span<const std::int32_t> examples);

struct TaskDef {
  std::string_view name;
  std::string_view meaning;  // one line
  std::string_view source;   // the paper
  const Schema& (*schema)() = nullptr;
  /// The params have been checked against the schema.
  TaskData (*make)(const Params& params) = nullptr;
};

namespace tasks {
#define GROK_TASK(name) const TaskDef& name();
#include "grok/tasks/catalog.def"
#undef GROK_TASK

/// All tasks, in the order of catalog.def.
std::span<const TaskDef* const> catalog();
/// Null if there is no task of that name.
const TaskDef* find(std::string_view name);
/// The data of the task that a spec's [task] section describes.
TaskData data_of(const Params& section);
}  // namespace tasks

}  // namespace grok
