#include "grok/store/run_schema.h"

#include <string>
#include <system_error>

#include "grok/store/atomic_file.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

// docs/run_file.md says what each column means; the two change together, and only by growing.
constexpr const char* schema = R"(
  CREATE TABLE spec(json TEXT NOT NULL, digest TEXT NOT NULL);
  CREATE TABLE manifest(json TEXT NOT NULL);
  CREATE TABLE metric(
    step INTEGER NOT NULL, name TEXT NOT NULL, value REAL,
    PRIMARY KEY (step, name)) WITHOUT ROWID;
  CREATE TABLE array_metric(
    step INTEGER NOT NULL, name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL,
    data BLOB NOT NULL, UNIQUE (step, name));
  CREATE TABLE keyframe(step INTEGER PRIMARY KEY, digest TEXT NOT NULL, data BLOB NOT NULL);
  CREATE TABLE event(
    id INTEGER PRIMARY KEY, step INTEGER NOT NULL, kind TEXT NOT NULL, detail TEXT NOT NULL);
)";

[[noreturn]] void fail(const Database& database, ErrorCode code, const std::string& text) {
  throw Error(code, database.path().string() + ": " + text);
}

void check_kind(const Database& database) {
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
}

void check_tables(const Database& database) {
  for (const char* sql :
       {"SELECT json, digest FROM spec", "SELECT json FROM manifest",
        "SELECT step, name, value FROM metric", "SELECT step, digest, data FROM keyframe",
        "SELECT step, name, dtype, shape, data FROM array_metric",
        "SELECT id, step, kind, detail FROM event"}) {
    static_cast<void>(database.prepare(sql));
  }
  for (const std::string table : {"spec", "manifest"}) {
    const std::int64_t n = database.integer("SELECT count(*) FROM " + table);
    if (n != 1) {
      fail(database, ErrorCode::damaged,
           "table " + table + " has " + std::to_string(n) + " rows; a run file has one");
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

void check_pages(const Database& database) {
  std::error_code unknown;
  const std::uintmax_t bytes = fs::file_size(database.path(), unknown);
  if (unknown) return;
  check_length(database, bytes);
  if (bytes > max_checked_bytes) return;
  const std::string found = database.text("PRAGMA quick_check(1)");
  if (found != "ok") {
    fail(database, ErrorCode::damaged,
         "fails SQLite's quick_check: " + found +
             "; the file was cut short or overwritten, or copied while in use");
  }
}

}  // namespace

void write_run_schema(const Database& database, std::string_view spec_json,
                      std::string_view spec_digest, std::string_view manifest_json) {
  Transaction transaction(database);
  database.execute("PRAGMA application_id = " + std::to_string(run_application_id));
  database.execute("PRAGMA user_version = " + std::to_string(run_format_version));
  database.execute(schema);
  database.prepare("INSERT INTO spec VALUES (?, ?)").bind(1, spec_json).bind(2, spec_digest).step();
  database.prepare("INSERT INTO manifest VALUES (?)").bind(1, manifest_json).step();
  transaction.commit();
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

void check_run_schema(const Database& database) {
  check_kind(database);
  check_tables(database);
  check_pages(database);
}

}  // namespace grok
