#pragma once
// What a run file will weigh, before there is one: how SQLite lays out what a run records.

#include <cstdint>

#include "grok/probes/probe.h"

namespace grok {

/// The tables themselves, the spec, the manifest and the few events of a run.
inline constexpr std::int64_t stored_file_bytes = 40'000;

/// All rows that hold these measurements, with their part of the indices and of what pages leave
/// free. An estimate.
std::int64_t stored_bytes(const Measurements& found);

/// One long value, such as a keyframe: it takes whole pages.
std::int64_t stored_blob_bytes(std::int64_t n_bytes);

}  // namespace grok
