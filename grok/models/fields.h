#pragma once
// Fields that the schemas of several models have.

#include "grok/models/initializers.h"
#include "grok/spec/fields.h"

namespace grok {

/// A width or a number of parts.
inline Field size_field(const char* name, std::int64_t otherwise, const char* meaning) {
  return integer_field(name, otherwise, from_to(1, 65536), meaning);
}

inline Field init_seed_field() {
  return seed_field("init_seed", "Seed of the first weights, and of dropout where there is any.");
}

inline Field init_rng_field() {
  return word_field("init_rng", "philox", {"philox", "torch"},
                    "Random stream of the first weights: our own, or PyTorch's.");
}

/// The stream that init_rng and init_seed name.
inline Initializer initializer_of(const Params& params) {
  return {params.text("init_rng"), static_cast<std::uint64_t>(params.integer("init_seed"))};
}

}  // namespace grok
