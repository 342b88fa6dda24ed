#pragma once
// What guards a row of the run file against flipped bits: CRC-32 over all its other columns.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace grok {

/// A checksum built up column by column, in the table's order. docs/run_file.md says how the
/// columns are spelled as bytes, so that other programs can check them too.
class RowChecksum {
 public:
  RowChecksum& add(std::int64_t value);
  /// Every NaN counts as the same one, and -0.0 as 0.0: SQLite does not tell them apart.
  RowChecksum& add(double value);
  RowChecksum& add(std::string_view text);
  RowChecksum& add(std::span<const std::byte> blob);

  std::int64_t value() const { return static_cast<std::int64_t>(crc_); }

 private:
  RowChecksum& add_bytes(const void* bytes, std::size_t n);

  std::uint32_t crc_ = 0;
};

}  // namespace grok
