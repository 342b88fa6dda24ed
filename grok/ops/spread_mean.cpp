#include <algorithm>
#include <numeric>

#include "grok/graph/graph.h"
#include "grok/ops/catalog.h"
#include "grok/ops/rules.h"

// The gradient of a mean, for each of `rows` rows: x / n, where rows are n, or fewer if only a part
// of them is computed; with counts [rows] x counts / sum(counts).
namespace grok::ops {
namespace {

TensorType infer(Types in, const Attributes& a) {
  const std::int64_t rows = a.integer("rows");
  GROK_REQUIRE(in[0] == (TensorType{{}, DType::f64}), in[0].to_string());
  if (in.size() == 2)
    GROK_REQUIRE(in[1] == (TensorType{{rows}, DType::i32}), in[1].to_string());
  else
    GROK_REQUIRE(a.integer("n") > 0, a.to_string());
  return {{rows}, DType::f64};
}

void spread(double x, const Attributes& a, std::span<double> out) {
  std::fill(out.begin(), out.end(), x / static_cast<double>(a.integer("n")));
}

void spread(double x, Tokens counts, std::span<double> out) {
  const auto n =
      static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = counts[i] * x / n;
}

void forward(const OpCall& call) noexcept {
  if (call.inputs.size() == 1)
    spread(call.scalar(0), call.attributes, call.out_doubles());
  else
    spread(call.scalar(0), call.tokens(1), call.out_doubles());
}

void reference(const ReferenceCall& call) {
  if (call.tokens.size() == 1)
    spread(call.reals[0]->data[0], call.attributes, call.output.span());
  else
    spread(call.reals[0]->data[0], call.tokens[1]->span(), call.output.span());
}

std::optional<std::vector<int>> source_axes(Types in, const TensorType&, const Attributes&, int) {
  if (in.size() == 2) return std::nullopt;  // a part of the counts has another sum
  return std::vector<int>{-1};
}

Attributes resized(const Attributes& a, const Shape& output) {
  Attributes out = a;
  out.set("rows", output[0]);
  return out;
}

std::vector<OpExample> examples() {
  return {{{{{}, DType::f64}}, {{"n", 7}, {"rows", 7}}},
          {{{{}, DType::f64}}, {{"n", 300}, {"rows", 10}}},
          {{{{}, DType::f64}, {{7}, DType::i32}}, {{"rows", 7}}, 5}};
}

}  // namespace

const OpDef& spread_mean() {
  static constexpr OpDef def{.name = "spread_mean",
                             .meaning = "x / n in each row, or by counts",
                             .min_inputs = 1,
                             .max_inputs = 2,
                             .infer = infer,
                             .forward = forward,
                             .reference = reference,
                             .source_axes = source_axes,
                             .numbers_axes = true,
                             .resized = resized,
                             .examples = examples};
  return def;
}

}  // namespace grok::ops
