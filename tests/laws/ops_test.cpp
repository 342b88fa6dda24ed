// Laws that every operation of grok/ops/catalog.def obeys. To be listed is to be tested.

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/graph/graph.h"
#include "grok/kernels/target.h"
#include "grok/ops/catalog.h"
#include "tests/laws/op_check.h"

namespace grok {
namespace {

// Differences in double: elements times outputs evaluations, so only small examples.
bool is_small(const OpExample& example) {
  std::int64_t n = 0;
  for (const TensorType& t : example.inputs) n += t.shape.n_elements();
  return n <= 3000;
}

template <class F>
void for_all_examples(F&& f) {
  for (const OpDef* op : ops::catalog()) {
    int number = 0;
    for (const OpExample& example : op->examples()) {
      SCOPED_TRACE(std::string(op->name) + ", example " + std::to_string(number++));
      f(*op, example);
    }
  }
}

TEST(Ops, are_documented_and_have_examples) {
  std::set<std::string_view> names;
  for (const OpDef* op : ops::catalog()) {
    EXPECT_TRUE(names.insert(op->name).second) << op->name;
    EXPECT_FALSE(op->meaning.empty()) << op->name;
    ASSERT_NE(op->examples, nullptr) << op->name;
    EXPECT_FALSE(op->examples().empty()) << op->name;
    EXPECT_NE(op->reference, nullptr) << op->name;
    EXPECT_TRUE(op->forward != nullptr || op == &ops::reshape()) << op->name;
  }
}

TEST(Ops, kernels_agree_with_the_plain_loops) {
  for_all_examples([](const OpDef& op, const OpExample& example) {
    if (!op.forward) return;
    EXPECT_LT(kernel_error(op, example, 1), 1e-6);
  });
}

TEST(Ops, kernels_give_the_same_bits_for_any_number_of_threads) {
  for_all_examples([](const OpDef& op, const OpExample& example) {
    if (!op.forward) return;
    const std::string one = kernel_bits(op, example, 1);
    for (const int n_threads : {2, 4, 8}) EXPECT_EQ(kernel_bits(op, example, n_threads), one);
  });
}

TEST(Ops, kernels_give_the_same_bits_on_avx2_and_avx512) {
  const std::string_view before = active_target();
  const auto targets = available_targets();
  if (std::find(targets.begin(), targets.end(), "avx512") == targets.end())
    GTEST_SKIP() << "this machine has no AVX-512";
  for_all_examples([](const OpDef& op, const OpExample& example) {
    if (!op.forward) return;
    force_target("avx2");
    const std::string narrow = kernel_bits(op, example, 2);
    force_target("avx512");
    EXPECT_EQ(kernel_bits(op, example, 2), narrow);
  });
  force_target(before);
}

TEST(Ops, gradients_agree_with_differences) {
  int n_checked = 0;
  for_all_examples([&](const OpDef& op, const OpExample& example) {
    if (!op.vjp || !is_small(example)) return;
    EXPECT_LT(gradient_error(op, example), 1e-8);
    ++n_checked;
  });
  EXPECT_GT(n_checked, 20);
}

TEST(Ops, rows_may_be_taken_before_or_after) {
  for_all_examples([](const OpDef& op, const OpExample& example) {
    EXPECT_EQ(source_axes_error(op, example), 0);
  });
}

// The checks are shown to catch what they are for: an error of 1e-4 in a gradient, in a kernel, and
// an axis that is mixed but claimed not to be.

OpDef wrong_scale() {
  OpDef def = ops::scale();
  def.vjp = [](Graph& g, NodeId node, NodeId gradient) {
    const double factor = g[node].attributes.real("factor") * 1.0001;
    return std::vector<NodeId>{g.add(ops::scale(), {gradient}, {{"factor", factor}})};
  };
  def.forward = [](const OpCall& call) noexcept {
    for (std::size_t i = 0; i < call.out().size(); ++i)
      call.out()[i] =
          call.floats(0)[i] * static_cast<float>(call.attributes.real("factor")) * 1.0001f;
  };
  return def;
}

OpDef wrong_softmax() {
  OpDef def = ops::softmax();
  def.source_axes = ops::scale().source_axes;
  return def;
}

TEST(OpChecks, catch_planted_errors) {
  static const OpDef scale = wrong_scale();
  const OpExample example = ops::scale().examples()[0];
  EXPECT_GT(gradient_error(scale, example), 5e-5);
  EXPECT_GT(kernel_error(scale, example, 1), 5e-5);
  static const OpDef softmax = wrong_softmax();
  EXPECT_GT(source_axes_error(softmax, ops::softmax().examples()[1]), 1e-3);
}

TEST(Ops, refuse_shapes_that_do_not_fit) {
  Graph g;
  const NodeId a = g.weight("a", {3, 4});
  const NodeId b = g.weight("b", {5, 6});
  EXPECT_THROW(g.add(ops::matmul(), {a, b}), ContractBroken);
  EXPECT_THROW(g.add(ops::add(), {a, b}), ContractBroken);
  EXPECT_THROW(g.add(ops::relu_grad(), {a, b}), ContractBroken);
  EXPECT_THROW(g.add(ops::slice(), {a}, {{"axis", 1}, {"begin", 2}, {"end", 9}}), ContractBroken);
  EXPECT_THROW(g.add(ops::reshape(), {a}, {{"shape", std::vector<std::int64_t>{5}}}),
               ContractBroken);
  EXPECT_THROW(g.add(ops::gather_rows(), {a, b}), ContractBroken);
  EXPECT_THROW(g.add(ops::attention_scores(), {a, b}, {{"scale", 1.0}}), ContractBroken);
  EXPECT_THROW(g.add(ops::gelu_grad(), {a, b}), ContractBroken);
  EXPECT_THROW(g.add(ops::squared_error(), {a, b}), ContractBroken);
}

TEST(Ops, refuse_attributes_out_of_range) {
  Graph g;
  const NodeId x = g.weight("x", {2, 3, 4, 6});
  const NodeId step = g.input("step", {{1}, DType::i32});
  const auto norm = [&](std::int64_t centre) {
    return g.add(ops::layer_norm(), {x}, {{"eps", 1e-5}, {"centre", centre}});
  };
  const auto turned = [&](std::int64_t n_rotary, double base, std::int64_t inverse) {
    return g.add(ops::rotary(), {x},
                 {{"n_rotary", n_rotary}, {"base", base}, {"inverse", inverse}});
  };
  const auto dropped = [&](double rate) {
    return g.add(ops::dropout(), {x, step}, {{"rate", rate}, {"seed", 1}, {"stream", 0}});
  };
  norm(0);
  turned(6, 10000, 1);
  dropped(0.999);
  EXPECT_THROW(norm(2), ContractBroken);
  for (const std::int64_t n_rotary : {-2, 0, 3, 8})
    EXPECT_THROW(turned(n_rotary, 10000, 0), ContractBroken);
  EXPECT_THROW(turned(6, 0, 0), ContractBroken);
  EXPECT_THROW(turned(6, 10000, 2), ContractBroken);
  for (const double rate : {-0.1, 1.0}) EXPECT_THROW(dropped(rate), ContractBroken);
  EXPECT_THROW(g.add(ops::dropout(), {x, x}, {{"rate", 0.1}, {"seed", 1}, {"stream", 0}}),
               ContractBroken);
}

// A position that is cut off in front would turn by another angle, an element would meet another
// mask: no pass may take rows there.
TEST(Ops, that_know_places_by_their_number_keep_them) {
  const OpExample turned = ops::rotary().examples()[0];
  for (int axis = 0; axis < 4; ++axis)
    EXPECT_EQ(ops::rotary()
                  .source_axes(turned.inputs, turned.inputs[0], turned.attributes, axis)
                  .has_value(),
              axis == 0 || axis == 2);
  EXPECT_TRUE(ops::rotary().numbers_axes);
  EXPECT_EQ(ops::dropout().source_axes, nullptr);
}

}  // namespace
}  // namespace grok
