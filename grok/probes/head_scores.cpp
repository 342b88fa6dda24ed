#include "grok/base/exact_math.h"
#include "grok/probes/capture_examples.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// What each head does with random tokens x_1 .. x_h that are said twice (capture_examples.h: up to
// 32 sequences, h = 40 or half the context, the same at every step). A[q, k] is the attention of
// position q to position k, after softmax; positions are counted from 0. Means are over sequences
// and positions. All are [n_layers, n_heads], from 0 to 1; left out where h is below 2.
//
//   prefix_matching_score   mean of A[q, q - h + 1], q = h .. 2h - 1: from each token's second
//                           occurrence to the token behind its first. An induction head's is high
//   previous_token_score    mean of A[q, q - 1], q = 1 .. 2h - 1
//   duplicate_token_score   mean of A[q, q - h], q = h .. 2h - 1: to the first occurrence itself
//
// and on a sample of the task's own examples, at all positions:
//
//   attention_entropy [n_layers, n_heads]  mean over examples and q of -sum over k of P ln P, in
//                     nats, where P is A[q, :] divided by its sum (an attention rate below 1 has
//                     sums above 1)
//   source  Olsson et al. 2022, arXiv:2209.11895 (prefix matching, previous token); Elhage et al.
//           2021, "A mathematical framework for transformer circuits"; duplicate tokens: Wang et
//           al. 2022, arXiv:2211.00593
namespace grok {
namespace {

// The patterns of one head: matrices [n_ctx, n_ctx], one per example.
struct HeadPatterns {
  ConstFloats values;
  Shape shape;  // [n, n_heads, n_ctx, n_ctx]
  std::size_t head = 0;

  std::size_t n() const { return static_cast<std::size_t>(shape[0]); }
  std::size_t n_ctx() const { return static_cast<std::size_t>(shape[3]); }
  ConstFloats row(std::size_t example, std::size_t query) const {
    const auto n_heads = static_cast<std::size_t>(shape[1]);
    return values.subspan(((example * n_heads + head) * n_ctx() + query) * n_ctx(), n_ctx());
  }
};

// Mean attention from the positions begin .. end-1 to those `back` before them.
double mean_attention_back(const HeadPatterns& p, std::size_t begin, std::size_t end,
                           std::size_t back) {
  double sum = 0;
  for (std::size_t i = 0; i < p.n(); ++i)
    for (std::size_t q = begin; q < end; ++q) sum += static_cast<double>(p.row(i, q)[q - back]);
  return sum / static_cast<double>(p.n() * (end - begin));
}

double entropy(ConstFloats row) {
  double total = 0, sum = 0;
  for (const float a : row) total += static_cast<double>(a);
  for (const float a : row) {
    const double share = static_cast<double>(a) / total;
    // 0 ln 0 is 0; a NaN passes.
    if (!(share <= 0)) sum -= share * exact_log(share);
  }
  return sum;
}

double mean_entropy(const HeadPatterns& p) {
  double sum = 0;
  for (std::size_t i = 0; i < p.n(); ++i)
    for (std::size_t q = 0; q < p.n_ctx(); ++q) sum += entropy(p.row(i, q));
  return sum / static_cast<double>(p.n() * p.n_ctx());
}

std::vector<HookRequest> hooks(const TaskData& task, const Params& model) {
  std::vector<HookRequest> out = patterns_of_sample(task, model);
  if (has_room_to_repeat(task))
    for (const std::string& hook : pattern_hooks(task, model))
      out.push_back({hook, Where::repeated});
  return out;
}

// score(patterns) of every head, as an array of that name.
template <class Score>
void add_scores(const ProbeInput& input, Where where, const char* name, const Score& score,
                Measurements& out) {
  std::vector<HeadPatterns> heads;
  const std::vector<std::string> layers = pattern_hooks(input.task(), input.model());
  for (const std::string& hook : layers) {
    const ConstFloats values = input.captures().at(hook, where);
    const Shape shape = input.captures().shape(hook, where);
    for (std::size_t h = 0; h < static_cast<std::size_t>(shape[1]); ++h)
      heads.push_back({values, shape, h});
  }
  const auto n_layers = static_cast<std::int64_t>(layers.size());
  const auto n = static_cast<std::int64_t>(heads.size());
  DoubleTensor scores({n_layers, n / n_layers});
  input.pool().for_chunks(n, [&](std::int64_t i) noexcept {
    scores.data[static_cast<std::size_t>(i)] = score(heads[static_cast<std::size_t>(i)]);
  });
  out.arrays.push_back({.name = name, .values = std::move(scores)});
}

void measure(const ProbeInput& input, Measurements& out) {
  add_scores(input, Where::sample, "attention_entropy", mean_entropy, out);
  if (!has_room_to_repeat(input.task())) return;
  const auto h = static_cast<std::size_t>(repeated_length(input.task()));
  const auto back = [&](const char* name, std::size_t begin, std::size_t n_back) {
    add_scores(
        input, Where::repeated, name,
        [=](const HeadPatterns& p) { return mean_attention_back(p, begin, 2 * h, n_back); }, out);
  };
  back("prefix_matching_score", h, h - 1);
  back("previous_token_score", 1, 1);
  back("duplicate_token_score", h, h);
}

}  // namespace

const ProbeDef& probes::head_scores() {
  static constexpr ProbeDef def{
      .name = "head_scores",
      .meaning = "each head's attention to previous, repeated and following tokens; its entropy",
      .source =
          "Olsson et al. 2022, arXiv:2209.11895; Elhage et al. 2021, A mathematical framework for "
          "transformer circuits",
      .hooks = hooks,
      .applies = has_attention,
      .measure = measure};
  return def;
}

}  // namespace grok
