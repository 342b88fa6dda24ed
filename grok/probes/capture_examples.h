#pragma once
// The examples of the passes that probes share, and the graphs over them.

#include <array>
#include <span>
#include <string>
#include <vector>

#include "grok/graph/graph.h"
#include "grok/probes/captures.h"

namespace grok {

/// Most bytes that the values of one pass over a sample or over repeated sequences take; fewer
/// examples are taken where they would take more.
inline constexpr std::int64_t capture_bytes = std::int64_t{256} << 20;

/// At most 64 examples: the first of the test split, or of the training split where there is none.
inline constexpr std::int64_t most_sampled = 64;
std::vector<std::int32_t> sample_rows(const TaskData& task);

/// Random tokens that are said twice: at most 32 sequences, the same at every step.
inline constexpr std::int64_t most_repeated = 32;
/// Tokens in one saying: 40 where the context has room for 80, else half the context.
int repeated_length(const TaskData& task);
/// True if a saying has two tokens or more, and tokens to draw from.
bool has_room_to_repeat(const TaskData& task);
/// [n, n_ctx]: x_1 .. x_h, the same again, and again as far as the context goes; each x is drawn
/// from all tokens but 0, which in many tasks begins a sequence.
TokenTensor repeated_tokens(const TaskData& task, std::int64_t n);

/// (a, b, c): operands and an output, each in 0 .. p-1.
using Triple = std::array<std::int32_t, 3>;
inline constexpr std::size_t n_triples = 100;
/// The first 100 of all p^3 triples in order, once Python's random.Random(42) has shuffled them;
/// for p above 251, whose list would be long, 100 draws of our own.
///   source  the code of Zhong et al. 2023, arXiv:2306.17844
std::vector<Triple> gradient_triples(int p);

/// The graph that keeps these hook points.
///   throws  Error{usage} naming a hook point that the model does not have
Graph capture_graph(const Params& model, const TaskData& task, Where where,
                    std::span<const std::string> hooks);

}  // namespace grok
