#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

// Laws for every task of the catalogue.

TEST(Tasks, every_example_is_in_just_one_split) {
  for (const TaskDef* def : tasks::catalog()) {
    const TaskData data = made(*def);
    std::vector<std::int32_t> all = data.train;
    all.insert(all.end(), data.test.begin(), data.test.end());
    std::sort(all.begin(), all.end());
    std::vector<std::int32_t> expected(static_cast<std::size_t>(data.n_examples()));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(all, expected) << def->name;
  }
}

TEST(Tasks, tokens_and_labels_are_within_their_vocabulary) {
  for (const TaskDef* def : tasks::catalog()) {
    const TaskData data = made(*def);
    EXPECT_EQ(data.tokens.shape, (Shape{data.n_examples(), data.n_ctx})) << def->name;
    EXPECT_EQ(data.labels.shape, (Shape{data.n_examples(), data.n_answers})) << def->name;
    EXPECT_TRUE(-1 <= data.first_answer && data.first_answer + data.n_answers <= data.n_ctx)
        << def->name;
    for (const AnswerClasses& by : data.classes) {
      EXPECT_EQ(by.of.shape, data.labels.shape) << def->name;
      for (const Token t : by.of.data)
        ASSERT_TRUE(-1 <= t && t < static_cast<Token>(by.classes.size())) << def->name;
    }
    if (data.has_positions()) {
      EXPECT_EQ(data.first_answer, -1) << def->name;
      EXPECT_EQ(data.positions.shape, data.labels.shape) << def->name;
      for (const Token t : data.positions.data) ASSERT_TRUE(0 <= t && t < data.n_ctx) << def->name;
    }
    for (const Token t : data.tokens.data) ASSERT_TRUE(0 <= t && t < data.d_vocab) << def->name;
    for (const Token t : data.labels.data) ASSERT_TRUE(0 <= t && t < data.d_vocab_out) << def->name;
  }
}

TEST(Tasks, numbers_to_be_predicted_and_features_fit_the_rest) {
  for (const TaskDef* def : tasks::catalog()) {
    const TaskData data = made(*def);
    if (data.targets) {
      EXPECT_EQ(data.targets->shape, (Shape{data.n_examples(), data.d_vocab_out})) << def->name;
    }
    if (data.features) {
      EXPECT_EQ(data.features->shape.rank(), 2) << def->name;
      EXPECT_EQ(data.features->shape[0], data.d_vocab) << def->name;
    }
  }
}

TEST(Tasks, the_same_params_make_the_same_data) {
  for (const TaskDef* def : tasks::catalog()) {
    const TaskData a = made(*def);
    const TaskData b = made(*def);
    EXPECT_EQ(a.tokens, b.tokens) << def->name;
    EXPECT_EQ(a.labels, b.labels) << def->name;
    EXPECT_EQ(a.train, b.train) << def->name;
  }
}

// What a step sees depends on the step alone, whatever was asked for before.
TEST(Tasks, batches_are_functions_of_the_step) {
  for (const TaskDef* def : tasks::catalog()) {
    const TaskData data = made(*def);
    const auto some = [&](std::initializer_list<std::int64_t> steps) {
      const auto source = batches_of(data, 20, 5);
      Examples out = room_for(20, data.n_ctx, data.n_answers, data.has_positions());
      for (const std::int64_t step : steps) source->fill(step, out);
      return out;
    };
    const Examples batch = some({17});
    EXPECT_EQ(some({0, 3, 17}), batch) << def->name;
    EXPECT_EQ(some({40, 17}), batch) << def->name;
    EXPECT_NE(some({18}), batch) << def->name;
    for (const Token t : batch.tokens.data) ASSERT_TRUE(0 <= t && t < data.d_vocab) << def->name;
    for (const Token t : batch.labels.data)
      ASSERT_TRUE(0 <= t && t < data.d_vocab_out) << def->name;
  }
}

TEST(Batches, bring_every_example_once_before_any_comes_again) {
  const TaskData data = made(tasks::modular_addition(), {{"p", std::int64_t{11}}});
  const std::size_t n = data.train.size();
  const auto source = batches_of(data, 5, 1);
  Examples out = room_for(5, data.n_ctx, 1, false);
  std::vector<std::vector<Token>> seen;
  for (std::int64_t step = 0; 5 * step < 2 * static_cast<std::int64_t>(n); ++step) {
    source->fill(step, out);
    for (std::size_t i = 0; i < 5; ++i)
      seen.push_back({out.tokens.data[3 * i], out.tokens.data[3 * i + 1]});
  }
  const auto sorted = [&](std::size_t from) {
    auto first = seen.begin() + static_cast<std::ptrdiff_t>(from);
    std::vector<std::vector<Token>> part(first, first + static_cast<std::ptrdiff_t>(n));
    std::sort(part.begin(), part.end());
    return part;
  };
  EXPECT_EQ(sorted(0), sorted(n));
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(n)),
            seen.begin() + static_cast<std::ptrdiff_t>(n));
  EXPECT_FALSE(std::equal(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(n),
                          seen.begin() + static_cast<std::ptrdiff_t>(n)));
  EXPECT_THROW(batches_of(data, static_cast<std::int64_t>(n) + 1, 1), Error);
}

TEST(ModularAddition, adds) {
  const TaskData data =
      made(tasks::modular_addition(), {{"p", std::int64_t{5}}, {"train_fraction", 0.5}});
  EXPECT_EQ(data.n_examples(), 25);
  EXPECT_EQ(data.train.size(), 12u);
  const std::size_t row = 3 * 5 + 4;
  EXPECT_EQ(data.tokens.data[row * 3], 3);
  EXPECT_EQ(data.tokens.data[row * 3 + 1], 4);
  EXPECT_EQ(data.tokens.data[row * 3 + 2], 5);
  EXPECT_EQ(data.labels.data[row], 2);
}

TEST(ModularAddition, refuses_what_cannot_be_trained) {
  const auto refused = [](const Params& given) {
    EXPECT_THROW(made(tasks::modular_addition(), given), Error);
  };
  refused({{"p", std::int64_t{1}}});
  refused({{"train_fraction", 0.0}});
  refused({{"train_fraction", 1.5}});
  refused({{"p", std::int64_t{2}}, {"train_fraction", 0.1}});
}

}  // namespace
}  // namespace grok
