#include <algorithm>

#include "grok/kernels/cross_entropy.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Loss and accuracy on train, on test and on all examples, over all d_vocab_out classes, as the
// training loss is: '=' counts as a class.
//
//   train_loss, test_loss, all_loss              mean cross-entropy in double, nats per example
//   train_accuracy, test_accuracy, all_accuracy  share of examples whose largest logit, the first
//                                                if several, is the label's
//   source  Nanda et al. 2023, arXiv:2301.05217
namespace grok {
namespace {

struct Total {
  double loss = 0;
  std::int64_t n_right = 0;
  std::int64_t n = 0;

  void report(const std::string& split, Measurements& out) const {
    if (n == 0) return;  // a train fraction of 1 leaves no test
    out.add(split + "_loss", loss / static_cast<double>(n));
    out.add(split + "_accuracy", static_cast<double>(n_right) / static_cast<double>(n));
  }
};

// The rows are copied together and given to the training loss's own kernel, in the training's own
// order: so train_loss has the very bits of the trainer's loss wherever the logits have.
Total total_of(const ProbeInput& input, std::span<const std::int32_t> rows) {
  const ConstFloats logits = input.captures().at("logits");
  const auto width = static_cast<std::size_t>(input.task().d_vocab_out);
  AlignedVector<float> gathered(rows.size() * width);
  std::vector<Token> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    std::copy_n(&logits[row * width], width, &gathered[i * width]);
    labels.push_back(input.task().labels.data[row]);
  }
  const auto n = static_cast<std::int64_t>(rows.size());
  const auto columns = static_cast<std::int64_t>(width);
  const Logits view{gathered.data(), n, columns, columns};
  std::vector<double> losses(rows.size());
  cross_entropy(view, labels, Doubles(), losses, input.pool());
  return {mean(losses) * static_cast<double>(n), count_correct(view, labels, input.pool()), n};
}

void measure(const ProbeInput& input, Measurements& out) {
  const Total train = total_of(input, input.task().train);
  const Total test = total_of(input, input.task().test);
  train.report("train", out);
  test.report("test", out);
  // Train and test share out all examples.
  Total{train.loss + test.loss, train.n_right + test.n_right, train.n + test.n}.report("all", out);
}

}  // namespace

const ProbeDef& probes::loss_and_accuracy() {
  static constexpr ProbeDef def{
      .name = "loss_and_accuracy",
      .meaning = "loss (nats) and accuracy on the train split, the test split and all examples",
      .source = "Nanda et al. 2023, arXiv:2301.05217",
      .hooks = logits_alone,
      .measure = measure};
  return def;
}

}  // namespace grok
