#pragma once
// Weights changed step by step: the task's data, the compiled step, the optimizer and its state. It
// records nothing and knows no file; grok/lab does that.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"
#include "grok/models/answers.h"
#include "grok/optim/update_rule.h"
#include "grok/plan/program.h"
#include "grok/spec/run_spec.h"
#include "grok/tasks/task.h"
#include "grok/terms/terms.h"

namespace grok {

/// All state needed to go on bit for bit.
struct Checkpoint {
  std::int64_t step = 0;  // updates made
  Weights weights;
  NamedTensors optimizer;
  NamedTensors terms;  // what terms of the loss keep between steps, by label
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// The state before the first step: weights as the model draws them, nothing remembered.
Checkpoint first_checkpoint(const RunSpec& spec, const TaskData& task);

/// Names and shapes of all weights of a spec's model.
std::vector<WeightInfo> weight_infos(const RunSpec& spec, const TaskData& task);

/// Model and loss alone, as they are written: an output "loss", the mean over all answers of a
/// step and what the terms add to it, each an output "term.LABEL". Where a step trains on the whole
/// training split, this stands inside the graph. Else the examples are inputs, "tokens", "labels"
/// and perhaps "answer_rows", and there is an output "losses" besides, answer by answer. Where a
/// term reads all examples, the model runs on all of them, and the loss takes the split's rows.
///   throws  Error{usage} if the task's answers are numbers and the loss is one of classes, or if a
///           term has no meaning here
Graph loss_graph(const RunSpec& spec, const TaskData& task);

/// The graph of one training step as it is written: the same and outputs "grad.NAME" for every
/// weight. Not yet rewritten by any pass.
Graph training_graph(const RunSpec& spec, const TaskData& task);

/// The same after the passes: the forward part first, then forward and gradient together.
///   passes  names of the passes to run; all where it is empty
Graph optimized_training_graph(const RunSpec& spec, const TaskData& task,
                               std::span<const std::string> passes = {});

class Trainer {
 public:
  /// Compiles the step and draws the first weights. `task` and `pool` must outlive the trainer.
  Trainer(const RunSpec& spec, const TaskData& task, ThreadPool& pool);
  /// The same, going on from a checkpoint of the same spec. `task` and `pool` must outlive it too.
  ///   throws  Error{damaged} if a tensor is missing or has another shape
  Trainer(const RunSpec& spec, const TaskData& task, ThreadPool& pool, Checkpoint from);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Goes to another state of the same run.
  ///   throws  Error{damaged} if a tensor is missing or has another shape
  void go_to(const Checkpoint& checkpoint);

  /// Loss and gradient at the current weights, on the examples of the coming step. `step` does this
  /// itself; who has asked before it pays nothing twice.
  ///   returns  the loss, in nats per answer
  double evaluate() noexcept;

  /// The terms of the loss, and the value of one, without its weight, at the step last evaluated.
  const std::vector<std::string>& term_labels() const { return term_labels_; }
  double term_value(const std::string& label) const { return program_->real("term." + label); }

  /// The loss of each answer of the step last evaluated, example by example; empty where a step
  /// trains on the whole training split.
  Doubles answer_losses() const;
  std::size_t n_answers() const { return n_answers_; }  // per example

  /// Computes loss and gradient at the current weights, then updates them. Allocates nothing, but
  /// where a term of the loss reads the weights anew.
  ///   returns  the loss before the update, the mean over examples; NaN or infinite if the run
  ///            diverges here, and then the weights are left as they were
  double step() noexcept;

  /// What the last step has made NaN or infinite: "train_loss", or a weight, which the step has
  /// updated ("weights.embed.W_E"). Empty while all is well.
  std::string diverged() const;

  std::int64_t steps_done() const { return state_.step; }
  const Weights& weights() const { return state_.weights; }
  const Checkpoint& checkpoint() const { return state_; }
  const Program& program() const { return *program_; }

 private:
  void bind();
  void bind_batch(const RunSpec& spec, const TaskData& task);
  void freeze(const Texts& names);
  void put_frozen_back() noexcept;
  LossSurface surface(double loss) noexcept;
  void reread_terms();

  const Params model_;
  const std::vector<terms::Term> terms_;
  const std::vector<std::string> term_labels_;
  const TaskData& task_;
  ThreadPool& pool_;
  Checkpoint state_;
  std::unique_ptr<Program> program_;
  std::unique_ptr<UpdateRule> rule_;
  std::vector<ConstFloats> gradients_;  // one per weight
  Tensor zeros_;  // the gradient of a weight on which the loss does not depend
  std::vector<std::pair<std::size_t, Tensor>> frozen_;  // by place in the weights
  std::unique_ptr<bool[]> is_frozen_;                   // the same, one per weight
  // Where a step trains on some examples at a time: those of the step, and where they come from.
  std::unique_ptr<BatchSource> batches_;
  Examples batch_;
  TokenTensor answer_rows_;
  TokenTensor step_{Shape{1}};
  std::size_t n_answers_ = 1;
  bool is_evaluated_ = false;
  bool is_loss_finite_ = true;
  bool are_weights_finite_ = true;
};

}  // namespace grok
