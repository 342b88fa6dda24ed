#pragma once
// What a network is to learn. A task makes its examples, says which are for training, and where the
// answers are read. To add one of finite data, copy modular_addition.cpp; one whose examples are
// drawn without end, induction.cpp or virtual_heads.cpp; and put its name into catalog.def.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/spec/schema.h"
#include "grok/tasks/batches.h"

namespace grok {

/// A partition of the answers into named classes: the sub-task of each digit, say. Loss is recorded
/// per class.
struct AnswerClasses {
  std::string name;                  // as in test_loss_by_NAME
  std::vector<std::string> classes;  // their names
  TokenTensor of;                    // [n_examples, n_answers]; -1: of no class
};

/// A finite group of which a task's symbols are the elements, and its answers products.
struct SymbolGroup {
  enum class Kind {
    multiplicative,  // the residues mod the prime n but 0, which is a symbol all the same
    symmetric        // the permutations of n things, as numbered in group.h
  };
  Kind kind = Kind::multiplicative;
  int n = 0;
  Token first = 0;  // the token of symbol 0, and its class
};

/// All that a task hands over: its examples and how they are split, where the answers are read, and
/// what probes may rely on. An answer is a class, told by the largest logit, or numbers
/// (`targets`).
struct TaskData {
  int d_vocab = 0;      // number of input tokens
  int d_vocab_out = 0;  // number of classes, or of numbers in a target
  int n_ctx = 0;        // tokens per example
  /// Answers per example. They are read at `first_answer` and the positions behind it (-1: the
  /// last ones of all), unless `positions` says where.
  int n_answers = 1;
  int first_answer = -1;

  /// All examples of a finite task; of an endless one those held out for the probes.
  TokenTensor tokens;     // [n_examples, n_ctx]
  TokenTensor labels;     // [n_examples, n_answers], each in [0, d_vocab_out)
  TokenTensor positions;  // [n_examples, n_answers] where answers are read, if that differs from
                          // example to example; else no numbers
  /// Where the token stands that decides the answer, in tasks that have one: [n_examples]; else no
  /// numbers.
  TokenTensor sources;
  /// In place of labels, the numbers to be predicted: [n_examples, d_vocab_out]; else null.
  std::shared_ptr<const Tensor> targets;
  /// What a token stands for, [d_vocab, d_features], for models without an embedding; null: each
  /// token for itself (one-hot).
  std::shared_ptr<const Tensor> features;

  std::vector<std::int32_t> train;  // rows of `tokens`, in the order in which they are trained on
  std::vector<std::int32_t> test;   // the other rows
  /// Of an endless task: makes the examples of each step. Else empty.
  MakeBatches endless;

  /// Where the examples are all pairs (a, b) in order, row a * p + b, of a function mod p, and the
  /// first p tokens and the first p classes are the numbers: the modulus. The Fourier probes need
  /// it.
  std::optional<int> modulus;
  /// The group whose representations a network may learn, where another than that of addition.
  std::optional<SymbolGroup> group;
  std::vector<AnswerClasses> classes;

  std::int64_t n_examples() const { return tokens.shape[0]; }
  bool has_positions() const { return positions.shape.rank() > 0; }
  /// Where fixed answers begin.
  int answers_begin() const { return first_answer < 0 ? n_ctx - n_answers : first_answer; }
};

/// The rows of `tokens` and `labels` that `examples` names, in that order.
TokenTensor rows_of(const TokenTensor& from, std::span<const std::int32_t> examples);
/// The examples that `rows` names, in that order.
Examples examples_of(const TaskData& task, std::span<const std::int32_t> rows);

struct TaskDef {
  std::string_view name;
  std::string_view meaning;  // one line
  std::string_view source;   // the paper
  const Schema& (*schema)() = nullptr;
  /// The params have been checked against the schema.
  TaskData (*make)(const Params& params) = nullptr;
  /// Writes into the params what they leave to the world around them, such as the digests of files,
  /// so that a spec names its data. Null where they say all.
  ///   throws  as `make`
  void (*complete)(Params& params) = nullptr;
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

/// The examples of each step of a run that trains on `n` at a time: drawn anew for an endless task;
/// else the training split, shuffled for each passage through it, so that every example comes once
/// before any comes again.
///   seed    of the shuffles; an endless task has its own
///   throws  Error{usage} if the task has fewer examples to train on than `n`
/// `task` must outlive it.
std::unique_ptr<BatchSource> batches_of(const TaskData& task, std::int64_t n, std::uint64_t seed);

}  // namespace grok
