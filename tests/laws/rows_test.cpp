// What the planner relies on when it runs an op block by block of rows: a sum over rows is the sum
// over their parts, and work done beforehand changes no bit.

#include <algorithm>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "grok/ops/catalog.h"
#include "tests/laws/op_check.h"

namespace grok {
namespace {

/// The inputs of an example in memory, and calls of its op on all or some of their rows.
class Arrays {
 public:
  Arrays(const OpDef& op, const OpExample& example) : op_(op), example_(example) {
    const Bindings values = random_inputs(example, 5);
    for (std::size_t i = 0; i < example.inputs.size(); ++i) {
      const std::string name = "x" + std::to_string(i);
      const DoubleTensor* reals = values.reals.find(name);
      floats_.push_back(Tensor(reals ? reals->shape : Shape{0}));
      if (reals) std::copy(reals->data.begin(), reals->data.end(), floats_[i].data.begin());
      tokens_.push_back(reals ? TokenTensor(Shape{0}) : values.tokens.at(name));
    }
    type_ = op.infer(example.inputs, example.attributes);
    scratch_.resize(op.scratch_bytes ? static_cast<std::size_t>(op.scratch_bytes(
                                           example.inputs, type_, example.attributes, 1))
                                     : 0);
  }

  bool are_floats() const {
    for (const TensorType& t : example_.inputs)
      if (t.dtype == DType::f64) return false;
    return type_.dtype == DType::f32;
  }

  /// Runs on rows [begin, end) of the inputs whose `cut` is 0, and the others whole.
  void run(std::span<const int> cut, std::int64_t begin, std::int64_t end, bool accumulate,
           const std::byte* prepared, Tensor& out) {
    std::vector<ConstBuffer> inputs;
    for (std::size_t i = 0; i < example_.inputs.size(); ++i) {
      const TensorType& t = example_.inputs[i];
      const bool is_cut = i < cut.size() && cut[i] == 0;
      const std::int64_t skipped = is_cut ? begin * t.shape.product(1, t.shape.rank()) : 0;
      inputs.push_back(
          {data_of(i, skipped), is_cut ? t.shape.with(0, end - begin) : t.shape, t.dtype});
    }
    op_.forward({.attributes = example_.attributes,
                 .inputs = inputs,
                 .output = {out.data.data(), out.shape, DType::f32},
                 .scratch = scratch_,
                 .pool = pool_,
                 .prepared = prepared,
                 .accumulate = accumulate});
  }

  AlignedVector<std::byte> prepared() {
    AlignedVector<std::byte> memory(
        static_cast<std::size_t>(op_.prepared_bytes(example_.inputs, type_, example_.attributes)));
    std::vector<ConstBuffer> inputs;
    for (std::size_t i = 0; i < example_.inputs.size(); ++i)
      inputs.push_back({data_of(i, 0), example_.inputs[i].shape, example_.inputs[i].dtype});
    op_.prepare({.attributes = example_.attributes,
                 .inputs = inputs,
                 .output = {nullptr, type_.shape, DType::f32},
                 .scratch = {},
                 .pool = pool_},
                memory.data());
    return memory;
  }

  Tensor output() const { return Tensor(type_.shape); }

  const void* data_of(std::size_t i, std::int64_t skipped) const {
    if (example_.inputs[i].dtype == DType::i32) return tokens_[i].data.data() + skipped;
    return floats_[i].data.data() + skipped;
  }
  const TensorType& type() const { return type_; }

 private:
  const OpDef& op_;
  const OpExample& example_;
  std::vector<Tensor> floats_;
  std::vector<TokenTensor> tokens_;
  TensorType type_;
  AlignedVector<std::byte> scratch_;
  ThreadPool pool_{1};
};

double relative_difference(const Tensor& a, const Tensor& b) {
  double squares = 0, errors = 0;
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    squares += std::pow(static_cast<double>(b.data[i]), 2);
    errors += std::pow(static_cast<double>(a.data[i]) - static_cast<double>(b.data[i]), 2);
  }
  return std::sqrt(errors / squares);
}

/// How far the sum of an op over two parts of its rows is from the op over all of them; nothing
/// where it is no sum over rows.
std::optional<double> error_of_parts(const OpDef& op, const OpExample& example) {
  Arrays arrays(op, example);
  if (!op.summed_axes || !arrays.are_floats()) return std::nullopt;
  const auto axes = op.summed_axes(example.inputs, arrays.type(), example.attributes);
  if (!axes) return std::nullopt;
  const std::int64_t n = example.inputs[0].shape[0], half = (n + 1) / 2;
  Tensor whole = arrays.output(), parts = arrays.output();
  arrays.run(*axes, 0, n, false, nullptr, whole);
  arrays.run(*axes, 0, half, false, nullptr, parts);
  if (half < n) arrays.run(*axes, half, n, true, nullptr, parts);
  return relative_difference(parts, whole);
}

TEST(Rows, a_sum_over_rows_is_the_sum_over_their_parts) {
  int n_sums = 0;
  for (const OpDef* op : ops::catalog())
    for (const OpExample& example : op->examples()) {
      const auto error = error_of_parts(*op, example);
      if (!error) continue;
      ++n_sums;
      EXPECT_LT(*error, 1e-6) << op->name << " " << example.attributes.to_string();
    }
  EXPECT_GE(n_sums, 3);
}

/// The bits of an op over all rows are those of its blocks of `n` rows, as a region runs it;
/// nothing where axis 0 of the output is no row of the inputs.
std::optional<bool> blocks_have_the_bits(const OpDef& op, const OpExample& example,
                                         std::int64_t n) {
  Arrays arrays(op, example);
  if (!op.source_axes || !op.forward || !arrays.are_floats() || arrays.type().shape.rank() == 0)
    return std::nullopt;
  const auto axes = op.source_axes(example.inputs, arrays.type(), example.attributes, 0);
  if (!axes || std::ranges::any_of(*axes, [](int axis) { return axis > 0; })) return std::nullopt;
  const std::int64_t n_rows = arrays.type().shape[0];
  for (std::size_t i = 0; i < axes->size(); ++i)
    if ((*axes)[i] == 0 && example.inputs[i].shape[0] != n_rows) return std::nullopt;
  Tensor whole = arrays.output();
  arrays.run(*axes, 0, n_rows, false, nullptr, whole);
  const auto row = static_cast<std::size_t>(whole.shape.n_elements() / n_rows);
  for (std::int64_t begin = 0; begin < n_rows; begin += n) {
    const std::int64_t end = std::min(n_rows, begin + n);
    Tensor block(whole.shape.with(0, end - begin));
    arrays.run(*axes, begin, end, false, nullptr, block);
    const float* const there = &whole.data[static_cast<std::size_t>(begin) * row];
    if (std::memcmp(block.data.data(), there, block.data.size() * sizeof(float)) != 0) return false;
  }
  return true;
}

TEST(Rows, of_a_kernel_have_the_same_bits_in_blocks) {
  int n_ops = 0;
  for (const OpDef* op : ops::catalog())
    for (const OpExample& example : op->examples())
      for (const std::int64_t n : {1, 3, 8}) {
        const auto same = blocks_have_the_bits(*op, example, n);
        if (!same) continue;
        ++n_ops;
        EXPECT_TRUE(*same) << op->name << " " << example.attributes.to_string() << ", " << n
                           << " rows at a time";
      }
  EXPECT_GE(n_ops, 100);
}

TEST(Rows, a_kernel_that_looks_at_how_many_rows_there_are_is_caught) {
  OpDef counting = ops::relu();
  counting.forward = [](const OpCall& call) noexcept {
    ops::relu().forward(call);
    call.out()[0] += 1e-3f * static_cast<float>(call.shape(0)[0]);
  };
  EXPECT_EQ(blocks_have_the_bits(ops::relu(), ops::relu().examples()[0], 1), true);
  EXPECT_EQ(blocks_have_the_bits(counting, counting.examples()[0], 1), false);
}

TEST(Rows, what_is_prepared_beforehand_changes_no_bit) {
  int n_prepared = 0;
  for (const OpDef* op : ops::catalog())
    for (const OpExample& example : op->examples()) {
      Arrays arrays(*op, example);
      if (!op->prepare ||
          op->prepared_bytes(example.inputs, arrays.type(), example.attributes) == 0)
        continue;
      ++n_prepared;
      Tensor plain = arrays.output(), prepared = arrays.output();
      arrays.run({}, 0, 0, false, nullptr, plain);
      const AlignedVector<std::byte> memory = arrays.prepared();
      arrays.run({}, 0, 0, false, memory.data(), prepared);
      EXPECT_EQ(prepared.data, plain.data) << op->name << " " << example.attributes.to_string();
    }
  EXPECT_GE(n_prepared, 15);
}

TEST(Rows, a_sum_that_forgets_the_parts_before_is_caught) {
  OpDef forgetful = ops::sum_leading();
  forgetful.forward = [](const OpCall& call) noexcept {
    OpCall alone = call;
    alone.accumulate = false;
    ops::sum_leading().forward(alone);
  };
  EXPECT_GT(error_of_parts(forgetful, forgetful.examples()[0]).value_or(0), 1e-3);
}

}  // namespace
}  // namespace grok
