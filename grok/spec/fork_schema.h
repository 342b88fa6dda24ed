#pragma once
// What the spec of a forked run says of its origin, so that it decides all that the run does: with
// it a fork, too, is its spec.

#include "grok/spec/schema.h"

namespace grok {

/// parent, step, edits, frozen. A run that was not forked has none of them.
const Schema& fork_schema();

}  // namespace grok
