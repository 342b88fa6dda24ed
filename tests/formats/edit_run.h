#pragma once
// Changes to a run file behind the program's back, as a hostile or clumsy hand would make them.

#include <filesystem>
#include <string>
#include <string_view>

struct sqlite3;

namespace grok::formats {

/// Runs SQL on the file, with all of SQLite's guards down: PRAGMA writable_schema works, checks and
/// triggers too. Beside SQLite's own functions there is sha256(x), in lower-case hexadecimal, and
/// row_checksum(column, ...).
///   throws   std::runtime_error with SQLite's message: a mistake in the test
void edit_run(const std::filesystem::path& path, const std::string& sql);

/// The same, then makes every digest and checksum fit what now stands in the rows, as one who
/// knows the format would.
void forge_run(const std::filesystem::path& path, const std::string& sql);

/// Of an open connection: adds the functions of `edit_run`.
void add_functions(sqlite3* database);
/// The SQL by which `forge_run` makes the checksums fit: in one table, or in all if `table` is
/// empty.
std::string sealing_sql(std::string_view table = {});

}  // namespace grok::formats
