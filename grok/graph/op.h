#pragma once
// What an operation is: its shape rule, its kernel, its plain reference, its gradient, and how it
// commutes with taking rows. One `OpDef` per file of grok/ops; see ops/catalog.def.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/base/shape.h"
#include "grok/base/tensor.h"
#include "grok/base/threads.h"
#include "grok/graph/attributes.h"

namespace grok {

class Graph;
struct Node;
using NodeId = std::int32_t;
inline constexpr NodeId no_node = -1;

/// float32 weights and activations, float64 losses, int32 tokens and labels.
enum class DType : std::uint8_t { f32, f64, i32 };
std::int64_t size_in_bytes(DType dtype);
std::string_view name_of(DType dtype);

struct TensorType {
  Shape shape;
  DType dtype = DType::f32;
  std::int64_t bytes() const { return shape.n_elements() * size_in_bytes(dtype); }
  std::string to_string() const;
  friend bool operator==(const TensorType&, const TensorType&) = default;
};

/// A typed view of memory that somebody else owns.
template <class Void>
struct BufferOf {
  Void* data = nullptr;
  Shape shape;
  DType dtype = DType::f32;
};
using ConstBuffer = BufferOf<const void>;
using Buffer = BufferOf<void>;

/// One execution of one node. Inputs never alias the output.
struct OpCall {
  const Attributes& attributes;
  std::span<const ConstBuffer> inputs;
  Buffer output;
  std::span<std::byte> scratch;  // at least OpDef::scratch_bytes, aligned to a cache line
  ThreadPool& pool;
  /// What `prepare` has written, where the op has one and the planner called it; else null.
  const std::byte* prepared = nullptr;
  /// Adds to the output instead of setting it: only of ops that have `summed_axes`.
  bool accumulate = false;

  const Shape& shape(std::size_t i) const { return inputs[i].shape; }
  ConstFloats floats(std::size_t i) const;
  Tokens tokens(std::size_t i) const;
  Doubles doubles(std::size_t i) const;
  double scalar(std::size_t i) const;
  Floats out() const;
  std::span<double> out_doubles() const;
  double& out_scalar() const;
};

/// The same in double, for the plain loops: every float input and output is double.
struct ReferenceCall {
  const Attributes& attributes;
  std::vector<const DoubleTensor*> reals;  // null where the input holds tokens
  std::vector<const TokenTensor*> tokens;  // null where the input holds reals
  DoubleTensor& output;
};

/// Inputs on which the law tests run an op (tests/laws): shapes as awkward as they come.
struct OpExample {
  std::vector<TensorType> inputs;
  Attributes attributes;
  std::int64_t token_limit = 0;  // tokens of int32 inputs are drawn from [0, token_limit)
};

struct OpDef {
  std::string_view name;
  std::string_view meaning;  // one line, for `explain` and the docs
  int min_inputs = 1;
  int max_inputs = 1;

  /// The type of the output. Throws ContractBroken, with the shapes, where they do not fit.
  TensorType (*infer)(std::span<const TensorType> inputs, const Attributes& attributes) = nullptr;
  /// Writes all of the output. Null for what the planner makes an alias (reshape).
  void (*forward)(const OpCall& call) noexcept = nullptr;
  /// The plain loops in double that the kernel is tested against.
  void (*reference)(const ReferenceCall& call) = nullptr;
  /// Adds the gradient of each input to the graph; no_node where there is none. Null: not
  /// differentiable.
  std::vector<NodeId> (*vjp)(Graph& graph, NodeId node, NodeId gradient) = nullptr;
  /// For output axis `axis`: the axis of each input of which it is an element-wise image, or -1
  /// where the input is used whole whatever the position; nothing where the op mixes positions of
  /// that axis, so that rows cannot be taken before it.
  std::optional<std::vector<int>> (*source_axes)(std::span<const TensorType> inputs,
                                                 const TensorType& output,
                                                 const Attributes& attributes, int axis) = nullptr;
  /// For an output that is a sum over rows: the axis of each input that is summed over, or -1 where
  /// the input is used whole; nothing where it is no such sum. Then the sum over parts of the rows
  /// is the sum of what the op gives on the parts, and `forward` heeds OpCall::accumulate.
  std::optional<std::vector<int>> (*summed_axes)(std::span<const TensorType> inputs,
                                                 const TensorType& output,
                                                 const Attributes& attributes) = nullptr;
  /// Work on input 1 that need not be done again and again: before an op runs block by block, where
  /// `source_axes` uses that input whole along axis 0; or once and for all, where it is a constant.
  /// A function of input 1, of the attribute `transpose_b` and, within one op, of the type of input
  /// 0: nodes that agree in these and in `prepare` share what is prepared. `prepared_bytes` is 0
  /// where there is none; a node that is prepared is lent no scratch memory.
  std::int64_t (*prepared_bytes)(std::span<const TensorType> inputs, const TensorType& output,
                                 const Attributes& attributes) = nullptr;
  void (*prepare)(const OpCall& call, std::byte* prepared) noexcept = nullptr;
  /// True where attributes number axes, so that leading axes cannot be merged under the op.
  bool numbers_axes = false;
  /// Attributes for the same op with an output of another shape; null where they do not depend on
  /// it.
  Attributes (*resized)(const Attributes& attributes, const Shape& output) = nullptr;
  /// Memory that the kernel needs beside its output, when run by `n_threads`.
  std::int64_t (*scratch_bytes)(std::span<const TensorType> inputs, const TensorType& output,
                                const Attributes& attributes, int n_threads) = nullptr;
  /// Floating-point operations; a multiply-add counts as two.
  double (*flops)(std::span<const TensorType> inputs, const TensorType& output,
                  const Attributes& attributes) = nullptr;
  std::vector<OpExample> (*examples)() = nullptr;
};

}  // namespace grok
