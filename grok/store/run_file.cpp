#include "grok/store/run_file.h"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "grok/store/atomic_file.h"
#include "grok/store/run_rows.h"
#include "grok/store/run_schema.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& path, const char* ending) { return path.string() + ending; }

void refuse_existing(const fs::path& path) {
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error))) {
    throw Error(ErrorCode::usage,
                path.string() + ": exists already; choose another name, or resume that run");
  }
}

// A log left behind by a deleted run of this name would be replayed into the new one.
void remove_leftovers(const fs::path& path) {
  for (const char* ending : {"-wal", "-shm", "-journal", "-new", "-new-journal"}) {
    std::error_code error;
    fs::remove(beside(path, ending), error);
    if (error) {
      throw system_error(beside(path, ending), "cannot delete what an earlier run left here",
                         error.value());
    }
  }
}

void refuse_old_version(const fs::path& path, std::int64_t version) {
  if (version == run_format_version) return;
  throw Error(ErrorCode::unsupported,
              path.string() + ": has format version " + std::to_string(version) +
                  ", which this program reads but no longer writes; it writes version " +
                  std::to_string(run_format_version) + ". Train the run anew under another name");
}

// If the last sync of the log failed, the system may hold in memory what is not on the disk, and
// think that it is. Nothing may build on that before it is written once more.
void settle_log(const fs::path& path) {
  std::error_code none;
  const fs::path log = beside(path, "-wal");
  if (fs::exists(log, none)) write_again(log);
}

void prepare_for_writing(const Database& database) {
  const std::string mode = database.text("PRAGMA journal_mode = WAL");
  if (mode != "wal") {
    throw Error(ErrorCode::unavailable,
                database.path().string() + ": this file system cannot keep a write-ahead log");
  }
  // FULL: each commit waits for the disk. The log shrinks again after a reader has held it up.
  database.execute("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216");
}

}  // namespace

RunFile RunFile::create(const fs::path& path, std::string_view spec_json,
                        std::string_view spec_digest, std::string_view manifest_json,
                        const Moment* first) {
  refuse_existing(path);
  std::optional<WriterLock> lock(path);
  refuse_existing(path);  // again: another may have finished while we waited for nothing
  remove_leftovers(path);
  const fs::path draft = beside(path, "-new");
  {
    Database database(draft, Database::Mode::create);
    Transaction transaction(database);
    write_run_schema(database, spec_json, spec_digest, manifest_json);
    if (first) insert_moment(database, *first);
    transaction.commit();
    database.close();
  }
  if (std::rename(draft.c_str(), path.c_str()) != 0) {
    throw system_error(path, "cannot put the new file in place", errno);
  }
  sync_directory_of(path);
  Database database(path, Database::Mode::read_write);
  return RunFile(std::move(lock), std::move(database), run_format_version);
}

RunFile RunFile::open(const fs::path& path, Access access) {
  check_run_path(path);
  std::optional<WriterLock> lock;
  if (access == Access::read_write) {
    lock.emplace(path);
    settle_log(path);
  }
  Database database(
      path, access == Access::read_write ? Database::Mode::read_write : Database::Mode::read);
  const std::int64_t version = check_run_schema(database, access != Access::reread);
  if (access == Access::read_write) refuse_old_version(path, version);
  return RunFile(std::move(lock), std::move(database), version);
}

RunFile::~RunFile() {
  try {
    close();
  } catch (const std::exception&) {
    // All that was acknowledged is in the file or its log; the next writer tidies up.
  }
}

void RunFile::close() {
  if (!database_.is_open()) return;
  if (lock_ && !database_.has_lost_a_sync()) {
    database_.set_patience(1000);
    database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    try {
      database_.set_patience(0);
      database_.execute("PRAGMA journal_mode = DELETE");
    } catch (const Error&) {
      if (database_.has_lost_a_sync()) throw;
      // A reader has the file open, so it stays in WAL mode: just as whole, only less portable.
    }
  }
  database_.close();
  lock_.reset();
}

void RunFile::commit(const Moment& moment) { commit(std::span(&moment, 1)); }

void RunFile::commit(std::span<const Moment> moments) {
  GROK_REQUIRE(lock_.has_value(), path().string() + " is not open for writing");
  // Not before: a file that turns out to be of no use stays as it is.
  if (!is_prepared_) prepare_for_writing(database_);
  is_prepared_ = true;
  Transaction transaction(database_);
  for (const Moment& moment : moments) insert_moment(database_, moment);
  transaction.commit();
}

}  // namespace grok
