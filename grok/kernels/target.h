#pragma once
// Which instruction set the kernels run on. It is chosen once, at first use: the widest one that
// this machine has, or the one that the environment variable GROKSCOPE_TARGET names.

#include <span>
#include <string_view>

namespace grok {

/// "avx512", "avx2" or "portable" (128-bit vectors, no fused multiply-add). The first two give the
/// same bits; the last is for correctness only, since it rounds each product.
///
///   throws   Error(unsupported) if GROKSCOPE_TARGET names a target that does not exist or that
///            this machine lacks; a program calls this once at its start, before any kernel
std::string_view active_target();

/// Makes every later kernel call use this target; for tests and comparisons. Not while kernels run.
///
///   throws   Error(unsupported) as above
void force_target(std::string_view name);

/// The targets that this machine has, widest first.
std::span<const std::string_view> available_targets();

/// Chooses the target if that has not happened yet; every kernel calls it. A GROKSCOPE_TARGET that
/// cannot be served is left for `active_target` to report.
void settle_target() noexcept;

}  // namespace grok
