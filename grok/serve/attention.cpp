#include "grok/serve/attention.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "grok/analysis/cross_entropy.h"
#include "grok/base/error.h"
#include "grok/models/products.h"
#include "grok/probes/capture_examples.h"
#include "grok/probes/parts.h"

namespace grok::serve {
namespace {

void add_integers(Arrays& out, const char* name, std::span<const Token> values) {
  const std::vector<double> numbers(values.begin(), values.end());
  out.add(name, {static_cast<std::int64_t>(numbers.size())}, numbers);
}

// A row of a table of tokens.
std::span<const Token> row_of(const TokenTensor& table, std::int64_t row) {
  const auto n = static_cast<std::size_t>(table.shape[1]);
  return std::span(table.data).subspan(static_cast<std::size_t>(row) * n, n);
}

// [n_layers, n_heads, n_ctx, n_ctx] of one example of those that were run.
void add_pattern(Arrays& out, const Captures& captures, std::span<const std::string> layers,
                 std::int64_t index) {
  const Shape& shape = captures.shape(layers.front(), Where::sample);
  const auto size = static_cast<std::size_t>(shape[1] * shape[2] * shape[3]);
  std::vector<float> pattern;
  for (const std::string& hook : layers) {
    const ConstFloats one =
        captures.at(hook, Where::sample).subspan(static_cast<std::size_t>(index) * size, size);
    pattern.insert(pattern.end(), one.begin(), one.end());
  }
  out.add_f32("pattern", {static_cast<std::int64_t>(layers.size()), shape[1], shape[2], shape[3]},
              ConstFloats(pattern));
}

// The logits of each answer of one example.
std::vector<std::vector<double>> logits_of(const Captures& captures, const TaskData& task,
                                           std::int64_t example) {
  const ConstFloats all = captures.at("logits");
  const auto n = static_cast<std::size_t>(task.d_vocab_out);
  std::vector<std::vector<double>> out;
  for (int i = 0; i < task.n_answers; ++i)
    out.push_back(
        widened(all.subspan(static_cast<std::size_t>(example * task.n_answers + i) * n, n)));
  return out;
}

void add_losses(Arrays& out, const State& state, std::int64_t example) {
  const TaskData& task = state.task();
  const std::span<const Token> labels = row_of(task.labels, example);
  std::vector<double> losses;
  for (const std::vector<double>& logits : logits_of(state.captures(), task, example))
    losses.push_back(cross_entropy_of_row(logits, static_cast<std::size_t>(labels[losses.size()])));
  add_integers(out, "labels", labels);
  out.add("loss", {task.n_answers}, losses);
}

void add_predictions(Arrays& out, const Captures& captures, const TaskData& task) {
  std::vector<double> predicted, probability;
  for (const std::vector<double>& logits : logits_of(captures, task, 0)) {
    const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
    predicted.push_back(static_cast<double>(best));
    probability.push_back(std::exp(-cross_entropy_of_row(logits, static_cast<std::size_t>(best))));
  }
  out.add("predicted", {task.n_answers}, predicted);
  out.add("probability", {task.n_answers}, probability);
}

// A task of which this is the one example.
TaskData task_of_one(const TaskData& task, const Request& request) {
  const std::vector<std::string> given =
      request.list("tokens", static_cast<std::size_t>(task.n_ctx));
  if (given.size() != static_cast<std::size_t>(task.n_ctx))
    throw Error(ErrorCode::usage, "parameter tokens: expected " + std::to_string(task.n_ctx) +
                                      " tokens, one for each position, found " +
                                      std::to_string(given.size()));
  TaskData out;
  out.d_vocab = task.d_vocab;
  out.d_vocab_out = task.d_vocab_out;
  out.n_ctx = task.n_ctx;
  out.n_answers = task.n_answers;
  out.first_answer = task.first_answer;
  out.features = task.features;
  out.tokens = TokenTensor(Shape{1, task.n_ctx});
  out.labels = TokenTensor(Shape{1, task.n_answers});
  for (std::size_t i = 0; i < given.size(); ++i) {
    Request one;
    one.target.query["tokens"] = given[i];
    out.tokens.data[i] = static_cast<Token>(one.integer("tokens", 0, task.d_vocab - 1));
  }
  out.train = {0};
  return out;
}

Arrays attention_of_own(const State& state, const Request& request) {
  const Params& model = state.spec().model;
  const TaskData task = task_of_one(state.task(), request);
  const bool says_classes = !state.task().targets && !state.task().has_positions();
  std::vector<HookRequest> hooks = patterns_of_sample(task, model);
  if (says_classes) hooks.push_back({"logits"});
  Captures captures(model, task, hooks, state.pool());
  captures.run(state.weights());
  Arrays out;
  add_pattern(out, captures, pattern_hooks(task, model), 0);
  add_integers(out, "tokens", task.tokens.data);
  if (says_classes) add_predictions(out, captures, task);
  return out;
}

}  // namespace

Arrays attention_arrays(const State& state, const Request& request) {
  const TaskData& task = state.task();
  const std::vector<std::string> layers = pattern_hooks(task, state.spec().model);
  const Captures& captures = state.captures();
  const std::int64_t n_examples = captures.shape(layers.front(), Where::sample)[0];
  const std::array<double, 1> n{static_cast<double>(n_examples)};
  if (request.has("tokens")) {
    Arrays out = attention_of_own(state, request);
    out.add("n_examples", {1}, n);
    return out;
  }
  const std::int64_t index = request.integer_or("example", 0, n_examples - 1, 0);
  const std::int64_t example = sample_rows(task)[static_cast<std::size_t>(index)];
  Arrays out;
  add_pattern(out, captures, layers, index);
  out.add("n_examples", {1}, n);
  add_integers(out, "tokens", row_of(task.tokens, example));
  if (!task.targets) add_losses(out, state, example);
  return out;
}

}  // namespace grok::serve
