#pragma once
// The forward passes that probes share: hook points' values on some examples, from any weights.

#include <array>
#include <memory>
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

/// On which examples a hook point is read, and where: each is one pass (capture_examples.h).
enum class Where {
  answer,         // all examples of the task, at their last position
  sample,         // some examples of the task, at all positions
  repeated,       // random sequences that are said twice, at all positions
  logit_gradient  // not the value but the gradient of a logit, at all positions, of fixed triples
                  // (a, b, c) of a task of pairs
};
inline constexpr std::size_t n_wheres = 4;

struct HookRequest {
  std::string hook;  // or "logits", at all answers
  Where where = Where::answer;
};

class Captures {
 public:
  /// Compiles the passes that the requests need. `task` and `pool` must outlive it.
  ///   throws  Error{usage} naming a hook point that the model does not have
  Captures(const Params& model, const TaskData& task, std::span<const HookRequest> requests,
           ThreadPool& pool);
  ~Captures();

  /// From now on values are those of these weights, which must outlive their reading: each pass
  /// runs when it is first read. Weights that the model does not have are passed over.
  ///   throws  ContractBroken if a weight of the model is missing or has another shape
  void run(const Weights& weights);

  /// The value of a hook point, until the next run.
  ///   logits, answer                  [n_examples * n_answers, d_vocab_out]
  ///   blocks.0.mlp.hook_post, answer  [n_examples, d_mlp]
  ///   blocks.0.attn.hook_pattern, answer  [n_examples, n_heads, n_ctx], from the last position
  ///   blocks.0.attn.hook_pattern, sample  [n_sample, n_heads, n_ctx, n_ctx]
  ///   hook_embed, logit_gradient      [n_triples, n_ctx, d_model]
  ///   throws                          ContractBroken if it was not asked for
  ConstFloats at(std::string_view hook, Where where = Where::answer) const;
  const Shape& shape(std::string_view hook, Where where = Where::answer) const;

 private:
  struct Pass;
  Pass& pass(Where where) const;

  std::array<std::unique_ptr<Pass>, n_wheres> passes_;  // null where nothing is read
  std::vector<WeightInfo> weights_;                     // all that the passes may read
  ThreadPool& pool_;
};

}  // namespace grok
