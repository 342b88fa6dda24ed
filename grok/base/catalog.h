#pragma once
// Looking things up by name: what all catalogues do alike.

#include <span>
#include <string>
#include <string_view>

#include "grok/base/error.h"

namespace grok {

/// The entry of that name, or null.
template <class Def>
const Def* find_entry(std::span<const Def* const> catalog, std::string_view name) {
  for (const Def* def : catalog)
    if (def->name == name) return def;
  return nullptr;
}

/// The entry of that name, which a checked spec guarantees.
///   kind    "task", "model": for the message
///   throws  ContractBroken if there is none
template <class Def>
const Def& entry_of(std::span<const Def* const> catalog, std::string_view kind,
                    std::string_view name) {
  const Def* def = find_entry(catalog, name);
  GROK_REQUIRE(def != nullptr, "no " + std::string(kind) + " named " + std::string(name));
  return *def;
}

}  // namespace grok
