#pragma once
// What a network has inside at one step, as arrays for the pictures of the page. docs/scope.md
// lists them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/serve/arrays.h"
#include "grok/serve/request.h"
#include "grok/serve/states.h"

namespace grok::serve {

/// One picture, and for which tasks and models it has a meaning.
struct CircuitPart {
  std::string_view name;
  bool (*applies)(const TaskData& task, const Params& model);
  /// Reads its parameters from the request.
  ///   throws   Error{usage} if one is missing or out of range
  Arrays (*arrays)(const State& state, const Request& request);
};

std::span<const CircuitPart> circuit_parts();
/// The names of those that apply.
std::vector<std::string> parts_of(const State& state);

/// throws   Error: not_found if there is no such part; unsupported if it has no meaning here
Arrays circuit_arrays(const State& state, std::string_view part, const Request& request);

}  // namespace grok::serve
