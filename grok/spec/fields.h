#pragma once
// The short way to write the usual fields of a schema.

#include <string>
#include <utility>
#include <vector>

#include "grok/spec/schema.h"

namespace grok {

inline Field integer_field(const char* name, std::int64_t otherwise, Range range,
                           const char* meaning) {
  return {.name = name,
          .type = FieldType::integer,
          .default_value = Value{otherwise},
          .range = range,
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

/// A seed that follows the run's unless it is given.
inline Field seed_field(const char* name, const char* meaning) {
  return {.name = name,
          .type = FieldType::integer,
          .default_from = "seed",
          .range = at_least(0),
          .meaning = meaning};
}

}  // namespace grok
