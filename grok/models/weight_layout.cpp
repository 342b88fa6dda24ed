#include "grok/models/weight_layout.h"

#include <algorithm>
#include <array>

#include "grok/base/error.h"
#include "grok/models/initializers.h"

namespace grok {
namespace {

// How progress-measures stores a weight: as TransformerLens does, with its last two axes swapped,
// or with heads and their axis merged behind d_model.
enum class Storage { same, swapped, merged };

Storage storage_of(std::string_view name, WeightLayout layout) {
  if (layout == WeightLayout::transformer_lens) return Storage::same;
  const std::string_view last = name.substr(name.rfind('.') + 1);
  if (last == "W_O") return layout == WeightLayout::per_head ? Storage::swapped : Storage::merged;
  for (const std::string_view swapped : {"W_E", "W_Q", "W_K", "W_V", "W_in", "W_out"})
    if (last == swapped) return Storage::swapped;
  return Storage::same;
}

bool is_buffer(std::string_view name) {
  const std::string_view last = name.substr(name.rfind('.') + 1);
  return last == "mask" || last == "IGNORE";
}

Tensor swap_last_axes(const Tensor& in) {
  static constexpr std::array<int, 2> two{1, 0};
  static constexpr std::array<int, 3> three{0, 2, 1};
  return in.shape.rank() == 2 ? permuted(in, two) : permuted(in, three);
}

Tensor from_stored(const Tensor& stored, const WeightInfo& info, WeightLayout layout) {
  switch (storage_of(info.name, layout)) {
    case Storage::same:
      return stored;
    case Storage::swapped:
      return swap_last_axes(stored);
    case Storage::merged: {
      Tensor out = swap_last_axes(stored);  // [head * d_head, d_model]
      out.shape = info.shape;
      return out;
    }
  }
  return stored;
}

// The originals call the blocks of a model of attention alone "attn_blocks".
Weights with_usual_names(const Weights& file) {
  constexpr std::string_view other = "attn_blocks.";
  Weights out;
  for (const auto& [name, tensor] : file)
    out.add(name.starts_with(other) ? name.substr(other.find("blocks")) : name, tensor);
  return out;
}

}  // namespace

std::optional<WeightLayout> weight_layout(std::string_view name) {
  if (name == "transformer-lens") return WeightLayout::transformer_lens;
  if (name == "progress-measures") return WeightLayout::progress_measures;
  if (name == "per-head") return WeightLayout::per_head;
  return std::nullopt;
}

Shape stored_shape(const WeightInfo& info, WeightLayout layout) {
  const Shape& s = info.shape;
  switch (storage_of(info.name, layout)) {
    case Storage::same:
      return s;
    case Storage::swapped:
      return s.with(-1, s[-2]).with(-2, s[-1]);
    case Storage::merged:
      return {s[2], s[0] * s[1]};
  }
  return s;
}

namespace {

WeightLayout fitting_layout(const Weights& file, std::span<const WeightInfo> expected) {
  for (const WeightLayout layout :
       {WeightLayout::transformer_lens, WeightLayout::progress_measures, WeightLayout::per_head}) {
    const auto fits = [&](const WeightInfo& info) {
      const Tensor* t = file.find(info.name);
      return t && t->shape == stored_shape(info, layout);
    };
    if (std::all_of(expected.begin(), expected.end(), fits)) return layout;
  }
  return WeightLayout::progress_measures;
}

}  // namespace

Weights to_transformer_lens(const Weights& given, std::span<const WeightInfo> expected,
                            std::optional<WeightLayout> layout, std::string_view source) {
  const Weights file = with_usual_names(given);
  if (!layout) layout = fitting_layout(file, expected);
  std::string mistakes;
  Weights out;
  for (const WeightInfo& info : expected) {
    const Tensor* stored = file.find(info.name);
    const Shape wanted = stored_shape(info, *layout);
    if (!stored)
      mistakes += "\n  " + info.name + ": missing";
    else if (stored->shape != wanted)
      mistakes += "\n  " + info.name + ": expected " + wanted.to_string() + ", found " +
                  stored->shape.to_string();
    else
      out.add(info.name, from_stored(*stored, info, *layout));
  }
  for (const auto& entry : file)
    if (!is_buffer(entry.name) &&
        std::none_of(expected.begin(), expected.end(),
                     [&](const auto& info) { return info.name == entry.name; }))
      mistakes += "\n  " + entry.name + ": the model has no such weight";
  if (!mistakes.empty())
    throw Error(ErrorCode::damaged,
                std::string(source) + " does not fit the spec's model:" + mistakes);
  return out;
}

Weights to_layout(const Weights& weights, WeightLayout layout) {
  Weights out;
  for (const auto& [name, tensor] : weights) {
    Tensor stored = tensor;
    const Storage storage = storage_of(name, layout);
    if (storage == Storage::merged)
      stored.shape = {tensor.shape[0] * tensor.shape[1], tensor.shape[2]};
    if (storage != Storage::same) stored = swap_last_axes(stored);
    out.add(name, std::move(stored));
  }
  return out;
}

}  // namespace grok
