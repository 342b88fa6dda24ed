#include "grok/base/catalog.h"

#include "grok/filters/filter.h"

namespace grok {
namespace filters {

std::span<const FilterDef* const> catalog() {
  static const FilterDef* const all[] = {
#define GROK_FILTER(name) &name(),
#include "grok/filters/catalog.def"
#undef GROK_FILTER
  };
  return all;
}

const FilterDef* find(std::string_view name) { return find_entry(catalog(), name); }

const PartCatalog& parts() { return parts_of<catalog>(); }

void check_order(const Texts& names, Mistakes& mistakes) {
  for (std::size_t i = 1; i < names.size(); ++i)
    if (find(names[i])->evaluates)
      mistakes.add("filters", names[i] + " takes a gradient anew, at other weights, so that what " +
                                  names[0] + " did is lost; it must stand first");
}

}  // namespace filters

std::int64_t n_weights(const Weights& weights) {
  std::int64_t out = 0;
  for (const auto& [name, tensor] : weights) out += tensor.shape.n_elements();
  return out;
}

}  // namespace grok
