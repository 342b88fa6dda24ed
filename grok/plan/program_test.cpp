#include "grok/plan/program.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/ops/catalog.h"
#include "grok/plan/gradient.h"
#include "grok/plan/pass.h"

namespace grok {
namespace {

TEST(Program, computes_and_may_be_bound_anew) {
  Graph g;
  const NodeId w = g.weight("w", {2, 3});
  g.output("y", g.add(ops::matmul(), {g.constant(Tensor({1, 2}, std::vector<float>{1, 10})), w}));
  Program program(g, 1);
  ThreadPool pool(1);
  Tensor first({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  const Tensor second({2, 3}, std::vector<float>{0, 0, 0, 0, 0, 1});
  program.bind("w", first.span());
  program.run(pool);
  EXPECT_EQ(program.floats("y")[2], 63);
  first.data[5] = 7;  // memory is lent: changes are seen
  program.run(pool);
  EXPECT_EQ(program.floats("y")[2], 73);
  program.bind("w", second.span());
  program.run(pool);
  EXPECT_EQ(program.floats("y")[2], 10);
}

// What is made of a constant once is not overwritten by what runs later.
TEST(Program, prepares_constants_once_and_for_all) {
  Graph g;
  const NodeId x = g.weight("x", {70, 40});
  Tensor b(Shape{40, 50});
  for (std::size_t i = 0; i < b.data.size(); ++i) b.data[i] = static_cast<float>(i % 7);
  NodeId y = g.add(ops::matmul(), {x, g.constant(b)});
  for (int i = 0; i < 5; ++i) y = g.add(ops::add(), {y, y});
  g.output("y", y);
  Program program(g, 1);
  const Tensor ones(Shape{70, 40}, std::vector<float>(2800, 1.0f));
  program.bind("x", ones.span());
  ThreadPool pool(1);
  for (int run = 0; run < 3; ++run) {
    program.run(pool);
    for (std::size_t c = 0; c < 50; ++c) {
      float sum = 0;
      for (std::size_t k = 0; k < 40; ++k) sum += b.data[k * 50 + c];
      EXPECT_EQ(program.floats("y")[69 * 50 + c], 32 * sum) << run;
    }
  }
}

TEST(Program, an_output_may_be_a_leaf_or_a_reshape_of_one) {
  Graph g;
  const NodeId w = g.weight("w", {2, 3});
  g.output("w", w);
  g.output("flat", g.add(ops::reshape(), {w}, {{"shape", std::vector<std::int64_t>{6}}}));
  Program program(g, 1);
  const Tensor value({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  program.bind("w", value.span());
  ThreadPool pool(1);
  program.run(pool);
  EXPECT_EQ(program.floats("w").data(), value.data.data());
  EXPECT_EQ(program.floats("flat")[5], 6);
}

TEST(Program, refuses_memory_of_another_size_and_unknown_outputs) {
  Graph g;
  g.output("y", g.add(ops::relu(), {g.weight("w", {4})}));
  Program program(g, 1);
  const Tensor wrong(Shape{5});
  EXPECT_THROW(program.bind("w", wrong.span()), ContractBroken);
  EXPECT_THROW(program.floats("z"), ContractBroken);
  EXPECT_THROW(program.real("y"), ContractBroken);
}

TEST(Gradient, has_no_entry_for_what_the_loss_does_not_read) {
  Graph g;
  const NodeId x = g.weight("x", {2, 3});
  g.weight("unused", {7});
  const NodeId labels = g.constant(TokenTensor({2}, std::vector<Token>{0, 2}));
  const NodeId loss = g.add(ops::mean(), {g.add(ops::cross_entropy(), {x, labels})});
  add_weight_gradients(g, loss);
  EXPECT_NE(g.find_output("grad.x"), no_node);
  EXPECT_EQ(g.find_output("grad.unused"), no_node);
}

TEST(Passes, an_unknown_name_is_an_error_that_lists_the_known_ones) {
  const std::vector<std::string> names{"unique_rows", "magic"};
  try {
    optimize(Graph{}, names);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("magic"), std::string::npos);
    EXPECT_NE(std::string(e.what()).find("dead_positions"), std::string::npos);
  }
}

}  // namespace
}  // namespace grok
