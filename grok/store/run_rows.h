#pragma once
// Moments as rows of the run file, and what each row's checksum is made of.

#include <cstdint>
#include <span>
#include <string_view>

#include "grok/store/moment.h"
#include "grok/store/sqlite.h"

namespace grok {

/// Writes all that belongs to a moment. The caller has begun a transaction.
///
///   throws   ContractBroken on a negative step, a name that is empty, or a metric, array or
///            keyframe that is recorded already
void insert_moment(const Database& database, const Moment& moment);

/// The checksums by which rows are guarded: over all other columns, in the order of
/// docs/run_file.md.
std::int64_t checksum_of(const MetricRow& row);
std::int64_t checksum_of_array(std::int64_t step, std::string_view name, std::string_view dtype,
                               std::string_view shape, bool is_replayed,
                               std::span<const std::byte> data);
/// The keyframe's data has its digest, which is guarded here with its step.
std::int64_t checksum_of_keyframe(std::int64_t step, std::string_view digest);
std::int64_t checksum_of_event(std::int64_t id, const Event& event);

}  // namespace grok
