#pragma once
// A fork's origin: as the section of its spec that makes it the run it is, and as an event with
// what is good to know besides.

#include <string>

#include "grok/lab/fork.h"

namespace grok {

/// For RunSpec::fork.
Params origin_spec(const Origin& origin);

/// The event "fork".
///   parent_spec   the parent's canonical spec: with it the fork can be made again from nothing
Event make_event(const Origin& origin, const std::string& parent_spec);

}  // namespace grok
