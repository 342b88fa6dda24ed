#include "grok/probes/answer_rows.h"

#include <algorithm>

namespace grok {

std::size_t row_of_answer(std::span<const std::int32_t> examples, std::size_t n_answers,
                          std::size_t i) {
  return static_cast<std::size_t>(examples[i / n_answers]) * n_answers + i % n_answers;
}

AnswerRows answer_rows_of(const ProbeInput& input, std::span<const std::int32_t> examples) {
  const ConstFloats logits = input.captures().at("logits");
  const auto width = static_cast<std::size_t>(input.task().d_vocab_out);
  const auto n_answers = static_cast<std::size_t>(input.task().n_answers);
  const std::size_t n = examples.size() * n_answers;
  AnswerRows out{AlignedVector<float>(n * width), std::vector<Token>(n),
                 static_cast<std::int64_t>(width)};
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t row = row_of_answer(examples, n_answers, i);
    std::copy_n(&logits[row * width], width, &out.logits[i * width]);
    out.labels[i] = input.task().labels.data[row];
  }
  return out;
}

}  // namespace grok
