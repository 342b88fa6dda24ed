#include <cmath>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

// Gaussian elimination finds the teacher from as many examples as there are inputs; every other
// example must then agree with it.
std::vector<double> teacher_found(const TaskData& data, std::size_t d) {
  std::vector<std::vector<double>> rows(d);
  for (std::size_t i = 0; i < d; ++i) {
    const auto x = data.features->span().subspan(i * d, d);
    rows[i].assign(x.begin(), x.end());
    rows[i].push_back(static_cast<double>(data.targets->data[i]));
  }
  for (std::size_t c = 0; c < d; ++c) {
    for (std::size_t r = c + 1; r < d; ++r)
      if (std::fabs(rows[r][c]) > std::fabs(rows[c][c])) std::swap(rows[r], rows[c]);
    for (std::size_t r = 0; r < d; ++r) {
      if (r == c) continue;
      const double factor = rows[r][c] / rows[c][c];
      for (std::size_t k = c; k <= d; ++k) rows[r][k] -= factor * rows[c][k];
    }
  }
  std::vector<double> out(d);
  for (std::size_t c = 0; c < d; ++c) out[c] = rows[c][d] / rows[c][c];
  return out;
}

TEST(TeacherStudent, has_one_teacher_for_all_examples) {
  constexpr std::size_t d = 40;
  const TaskData data = made(tasks::teacher_student(), {{"d_in", std::int64_t{d}}});
  EXPECT_EQ(data.train.size(), 80u);
  const std::vector<double> teacher = teacher_found(data, d);
  for (std::size_t i = 0; i < static_cast<std::size_t>(data.n_examples()); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k)
      sum += teacher[k] * static_cast<double>(data.features->data[i * d + k]);
    EXPECT_NEAR(sum, static_cast<double>(data.targets->data[i]), 1e-4);
  }
}

// T has variance 1 / (2 d): its squared length is near 1/2, and so is the variance of the targets.
TEST(TeacherStudent, has_inputs_and_teacher_of_the_published_size) {
  const TaskData data = made(tasks::teacher_student(), {{"d_in", std::int64_t{300}}});
  double inputs = 0, targets = 0;
  for (const float x : data.features->data)
    inputs += static_cast<double>(x) * static_cast<double>(x);
  for (const float y : data.targets->data)
    targets += static_cast<double>(y) * static_cast<double>(y);
  EXPECT_NEAR(inputs / static_cast<double>(data.features->data.size()), 1, 0.02);
  EXPECT_NEAR(targets / static_cast<double>(data.n_examples()), 0.5, 0.15);
}

TEST(TeacherStudent, has_as_many_examples_as_lambda_says) {
  const auto n = [](double lambda) {
    return made(tasks::teacher_student(), {{"lambda", lambda}}).train.size();
  };
  EXPECT_EQ(n(0.1), 1000u);
  EXPECT_EQ(n(0.9), 111u);
  EXPECT_EQ(n(1.5), 67u);
  EXPECT_THROW(n(250), Error);
  EXPECT_THROW(made(tasks::teacher_student(), {{"d_in", std::int64_t{100'000}}, {"lambda", 0.01}}),
               Error);
}

}  // namespace
}  // namespace grok
