#pragma once
// Whether this program makes the bits that a run file holds, and if not, where they first differ
// and what may be the reason.

#include <cstdint>
#include <string>

#include "grok/store/run_file.h"

namespace grok {

/// A step of another plan version gives other bits.
///   throws   Error{unsupported} that names both versions
void require_same_plan(const RunFile& file);

/// Holds a state against the file's keyframe of that step.
///   returns  false if the file has no keyframe there
///   throws   Error{damaged} that names the first tensor and number that differ
bool is_recorded_keyframe(const RunFile& file, std::int64_t step, const NamedTensors& state);

/// True if shapes and bits are equal: unlike ==, which takes -0 for 0 and no NaN for itself.
bool have_same_bits(const Tensor& a, const Tensor& b);

/// What this program's manifest says otherwise than the file's, as a likely cause: "made with g++
/// 12.2.0, this is clang 14.0.6"; of plan, compiler, flags, instruction set and machine.
std::string why_bits_differ(const RunFile& file);

}  // namespace grok
