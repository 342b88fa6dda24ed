#include "grok/train/trainer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "grok/base/error.h"
#include "grok/base/float_environment.h"
#include "grok/losses/loss.h"
#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/pass.h"

namespace grok {
namespace {

void check_same_tensors(const NamedTensors& found, const NamedTensors& expected) {
  for (const auto& [name, tensor] : expected) {
    const Tensor* t = found.find(name);
    if (!t || t->shape != tensor.shape)
      throw Error(ErrorCode::damaged, "keyframe: " + name + ": expected " +
                                          tensor.shape.to_string() + ", found " +
                                          (t ? t->shape.to_string() : "nothing"));
  }
  if (found.size() != expected.size())
    throw Error(ErrorCode::damaged, "keyframe: expected " + std::to_string(expected.size()) +
                                        " tensors, found " + std::to_string(found.size()));
}

// Looks at exponents alone: all ones stand for NaN and infinity.
bool is_finite(const Tensor& tensor) noexcept {
  bool out = true;
  for (const float x : tensor.data)
    out &= (std::bit_cast<std::uint32_t>(x) & 0x7F800000u) != 0x7F800000u;
  return out;
}

bool are_finite(const Weights& weights) noexcept {
  return std::all_of(weights.begin(), weights.end(),
                     [](const auto& entry) { return is_finite(entry.tensor); });
}

}  // namespace

ModelSizes model_sizes(const TaskData& task) {
  return {.d_vocab = task.d_vocab, .d_vocab_out = task.d_vocab_out, .n_ctx = task.n_ctx};
}

Checkpoint first_checkpoint(const RunSpec& spec, const TaskData& task) {
  Checkpoint first;
  first.weights = models::of(spec.model).init(spec.model, model_sizes(task));
  first.optimizer = optim::of(spec.optim).init(spec.optim, first.weights);
  return first;
}

std::vector<WeightInfo> weight_infos(const RunSpec& spec, const TaskData& task) {
  return models::of(spec.model).weights(spec.model, model_sizes(task));
}

Graph loss_graph(const RunSpec& spec, const TaskData& task) {
  Graph g;
  const NodeId tokens = g.constant(rows_of(task.tokens, task.train));
  const ModelSizes sizes = model_sizes(task);
  const NodeId logits = models::of(spec.model).build(g, spec.model, sizes, tokens);
  const std::int64_t n = g.shape(logits)[0];
  const std::int64_t last = g.shape(logits)[1] - 1;
  const NodeId answer =
      g.add(ops::slice(), {logits}, {{"axis", 1}, {"begin", last}, {"end", last + 1}});
  const NodeId rows =
      g.add(ops::reshape(), {answer}, {{"shape", std::vector<std::int64_t>{n, sizes.d_vocab_out}}});
  const NodeId labels = g.constant(rows_of(task.labels, task.train));
  g.output("loss", losses::add_loss(g, spec.loss, rows, labels));
  return g;
}

Graph training_graph(const RunSpec& spec, const TaskData& task) {
  Graph g = loss_graph(spec, task);
  add_weight_gradients(g, g.find_output("loss"));
  return g;
}

Graph optimized_training_graph(const RunSpec& spec, const TaskData& task,
                               std::span<const std::string> passes) {
  Graph g = optimize(loss_graph(spec, task), passes, Stage::algebra);
  add_weight_gradients(g, g.find_output("loss"));
  return optimize(g, passes);
}

Trainer::Trainer(const RunSpec& spec, const TaskData& task, ThreadPool& pool)
    : Trainer(spec, task, pool, first_checkpoint(spec, task)) {}

Trainer::Trainer(const RunSpec& spec, const TaskData& task, ThreadPool& pool, Checkpoint from)
    : params_(spec.optim), optimizer_(optim::of(spec.optim)), pool_(pool), state_(std::move(from)) {
  const Checkpoint expected = first_checkpoint(spec, task);
  check_same_tensors(state_.weights, expected.weights);
  check_same_tensors(state_.optimizer, expected.optimizer);
  program_ = std::make_unique<Program>(optimized_training_graph(spec, task), pool.n_threads());
  bind();
  if (!spec.fork.empty()) freeze(spec.fork.texts("frozen"));
}

Trainer::~Trainer() = default;

void Trainer::freeze(const Texts& names) {
  for (const std::string& name : names) {
    std::size_t i = 0;
    for (const auto& entry : state_.weights) {
      if (entry.name == name) frozen_.emplace_back(i, entry.tensor);
      ++i;
    }
  }
}

// The optimizer knows nothing of it: whatever it does to a frozen weight is undone.
void Trainer::put_frozen_back() noexcept {
  for (const auto& [i, tensor] : frozen_) {
    auto& weight = (state_.weights.begin() + static_cast<std::ptrdiff_t>(i))->tensor;
    std::copy(tensor.data.begin(), tensor.data.end(), weight.data.begin());
  }
}

void Trainer::go_to(const Checkpoint& checkpoint) {
  check_same_tensors(checkpoint.weights, state_.weights);
  check_same_tensors(checkpoint.optimizer, state_.optimizer);
  // Into the tensors that are there: the program is bound to them.
  const auto copy = [](const NamedTensors& from, NamedTensors& to) {
    for (auto& [name, tensor] : to) {
      const Tensor& source = from.at(name);
      std::copy(source.data.begin(), source.data.end(), tensor.data.begin());
    }
  };
  copy(checkpoint.weights, state_.weights);
  copy(checkpoint.optimizer, state_.optimizer);
  state_.step = checkpoint.step;
  for (auto& [i, tensor] : frozen_)
    tensor = (state_.weights.begin() + static_cast<std::ptrdiff_t>(i))->tensor;
}

void Trainer::bind() {
  std::int64_t largest = 1;
  for (const auto& [name, tensor] : state_.weights)
    largest = std::max(largest, tensor.shape.n_elements());
  zeros_ = Tensor(Shape{largest});
  for (const auto& [name, tensor] : state_.weights) {
    program_->bind(name, tensor.span());
    gradients_.push_back(program_->has_output("grad." + name)
                             ? program_->floats("grad." + name)
                             : zeros_.span().first(tensor.data.size()));
  }
}

double Trainer::step() noexcept {
  const FlushDenormals flush;
  program_->run(pool_);
  const double loss = program_->real("loss");
  is_loss_finite_ = std::isfinite(loss);
  if (!is_loss_finite_) return loss;
  optimizer_.update({params_, state_.step, gradients_, state_.weights, state_.optimizer, pool_});
  put_frozen_back();
  are_weights_finite_ = are_finite(state_.weights);
  ++state_.step;
  return loss;
}

std::string Trainer::diverged() const {
  if (!is_loss_finite_) return "train_loss";
  if (are_weights_finite_) return "";
  const auto bad = std::find_if(state_.weights.begin(), state_.weights.end(),
                                [](const auto& entry) { return !is_finite(entry.tensor); });
  return "weights." + bad->name;
}

}  // namespace grok
