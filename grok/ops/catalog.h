#pragma once
// Every operation by name: `ops::matmul()` in code, `catalog()` for the tests that run over all of
// them. To add one, copy scale.cpp and put its name into catalog.def.

#include <span>
#include <string_view>

#include "grok/graph/op.h"

namespace grok::ops {

#define GROK_OP(name) const OpDef& name();
#include "grok/ops/catalog.def"
#undef GROK_OP

/// All operations, in the order of catalog.def.
std::span<const OpDef* const> catalog();

}  // namespace grok::ops
