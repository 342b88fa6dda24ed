#pragma once
// What comes out of a run file was perhaps put there by somebody else: JSON of any depth, weights
// of another model, errors that do not say of which file they speak.

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/models/model.h"
#include "grok/store/run_file.h"

namespace grok {

/// The text as JSON; a discarded value if it is none, or nested deeper than any of ours: JSON is
/// copied, compared and printed by recursion.
template <class Json = nlohmann::json>
Json foreign_json(std::string_view text) {
  constexpr int most_levels = 64;
  int deepest = 0;
  const auto see = [&](int depth, auto, Json&) {
    deepest = std::max(deepest, depth);
    return depth < most_levels;
  };
  Json out = Json::parse(text, see, false);
  return deepest < most_levels ? out : Json(Json::value_t::discarded);
}

/// Runs `f`; an Error that comes out of it names the file.
template <class F>
decltype(auto) naming_file(const RunFile& file, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const Error& error) {
    const std::string path = file.path().string(), text = error.what();
    if (text.find(path) != std::string::npos) throw;
    throw Error(error.code(), path + ": " + text);
  }
}

/// throws   Error{damaged} unless the weights have just these names and shapes
void check_weights(const Weights& weights, std::span<const WeightInfo> expected);

}  // namespace grok
