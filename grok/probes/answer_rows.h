#pragma once
// The logits of a split's answers, copied together in the training's own order, so that a loss's
// kernel gives the very bits on them that it gives in training wherever the logits have.

#include <span>
#include <vector>

#include "grok/kernels/cross_entropy.h"
#include "grok/probes/probe.h"

namespace grok {

/// Row of the logits that answer i of some examples' answers has.
std::size_t row_of_answer(std::span<const std::int32_t> examples, std::size_t n_answers,
                          std::size_t i);

struct AnswerRows {
  AlignedVector<float> logits;  // [n answers, d_vocab_out]
  std::vector<Token> labels;    // [n answers]
  std::int64_t width = 0;

  Logits view() const {
    return {logits.data(), static_cast<std::int64_t>(labels.size()), width, width};
  }
};

/// Of a probe that reads "logits", for a task whose answers are classes.
AnswerRows answer_rows_of(const ProbeInput& input, std::span<const std::int32_t> examples);

}  // namespace grok
