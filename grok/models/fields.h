#pragma once
// Fields that the schemas of several models have, and the short way to write one.

#include <string>
#include <utility>
#include <vector>

#include "grok/models/initializers.h"
#include "grok/spec/schema.h"

namespace grok {

inline Field size_field(const char* name, std::int64_t otherwise, const char* meaning) {
  return {.name = name,
          .type = FieldType::integer,
          .default_value = Value{otherwise},
          .range = from_to(1, 65536),
          .meaning = meaning};
}

inline Field word_field(const char* name, const char* otherwise, std::vector<std::string> allowed,
                        const char* meaning) {
  return {.name = name,
          .type = FieldType::text,
          .default_value = Value{std::string(otherwise)},
          .words = std::move(allowed),
          .meaning = meaning};
}

inline Field flag_field(const char* name, bool otherwise, const char* meaning) {
  return {
      .name = name, .type = FieldType::flag, .default_value = Value{otherwise}, .meaning = meaning};
}

inline Field real_field(const char* name, double otherwise, Range range, const char* meaning) {
  return {.name = name,
          .type = FieldType::real,
          .default_value = Value{otherwise},
          .range = range,
          .meaning = meaning};
}

inline Field init_seed_field() {
  return {.name = "init_seed",
          .type = FieldType::integer,
          .default_from = "seed",
          .range = at_least(0),
          .meaning = "Seed of the first weights, and of dropout where there is any."};
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
