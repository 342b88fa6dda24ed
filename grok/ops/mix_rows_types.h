#pragma once
// What mix_rows and its two gradients share: the sizes of a call, from the types of its arrays.

#include <string>

#include "grok/kernels/mix_rows.h"
#include "grok/ops/rules.h"

namespace grok::ops {

/// Of p [batch, heads, queries, keys], table [rows, heads, width], index [batch, keys] and
/// x [batch, queries, width]: the table's shape and p's say all.
inline MixRowsShape mix_rows_shape(const Shape& p, const Shape& table) {
  return {.batch = p[0],
          .n_heads = p[1],
          .n_queries = p[2],
          .n_keys = p[3],
          .n_rows = table[0],
          .width = table[2]};
}

/// What the table, input 1 of a call, says of the sizes: enough to pack it.
inline MixRowsShape table_shape(const Shape& table) {
  return {.n_heads = table[1], .n_rows = table[0], .width = table[2]};
}

inline std::int64_t packed_table_bytes(Types in, const TensorType&, const Attributes&) {
  return mix_table_bytes(table_shape(in[1].shape));
}

inline void pack_table(const OpCall& call, std::byte* packed) noexcept {
  const MixRowsShape shape = table_shape(call.shape(1));
  mix_table_pack(shape, call.floats(1), {packed, static_cast<std::size_t>(mix_table_bytes(shape))},
                 call.pool);
}

inline std::int64_t table_scratch_bytes(Types in, const TensorType& out, const Attributes& a, int) {
  return packed_table_bytes(in, out, a);
}

/// The packed table of a call: as `prepare` has left it, or packed now, in the scratch memory.
inline std::span<const std::byte> packed_table(const OpCall& call) {
  const auto bytes = static_cast<std::size_t>(mix_table_bytes(table_shape(call.shape(1))));
  if (call.prepared) return {call.prepared, bytes};
  pack_table(call, call.scratch.data());
  return call.scratch.first(bytes);
}

/// "mix_rows given f32[...] and ...": the start of a complaint.
inline std::string given(std::string_view op, Types in) {
  std::string what = std::string(op) + " given";
  for (const TensorType& t : in) what += " " + t.to_string();
  return what;
}

inline bool is_index(const TensorType& index, std::int64_t batch, std::int64_t n_keys) {
  return index == TensorType{Shape{batch, n_keys}, DType::i32};
}

/// Multiply-adds as two operations each: every weight of p scales a row.
inline double mix_rows_flops(const Shape& p, std::int64_t width) {
  return 2.0 * static_cast<double>(p.n_elements()) * static_cast<double>(width);
}

}  // namespace grok::ops
