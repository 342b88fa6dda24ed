#include <algorithm>
#include <limits>

#include "grok/kernels/cross_entropy.h"
#include "grok/probes/answer_rows.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"

// Loss and accuracy on train, on test and on all examples, over all d_vocab_out classes, as the
// training loss is: in modular addition '=' counts as a class. SPLIT is train, test or all.
//
//   SPLIT_loss      mean cross-entropy over all answers in double, nats; of a task with targets the
//                   mean squared error of their numbers
//   SPLIT_accuracy  share of answers whose largest logit, the first if several, is the label's
//
// and where an example has several answers, for train and test:
//
//   SPLIT_exact_match           share of examples with every answer right
//   SPLIT_loss_by_position      [n_answers] mean over examples
//   SPLIT_accuracy_by_position  [n_answers]
//
// and where a task sorts its answers into classes, by NAME:
//
//   SPLIT_loss_by_NAME          [n_classes] mean over the class's answers; NaN where there are none
//
//   source  Nanda et al. 2023, arXiv:2301.05217; by sub-task Quirke and Barez 2024,
//   arXiv:2310.13121
namespace grok {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// A mean in the making.
struct Mean {
  double sum = 0;
  std::int64_t n = 0;
  void add(double x) {
    sum += x;
    ++n;
  }
  double value() const { return n == 0 ? none : sum / static_cast<double>(n); }
};

std::vector<double> values_of(const std::vector<Mean>& means) {
  std::vector<double> out;
  for (const Mean& m : means) out.push_back(m.value());
  return out;
}

// What one split's answers are worth, answer by answer, example by example.
struct Answers {
  std::vector<double> losses;
  double total = 0;          // of the losses
  std::int64_t n_right = 0;  // of answers that are classes
  std::vector<char> right;   // each of these, where examples have several

  double n() const { return static_cast<double>(losses.size()); }
};

Answers answers_of(const ProbeInput& input, std::span<const std::int32_t> examples) {
  const AnswerRows rows = answer_rows_of(input, examples);
  const Logits view = rows.view();
  const std::size_t n = rows.labels.size();
  Answers out{.losses = std::vector<double>(n)};
  cross_entropy(view, rows.labels, Doubles(), out.losses, input.pool());
  out.total = mean(out.losses) * out.n();
  out.n_right = count_correct(view, rows.labels, input.pool());
  for (std::size_t i = 0; input.task().n_answers > 1 && i < n; ++i) {
    const float* const row = &rows.logits[i * static_cast<std::size_t>(rows.width)];
    out.right.push_back(std::max_element(row, row + rows.width) - row == rows.labels[i]);
  }
  return out;
}

// The mean over each row's numbers.
Answers errors_of(const ProbeInput& input, std::span<const std::int32_t> examples) {
  const ConstFloats got = input.captures().at("logits");
  const Tensor& targets = *input.task().targets;
  const auto width = static_cast<std::size_t>(targets.shape[1]);
  Answers out;
  for (const std::int32_t row : examples) {
    Mean squares;
    for (std::size_t j = 0; j < width; ++j) {
      const std::size_t at = static_cast<std::size_t>(row) * width + j;
      const double error = static_cast<double>(got[at]) - static_cast<double>(targets.data[at]);
      squares.add(error * error);
    }
    out.losses.push_back(squares.value());
  }
  out.total = mean(out.losses) * out.n();
  return out;
}

void add_by_position(const std::string& split, const Answers& answers, std::size_t n_answers,
                     Measurements& out) {
  std::vector<Mean> loss(n_answers), accuracy(n_answers);
  Mean exact;
  for (std::size_t i = 0; i < answers.losses.size(); ++i) {
    loss[i % n_answers].add(answers.losses[i]);
    accuracy[i % n_answers].add(answers.right[i]);
  }
  for (auto first = answers.right.begin(); first != answers.right.end();) {
    const auto last = first + static_cast<std::ptrdiff_t>(n_answers);
    exact.add(std::find(first, last, 0) == last);
    first = last;
  }
  out.add(split + "_exact_match", exact.value());
  out.add(split + "_loss_by_position", values_of(loss));
  out.add(split + "_accuracy_by_position", values_of(accuracy));
}

void add_by_class(const std::string& split, const Answers& answers,
                  std::span<const std::int32_t> examples, const TaskData& task, Measurements& out) {
  const auto n_answers = static_cast<std::size_t>(task.n_answers);
  for (const AnswerClasses& c : task.classes) {
    std::vector<Mean> loss(c.classes.size());
    for (std::size_t i = 0; i < answers.losses.size(); ++i)
      if (const Token k = c.of.data[row_of_answer(examples, n_answers, i)]; k >= 0)
        loss[static_cast<std::size_t>(k)].add(answers.losses[i]);
    out.add(split + "_loss_by_" + c.name, values_of(loss));
  }
}

// A train fraction of 1 leaves no test, an endless task no train.
Answers report(const std::string& split, const ProbeInput& input,
               std::span<const std::int32_t> examples, Measurements& out) {
  if (examples.empty()) return {};
  const TaskData& task = input.task();
  Answers answers = task.targets ? errors_of(input, examples) : answers_of(input, examples);
  out.add(split + "_loss", answers.total / answers.n());
  if (task.targets) return answers;
  out.add(split + "_accuracy", static_cast<double>(answers.n_right) / answers.n());
  if (task.n_answers > 1)
    add_by_position(split, answers, static_cast<std::size_t>(task.n_answers), out);
  add_by_class(split, answers, examples, task, out);
  return answers;
}

void measure(const ProbeInput& input, Measurements& out) {
  const Answers train = report("train", input, input.task().train, out);
  const Answers test = report("test", input, input.task().test, out);
  // Train and test share out all examples.
  const double n = train.n() + test.n();
  out.add("all_loss", (train.total + test.total) / n);
  if (!input.task().targets)
    out.add("all_accuracy", static_cast<double>(train.n_right + test.n_right) / n);
}

}  // namespace

const ProbeDef& probes::loss_and_accuracy() {
  static constexpr ProbeDef def{
      .name = "loss_and_accuracy",
      .meaning =
          "loss and accuracy on the train split, the test split and all examples, of each "
          "answer where there are several",
      .source = "Nanda et al. 2023, arXiv:2301.05217",
      .hooks = logits_alone,
      .measure = measure};
  return def;
}

}  // namespace grok
