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
#include "grok/terms/terms.h"

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

// Looks at exponents alone: all ones stand for NaN and infinity, and one more carries into the sign.
bool is_finite(const Tensor& tensor) noexcept {
  std::uint32_t carried = 0;
  for (const float x : tensor.data)
    carried |= (std::bit_cast<std::uint32_t>(x) & 0x7F800000u) + 0x00800000u;
  return (carried & 0x80000000u) == 0;
}

bool are_finite(const Weights& weights) noexcept {
  return std::all_of(weights.begin(), weights.end(),
                     [](const auto& entry) { return is_finite(entry.tensor); });
}

}  // namespace

Checkpoint first_checkpoint(const RunSpec& spec, const TaskData& task) {
  Checkpoint first;
  first.weights = models::of(spec.model).init(spec.model, model_sizes(task));
  first.optimizer = first_optimizer_state(spec.optim, first.weights);
  ThreadPool alone(1);
  first.terms = terms::read(spec.terms, task, spec.model, first.weights, alone);
  return first;
}

std::vector<WeightInfo> weight_infos(const RunSpec& spec, const TaskData& task) {
  return models::of(spec.model).weights(spec.model, model_sizes(task));
}

namespace {

// The examples of a step as nodes: constants where they are always the same, else inputs.
struct StepExamples {
  NodeId tokens = no_node, labels = no_node, answer_rows = no_node;
};

// The answers of all examples, one after another.
TokenTensor in_a_row(TokenTensor labels) {
  labels.shape = Shape{labels.shape.n_elements()};
  return labels;
}

StepExamples whole_split(Graph& g, const TaskData& task) {
  Examples all = examples_of(task, task.train);
  StepExamples out;
  if (task.has_positions()) out.answer_rows = g.constant(answer_rows(all));
  out.tokens = g.constant(std::move(all.tokens));
  out.labels = g.constant(in_a_row(std::move(all.labels)));
  return out;
}

StepExamples batch_inputs(Graph& g, const TaskData& task, std::int64_t n) {
  const Shape answers{n * task.n_answers};
  StepExamples out;
  out.tokens = g.input("tokens", {{n, task.n_ctx}, DType::i32});
  out.labels = g.input("labels", {answers, DType::i32});
  if (task.has_positions()) out.answer_rows = g.input("answer_rows", {answers, DType::i32});
  return out;
}

// Numbers to be predicted, in place of labels.
NodeId target_rows(Graph& g, const TaskData& task) {
  const Tensor& all = *task.targets;
  const auto width = static_cast<std::size_t>(all.shape[1]);
  Tensor rows(all.shape.with(0, static_cast<std::int64_t>(task.train.size())));
  for (std::size_t i = 0; i < task.train.size(); ++i)
    std::copy_n(&all.data[static_cast<std::size_t>(task.train[i]) * width], width,
                &rows.data[i * width]);
  return g.constant(std::move(rows));
}

bool has_dropout(const RunSpec& spec) {
  return spec.model.contains("dropout") && spec.model.real("dropout") > 0;
}

void require_fitting_loss(const RunSpec& spec, const TaskData& task) {
  const LossDef& loss = losses::of(spec.loss);
  if (!task.targets) return;
  if (!loss.takes_targets)
    throw Error(ErrorCode::usage, "loss.name: " + std::string(loss.name) +
                                      " is a loss of classes, but the answers of the task " +
                                      spec.task.text("name") +
                                      " are numbers; squared_error takes them");
  if (!spec.train.is_text("batch"))
    throw Error(ErrorCode::usage, "train.batch: expected \"full\", for the answers of the task " +
                                      spec.task.text("name") + " are numbers");
}

void require_fitting_terms(const RunSpec& spec, const TaskData& task) {
  terms::require(spec.terms, task, spec.model);
  if (!terms::read_examples(spec.terms)) return;
  if (!spec.train.is_text("batch"))
    throw Error(ErrorCode::usage,
                "train.batch: expected \"full\", for a term reads what the network makes of all "
                "examples at once");
  if (has_dropout(spec))
    throw Error(ErrorCode::usage,
                "model.dropout: expected 0, for a term reads what the network makes of all "
                "examples, as it is without dropout");
}

// Where a term reads all examples: one pass of the model for them, of which the loss takes rows.
Graph loss_graph_of_all(const RunSpec& spec, const TaskData& task) {
  Graph g;
  const NodeId logits =
      models::of(spec.model)
          .build(g, spec.model, model_sizes(task), {.tokens = g.constant(task.tokens)});
  const NodeId all = answer_logits(g, task, logits, no_node);
  const Shape shape{static_cast<std::int64_t>(task.train.size())};
  const NodeId rows = g.add(ops::gather_rows(), {all, g.constant(TokenTensor(shape, task.train))});
  const NodeId loss = losses::add_loss(g, spec.loss, rows,
                                       g.constant(in_a_row(examples_of(task, task.train).labels)));
  g.output("loss", terms::add(g, spec.terms, task, spec.model, all, loss));
  return g;
}

}  // namespace

Graph loss_graph(const RunSpec& spec, const TaskData& task) {
  require_fitting_loss(spec, task);
  require_fitting_terms(spec, task);
  if (terms::read_examples(spec.terms)) return loss_graph_of_all(spec, task);
  Graph g;
  const bool is_full = spec.train.is_text("batch");
  const StepExamples step =
      is_full ? whole_split(g, task) : batch_inputs(g, task, spec.train.integer("batch"));
  ModelInputs inputs{.tokens = step.tokens};
  if (has_dropout(spec)) inputs.step = g.input("step", {{1}, DType::i32});
  const NodeId logits = models::of(spec.model).build(g, spec.model, model_sizes(task), inputs);
  const NodeId rows = answer_logits(g, task, logits, step.answer_rows);
  const NodeId labels = task.targets ? target_rows(g, task) : step.labels;
  const NodeId loss = losses::add_loss(g, spec.loss, rows, labels);
  if (!is_full) g.output("losses", g[loss].inputs[0]);
  g.output("loss", terms::add(g, spec.terms, task, spec.model, no_node, loss));
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
    : model_(spec.model),
      terms_(terms::all_of(spec.terms)),
      term_labels_(grok::term_labels(spec.terms)),
      task_(task),
      pool_(pool),
      state_(std::move(from)) {
  const Checkpoint expected = first_checkpoint(spec, task);
  check_same_tensors(state_.weights, expected.weights);
  check_same_tensors(state_.optimizer, expected.optimizer);
  check_same_tensors(state_.terms, expected.terms);
  program_ = std::make_unique<Program>(optimized_training_graph(spec, task), pool.n_threads());
  rule_ =
      std::make_unique<UpdateRule>(spec.optim, state_.weights, state_.optimizer, pool.n_threads());
  is_frozen_ = std::make_unique<bool[]>(state_.weights.size());
  bind();
  n_answers_ = static_cast<std::size_t>(task.n_answers);
  if (!spec.train.is_text("batch")) bind_batch(spec, task);
  if (!spec.fork.empty()) freeze(spec.fork.texts("frozen"));
}

Trainer::~Trainer() = default;

void Trainer::freeze(const Texts& names) {
  for (const std::string& name : names) {
    std::size_t i = 0;
    for (const auto& entry : state_.weights) {
      if (entry.name == name) {
        frozen_.emplace_back(i, entry.tensor);
        is_frozen_[i] = true;
      }
      ++i;
    }
  }
}

// The optimizer need not mind: whatever it does to a frozen weight is undone.
void Trainer::put_frozen_back() noexcept {
  for (const auto& [i, tensor] : frozen_) {
    auto& weight = (state_.weights.begin() + static_cast<std::ptrdiff_t>(i))->tensor;
    std::copy(tensor.data.begin(), tensor.data.end(), weight.data.begin());
  }
}

void Trainer::go_to(const Checkpoint& checkpoint) {
  check_same_tensors(checkpoint.weights, state_.weights);
  check_same_tensors(checkpoint.optimizer, state_.optimizer);
  check_same_tensors(checkpoint.terms, state_.terms);
  // Into the tensors that are there: the program is bound to them.
  const auto copy = [](const NamedTensors& from, NamedTensors& to) {
    for (auto& [name, tensor] : to) {
      const Tensor& source = from.at(name);
      std::copy(source.data.begin(), source.data.end(), tensor.data.begin());
    }
  };
  copy(checkpoint.weights, state_.weights);
  copy(checkpoint.optimizer, state_.optimizer);
  copy(checkpoint.terms, state_.terms);
  state_.step = checkpoint.step;
  is_evaluated_ = false;
  for (auto& [i, tensor] : frozen_)
    tensor = (state_.weights.begin() + static_cast<std::ptrdiff_t>(i))->tensor;
}

void Trainer::bind() {
  std::int64_t largest = 1;
  for (const auto& [name, tensor] : state_.weights)
    largest = std::max(largest, tensor.shape.n_elements());
  zeros_ = Tensor(Shape{largest});
  program_->bind("step", Tokens(step_.span()));
  for (const auto& [label, tensor] : state_.terms) program_->bind("terms." + label, tensor.span());
  for (const auto& [name, tensor] : state_.weights) {
    program_->bind(name, tensor.span());
    gradients_.push_back(program_->has_output("grad." + name)
                             ? program_->floats("grad." + name)
                             : zeros_.span().first(tensor.data.size()));
  }
}

void Trainer::bind_batch(const RunSpec& spec, const TaskData& task) {
  const std::int64_t n = spec.train.integer("batch");
  batches_ = batches_of(task, n, static_cast<std::uint64_t>(spec.train.integer("seed")));
  batch_ = room_for(n, task.n_ctx, task.n_answers, task.has_positions());
  program_->bind("tokens", Tokens(batch_.tokens.span()));
  program_->bind("labels", Tokens(batch_.labels.span()));
  if (!task.has_positions()) return;
  answer_rows_ = TokenTensor(Shape{n * task.n_answers});
  program_->bind("answer_rows", Tokens(answer_rows_.span()));
}

double Trainer::evaluate() noexcept {
  if (!is_evaluated_) {
    if (batches_) {
      batches_->fill(state_.step, batch_);
      if (answer_rows_.shape.rank() > 0) write_answer_rows(batch_, answer_rows_.span());
    }
    step_.data[0] = static_cast<Token>(state_.step);
    program_->run(pool_);
    is_evaluated_ = true;
  }
  return program_->real("loss");
}

Doubles Trainer::answer_losses() const {
  return batches_ ? program_->doubles("losses") : Doubles();
}

LossSurface Trainer::surface(double loss) noexcept {
  LossSurface out;
  out.evaluate = [](void* context) noexcept {
    auto& trainer = *static_cast<Trainer*>(context);
    trainer.program_->run(trainer.pool_);
    return trainer.program_->real("loss");
  };
  out.context = this;
  out.gradients = gradients_;
  out.loss = loss;
  out.is_frozen = {is_frozen_.get(), state_.weights.size()};
  return out;
}

double Trainer::step() noexcept {
  const FlushDenormals flush;
  const double loss = evaluate();
  is_loss_finite_ = std::isfinite(loss);
  if (!is_loss_finite_) return loss;
  is_evaluated_ = false;
  rule_->apply(state_.step, surface(loss), pool_);
  put_frozen_back();
  are_weights_finite_ = are_finite(state_.weights);
  ++state_.step;
  reread_terms();
  return loss;
}

// Now, and not when they are next used: so that the state after a step is a function of the state
// before it, whoever asks for a loss in between.
void Trainer::reread_terms() {
  if (are_weights_finite_)
    terms::reread(terms_, task_, model_, state_.step, state_.weights, pool_, state_.terms);
}

std::string Trainer::diverged() const {
  if (!is_loss_finite_) return "train_loss";
  if (are_weights_finite_) return "";
  const auto bad = std::find_if(state_.weights.begin(), state_.weights.end(),
                                [](const auto& entry) { return !is_finite(entry.tensor); });
  return "weights." + bad->name;
}

}  // namespace grok
