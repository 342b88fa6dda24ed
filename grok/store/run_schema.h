#pragma once
// The run file's tables, and the check that a database has them.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "grok/store/sqlite.h"

namespace grok {

inline constexpr std::int64_t run_application_id = 0x47726F6B;  // "Grok"
inline constexpr std::int64_t run_format_version = 2;
/// From this version on, rows have a checksum, and those recorded afterwards are marked.
inline constexpr std::int64_t first_guarded_version = 2;

/// Files up to this size are walked page by page when opened: 64 MiB take some 30 ms.
inline constexpr std::uintmax_t max_checked_bytes = 64 << 20;

/// What guards the one row of each of these tables.
std::int64_t checksum_of_spec(std::string_view json, std::string_view digest);
std::int64_t checksum_of_manifest(std::string_view json);

/// Fills an empty database. The caller has begun a transaction.
void write_run_schema(const Database& database, std::string_view spec_json,
                      std::string_view spec_digest, std::string_view manifest_json);

/// What can be told without opening it: throws Error if nothing is there, or a directory, or an
/// empty file.
void check_run_path(const std::filesystem::path& path);

/// returns  the format's version
/// throws   Error: damaged (another kind of file, or damage); unsupported (a later version)
std::int64_t check_run_schema(const Database& database, bool reads_all_pages);

}  // namespace grok
