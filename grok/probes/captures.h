#pragma once
// The forward pass that probes share: hook points' values at the answer's position, for all
// examples of a task, from any weights.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/base/tensor.h"
#include "grok/base/threads.h"
#include "grok/models/model.h"
#include "grok/plan/program.h"
#include "grok/spec/params.h"
#include "grok/tasks/task.h"

namespace grok {

class Captures {
 public:
  /// Compiles a forward pass that keeps the logits and the given hook points. `task` and `pool`
  /// must outlive it.
  ///   throws  Error{usage} naming a hook point that the model does not have
  Captures(const Params& model, const TaskData& task, std::span<const std::string> hooks,
           ThreadPool& pool);

  /// Runs the pass. Values stay until the next run. Weights that the model does not have are
  /// passed over.
  ///   throws  ContractBroken if a weight of the model is missing or has another shape
  void run(const Weights& weights);

  /// The value of a hook point at the last position, or of "logits", at all answers.
  ///   logits                      [n_examples * n_answers, d_vocab_out]
  ///   blocks.0.mlp.hook_post      [n_examples, d_mlp]
  ///   blocks.0.attn.hook_pattern  [n_examples, n_heads, n_ctx], from the last position
  ///   throws                      ContractBroken if it was not asked for
  ConstFloats at(std::string_view hook) const { return program_.floats(hook); }
  const Shape& shape(std::string_view hook) const { return program_.shape(hook); }

 private:
  Program program_;
  std::vector<WeightInfo> weights_;  // all that the program may read
  ThreadPool& pool_;
};

}  // namespace grok
