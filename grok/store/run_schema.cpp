#include "grok/store/run_schema.h"

#include <charconv>
#include <string>
#include <system_error>

#include <sqlite3.h>

#include "grok/store/atomic_file.h"
#include "grok/store/row_checksum.h"
#include "grok/store/schema_guard.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

// docs/run_file.md says what each column means; the two change together, and only by growing.
constexpr const char* schema = R"(
  CREATE TABLE spec(json TEXT NOT NULL, digest TEXT NOT NULL, checksum INTEGER NOT NULL);
  CREATE TABLE manifest(json TEXT NOT NULL, checksum INTEGER NOT NULL);
  CREATE TABLE metric(
    step INTEGER NOT NULL, name TEXT NOT NULL, value REAL,
    replayed INTEGER NOT NULL DEFAULT 0, checksum INTEGER NOT NULL,
    PRIMARY KEY (step, name)) WITHOUT ROWID;
  CREATE TABLE array_metric(
    step INTEGER NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL,
    replayed INTEGER NOT NULL DEFAULT 0, checksum INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (step, name));
  CREATE TABLE keyframe(
    step INTEGER PRIMARY KEY, digest TEXT NOT NULL, checksum INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE TABLE event(
    id INTEGER PRIMARY KEY, step INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL,
    checksum INTEGER NOT NULL);
)";

[[noreturn]] void fail(const Database& database, ErrorCode code, const std::string& text) {
  throw Error(code, database.path().string() + ": " + text);
}

// Returns the format's version.
std::int64_t check_kind(const Database& database) {
  // SQLite takes a file of one byte for a database that nothing has been written to yet.
  if (database.integer("PRAGMA page_count") == 0)
    fail(database, ErrorCode::damaged, "holds no page of a database");
  const std::int64_t id = database.integer("PRAGMA application_id");
  if (id != run_application_id) {
    fail(database, ErrorCode::damaged,
         "an SQLite database, but not a run file: its application id is " + std::to_string(id) +
             ", a run file's is " + std::to_string(run_application_id));
  }
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version > run_format_version) {
    fail(database, ErrorCode::unsupported,
         "has format version " + std::to_string(version) + "; this program reads up to " +
             std::to_string(run_format_version) + "; a later grokscope wrote it");
  }
  if (version < 1) {
    fail(database, ErrorCode::damaged,
         "has format version " + std::to_string(version) + "; versions begin with 1");
  }
  return version;
}

void check_tables(const Database& database, bool is_guarded) {
  const std::string guard = is_guarded ? ", checksum" : "";
  const std::string replayed = is_guarded ? ", replayed" : "";
  for (const std::string& sql :
       {"SELECT json, digest" + guard + " FROM spec", "SELECT json" + guard + " FROM manifest",
        "SELECT step, name, value" + replayed + guard + " FROM metric",
        "SELECT step, digest, data" + guard + " FROM keyframe",
        "SELECT step, name, dtype, shape, data" + replayed + guard + " FROM array_metric",
        "SELECT id, step, kind, detail" + guard + " FROM event"}) {
    static_cast<void>(database.prepare(sql));
  }
  for (const std::string table : {"spec", "manifest"}) {
    // Not all are counted: pages that lead in circles hold rows without end.
    const std::int64_t n =
        database.integer("SELECT count(*) FROM (SELECT 1 FROM " + table + " LIMIT 2)");
    if (n != 1) {
      fail(database, ErrorCode::damaged,
           "table " + table + " has " + (n == 0 ? "0" : "several") + " rows; a run file has one");
    }
  }
}

// SQLite writes whole pages: part of one at the end is a cut, unless a log still holds the rest.
void check_length(const Database& database, std::uintmax_t bytes) {
  std::error_code none;
  fs::path log = database.path();
  log += "-wal";
  if (fs::exists(log, none) && fs::file_size(log, none) > 0) return;
  const auto page = static_cast<std::uintmax_t>(database.integer("PRAGMA page_size"));
  if (bytes % page != 0) {
    fail(database, ErrorCode::damaged,
         "has " + std::to_string(bytes) + " bytes, which are no whole pages of " +
             std::to_string(page) + "; the file was cut short");
  }
}

// integrity_check finds fault with a page that the disk did not give, too: that says nothing of
// the page.
bool is_about_reading(const std::string& found) {
  if (found.find("failed to get page") != std::string::npos) return true;
  const std::string mark = "error code=";
  const std::size_t at = found.find(mark);
  if (at == std::string::npos) return false;
  int code = 0;
  std::from_chars(found.data() + at + mark.size(), found.data() + found.size(), code);
  return (code & 0xFF) != SQLITE_CORRUPT;
}

void check_pages(const Database& database) {
  std::error_code unknown;
  const std::uintmax_t bytes = fs::file_size(database.path(), unknown);
  if (unknown) return;
  check_length(database, bytes);
  if (bytes > max_checked_bytes) return;
  const std::string found = database.text("PRAGMA integrity_check(1)");
  if (is_about_reading(found))
    fail(database, ErrorCode::unavailable, "cannot be read: " + found + "; the disk is failing");
  if (found != "ok") {
    fail(database, ErrorCode::damaged,
         "fails SQLite's integrity_check: " + found +
             "; the file was cut short or overwritten, or copied while in use");
  }
}

}  // namespace

std::int64_t checksum_of_spec(std::string_view json, std::string_view digest) {
  return RowChecksum().add(json).add(digest).value();
}

std::int64_t checksum_of_manifest(std::string_view json) { return RowChecksum().add(json).value(); }

void write_run_schema(const Database& database, std::string_view spec_json,
                      std::string_view spec_digest, std::string_view manifest_json) {
  database.execute("PRAGMA application_id = " + std::to_string(run_application_id));
  database.execute("PRAGMA user_version = " + std::to_string(run_format_version));
  database.execute(schema);
  Statement spec = database.prepare("INSERT INTO spec(json, digest, checksum) VALUES (?, ?, ?)");
  spec.bind(1, spec_json).bind(2, spec_digest);
  spec.bind(3, checksum_of_spec(spec_json, spec_digest)).step();
  Statement manifest = database.prepare("INSERT INTO manifest(json, checksum) VALUES (?, ?)");
  manifest.bind(1, manifest_json).bind(2, checksum_of_manifest(manifest_json)).step();
}

void check_run_path(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw system_error(path, "cannot open", error.value());
  if (!fs::is_regular_file(status)) {
    throw Error(ErrorCode::unavailable,
                path.string() + ": is a " +
                    (fs::is_directory(status) ? "directory" : "device or pipe") +
                    "; expected a run file");
  }
  // SQLite takes an empty file for an empty database.
  if (fs::file_size(path, error) == 0) {
    throw Error(ErrorCode::damaged,
                path.string() + ": is empty (0 bytes); probably a copy that failed");
  }
}

std::int64_t check_run_schema(const Database& database, bool reads_all_pages) {
  const std::int64_t version = check_kind(database);
  check_holds_plain_tables(database);
  if (reads_all_pages) check_pages(database);
  check_tables(database, version >= first_guarded_version);
  return version;
}

}  // namespace grok
