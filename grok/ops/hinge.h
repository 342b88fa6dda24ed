#pragma once
// What hinge and its gradient share: the attributes "margin" and "all", 1 where each rival counts.

#include <algorithm>

#include "grok/kernels/margins.h"
#include "grok/ops/label_loss.h"

namespace grok::ops {

inline Hinge hinge_of(const Attributes& a) {
  return {a.real("margin"), a.integer_or("all", 0) == 1 ? Rivals::all : Rivals::nearest};
}

/// Calls f(rival, excess, weight) in plain loops for each rival that costs: a row's loss is the sum
/// of weight * excess.
template <class F>
void for_plain_rivals(std::span<const double> x, std::size_t label, const Hinge& hinge, F&& f) {
  const bool is_all = hinge.rivals == Rivals::all;
  std::size_t nearest = label;
  for (std::size_t j = 0; j < x.size(); ++j)
    if (j != label && (nearest == label || x[j] > x[nearest])) nearest = j;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double excess = hinge.margin - x[label] + x[j];
    if (j == label || excess <= 0 || (!is_all && j != nearest)) continue;
    f(j, excess, is_all ? 1 / static_cast<double>(x.size()) : 1);
  }
}

inline std::vector<OpExample> hinge_examples(bool is_gradient) {
  std::vector<OpExample> out = label_loss_examples(is_gradient, {{"margin", 0.5}});
  for (OpExample& e : label_loss_examples(is_gradient, {{"all", 1}})) {
    // Of the small ones, whose gradient is held against differences, each rival costs: with 112 of
    // them one would stand at its kink.
    e.attributes.set("margin", e.inputs[0].shape[0] < 100 ? 3.0 : 0.5);
    out.push_back(std::move(e));
  }
  return out;
}

}  // namespace grok::ops
