#include "grok/edits/parts.h"

#include <algorithm>

#include "grok/analysis/fourier.h"
#include "grok/base/error.h"
#include "grok/spec/suggest.h"

namespace grok {
namespace {

int modulus_of(const EditCall& call) {
  if (call.task.modulus) return *call.task.modulus;
  throw Error(ErrorCode::usage, "the task " + call.spec.task.text("name") +
                                    " has no modulus, so its networks have no frequencies");
}

Tensor& circular_weight(const EditCall& call, bool is_embedding) {
  if (Tensor* found = call.state.weights.find(is_embedding ? "embed.W_E" : "unembed.W_U"))
    return *found;
  throw Error(ErrorCode::usage,
              "model " + call.spec.model.text("name") + " has no " +
                  (is_embedding ? "embedding (embed.W_E)" : "unembedding (unembed.W_U)") +
                  " to take a frequency from");
}

// The first p of a tensor's rows or columns: numbers `x` of line `i` at data[i * across + x *
// along].
struct Lines {
  float* data;
  std::size_t n_lines, across, along;
};

void scale_part(const Lines& lines, const Circle& circle, int k, double factor) {
  const auto p = static_cast<std::size_t>(circle.p());
  for (std::size_t i = 0; i < lines.n_lines; ++i) {
    float* line = lines.data + i * lines.across;
    double cosine = 0, sine = 0;
    for (std::size_t x = 0; x < p; ++x) {
      const double value = line[x * lines.along];
      cosine += value * circle.cos(k, static_cast<long long>(x));
      sine += value * circle.sin(k, static_cast<long long>(x));
    }
    const double change = 2 * (factor - 1) / static_cast<double>(p);
    for (std::size_t x = 0; x < p; ++x) {
      const double part = cosine * circle.cos(k, static_cast<long long>(x)) +
                          sine * circle.sin(k, static_cast<long long>(x));
      float& value = line[x * lines.along];
      value = static_cast<float>(value + change * part);
    }
  }
}

}  // namespace

Tensor& weight_named(const EditCall& call, const std::string& name) {
  if (Tensor* tensor = call.state.weights.find(name)) return *tensor;
  std::vector<std::string> known;
  for (const auto& entry : call.state.weights) known.push_back(entry.name);
  throw Error(ErrorCode::usage, "no weight named " + json_text(name) + suggestion(name, known));
}

std::int64_t n_blocks_with(const EditCall& call, const std::string& weight, const char* what) {
  const auto name = [&](std::int64_t n) { return "blocks." + std::to_string(n) + "." + weight; };
  std::int64_t n = 0;
  while (call.state.weights.find(name(n))) ++n;
  if (n == 0)
    throw Error(ErrorCode::usage, "model " + call.spec.model.text("name") + " has no " + what);
  return n;
}

std::string block_in_question(const EditCall& call, std::int64_t n_blocks) {
  const std::int64_t layer = call.params.integer("layer");
  if (layer >= n_blocks)
    throw Error(ErrorCode::usage, "layer " + std::to_string(layer) + ": there " +
                                      (n_blocks == 1 ? "is " : "are ") + std::to_string(n_blocks) +
                                      ", counted from 0");
  return "blocks." + std::to_string(layer) + ".";
}

Texts weights_in_question(const EditCall& call) {
  Texts names = call.params.texts("tensors");
  for (const std::string& name : names) {
    weight_named(call, name);
    if (std::count(names.begin(), names.end(), name) > 1)
      throw Error(ErrorCode::usage, name + " is named twice");
  }
  if (names.empty())
    for (const auto& entry : call.state.weights) names.push_back(entry.name);
  return names;
}

void each_moment(const EditCall& call, const std::string& weight,
                 const std::function<void(Tensor&)>& change) {
  const Shape& shape = weight_named(call, weight).shape;
  for (auto& [name, tensor] : call.state.optimizer)
    if (name.ends_with("." + weight) && tensor.shape == shape && !name.starts_with(initial_prefix))
      change(tensor);
}

void clear(const EditCall& call, const std::string& weight, std::size_t element) {
  weight_named(call, weight).data[element] = 0;
  each_moment(call, weight, [&](Tensor& moment) { moment.data[element] = 0; });
}

void scale_frequency_by(const EditCall& call, double factor) {
  const int p = modulus_of(call);
  const std::int64_t k = call.params.integer("frequency");
  if (k > n_frequencies(p))
    throw Error(ErrorCode::usage, "frequency " + std::to_string(k) +
                                      ": with p = " + std::to_string(p) + " they go from 1 to " +
                                      std::to_string(n_frequencies(p)));
  const bool is_embedding = call.params.text("of") == "embedding";
  Tensor& tensor = circular_weight(call, is_embedding);
  const auto n_rows = static_cast<std::size_t>(tensor.shape[0]);
  const auto n_columns = static_cast<std::size_t>(tensor.shape[1]);
  const Lines lines = is_embedding ? Lines{tensor.data.data(), n_columns, 1, n_columns}
                                   : Lines{tensor.data.data(), n_rows, n_columns, 1};
  scale_part(lines, Circle(p), static_cast<int>(k), factor);
}

Field frequency_field() {
  return {.name = "frequency",
          .type = FieldType::integer,
          .range = at_least(1),
          .meaning = "k of cos and sin(2 pi k x / p), x a number"};
}

Field of_field() {
  return {.name = "of",
          .type = FieldType::text,
          .default_value = Value{std::string("embedding")},
          .words = {"embedding", "unembedding"},
          .meaning = "where: in embed.W_E over the tokens, or in unembed.W_U over the answers"};
}

Field layer_field() {
  return {.name = "layer",
          .type = FieldType::integer,
          .default_value = Value{std::int64_t{0}},
          .range = at_least(0),
          .meaning = "counted from 0"};
}

Field tensors_field(std::string meaning) {
  return {.name = "tensors",
          .type = FieldType::texts,
          .default_value = Value{Texts{}},
          .meaning = std::move(meaning)};
}

}  // namespace grok
