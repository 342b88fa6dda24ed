#include "grok/store/row_checksum.h"

#include <cmath>
#include <limits>
#include <zlib.h>

namespace grok {

RowChecksum& RowChecksum::add_bytes(const void* bytes, std::size_t n) {
  // A null pointer would mean "start afresh" to zlib.
  if (n > 0)
    crc_ = static_cast<std::uint32_t>(::crc32_z(crc_, static_cast<const Bytef*>(bytes), n));
  return *this;
}

RowChecksum& RowChecksum::add(std::int64_t value) { return add_bytes(&value, sizeof value); }

RowChecksum& RowChecksum::add(double value) {
  const double stored = std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value + 0.0;
  return add_bytes(&stored, sizeof stored);
}

RowChecksum& RowChecksum::add(std::string_view text) { return add(std::as_bytes(std::span(text))); }

// The length comes first, or "ab" and "c" would count as "a" and "bc".
RowChecksum& RowChecksum::add(std::span<const std::byte> blob) {
  return add(static_cast<std::int64_t>(blob.size())).add_bytes(blob.data(), blob.size());
}

}  // namespace grok
