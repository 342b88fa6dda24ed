#pragma once
// Which weights a setting is for: those that a list of names allows, with * for any letters.

#include <string>
#include <string_view>

#include "grok/base/tensor.h"
#include "grok/spec/schema.h"

namespace grok {

/// Whether `name` is `pattern`, in which each * stands for any letters, or none.
bool matches(std::string_view pattern, std::string_view name);

/// A list of names and patterns under `key`; `meaning` says what an empty one stands for.
Field weights_field(const char* key, const char* meaning);

/// Whether one of the patterns under `key` matches. Allocates nothing.
bool is_chosen(const Params& params, std::string_view key, std::string_view weight);

/// True if there is nothing under `key`.
bool is_nothing_chosen(const Params& params, std::string_view key);

///   throws  Error{usage} if a pattern under `key` matches no weight, with the nearest name
void check_choice(const Params& params, std::string_view key, const Weights& weights);

}  // namespace grok
