#pragma once
// Mutation of run files by SQL: one value, row, table or pragma is changed, the file stays sound.

#include <cstddef>
#include <cstdint>

namespace grok::fuzz {

/// Changes the database in `data`, which has room for `max_size` bytes; equal arguments give equal
/// changes. In three cases of four digests and checksums are then made to fit.
///   returns  the new size; 0 if this is no sound database, or would not fit
std::size_t change_rows(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed);

}  // namespace grok::fuzz
