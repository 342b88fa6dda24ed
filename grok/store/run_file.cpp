#include "grok/store/run_file.h"

#include <cerrno>
#include <cstdio>
#include <span>
#include <system_error>
#include <utility>

#include "grok/base/digest.h"
#include "grok/store/run_schema.h"
#include "grok/store/safetensors.h"

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

void prepare_for_writing(const Database& database) {
  const std::string mode = database.text("PRAGMA journal_mode = WAL");
  if (mode != "wal") {
    throw Error(ErrorCode::unavailable,
                database.path().string() + ": this file system cannot keep a write-ahead log");
  }
  // FULL: each commit waits for the disk. The log shrinks again after a reader has held it up.
  database.execute("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216");
}

// Runs an insertion that fails only if its key is taken.
void insert(Statement& statement, const std::string& what, std::int64_t step) {
  try {
    statement.step();
  } catch (const ContractBroken&) {
    throw ContractBroken(what + " at step " + std::to_string(step) + " is recorded already");
  }
  statement.reset();
}

}  // namespace

RunFile RunFile::create(const fs::path& path, std::string_view spec_json,
                        std::string_view spec_digest, std::string_view manifest_json) {
  refuse_existing(path);
  std::optional<WriterLock> lock(path);
  refuse_existing(path);  // again: another may have finished while we waited for nothing
  remove_leftovers(path);
  const fs::path draft = beside(path, "-new");
  {
    Database database(draft, Database::Mode::create);
    write_run_schema(database, spec_json, spec_digest, manifest_json);
    database.close();
  }
  if (std::rename(draft.c_str(), path.c_str()) != 0) {
    throw system_error(path, "cannot put the new file in place", errno);
  }
  sync_directory_of(path);
  Database database(path, Database::Mode::read_write);
  prepare_for_writing(database);
  return RunFile(std::move(lock), std::move(database));
}

RunFile RunFile::open(const fs::path& path, Access access) {
  check_run_path(path);
  std::optional<WriterLock> lock;
  if (access == Access::read_write) lock.emplace(path);
  Database database(path,
                    access == Access::read ? Database::Mode::read : Database::Mode::read_write);
  check_run_schema(database);
  if (access == Access::read_write) prepare_for_writing(database);
  return RunFile(std::move(lock), std::move(database));
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
  if (lock_) {
    database_.set_patience(1000);
    database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    try {
      database_.set_patience(0);
      database_.execute("PRAGMA journal_mode = DELETE");
    } catch (const Error&) {
      // A reader has the file open, so it stays in WAL mode: just as whole, only less portable.
    }
  }
  database_.close();
  lock_.reset();
}

void RunFile::commit(const Moment& moment) {
  GROK_REQUIRE(lock_.has_value(), path().string() + " is not open for writing");
  GROK_REQUIRE(moment.step >= 0, "step " + std::to_string(moment.step));
  Transaction transaction(database_);
  insert_metrics(moment);
  insert_arrays(moment);
  insert_keyframe(moment);
  insert_events(moment);
  transaction.commit();
}

void RunFile::insert_metrics(const Moment& moment) {
  if (moment.metrics.empty()) return;
  Statement statement = database_.prepare("INSERT INTO metric(step, name, value) VALUES (?, ?, ?)");
  for (const auto& [name, value] : moment.metrics) {
    GROK_REQUIRE(!name.empty(), "a metric without a name");
    statement.bind(1, moment.step).bind(2, std::string_view(name)).bind(3, value);
    insert(statement, "metric " + name, moment.step);
  }
}

void RunFile::insert_arrays(const Moment& moment) {
  if (moment.arrays.empty()) return;
  Statement statement = database_.prepare(
      "INSERT INTO array_metric(step, name, dtype, shape, data) VALUES (?, ?, ?, ?, ?)");
  for (const ArrayMetric& array : moment.arrays) {
    GROK_REQUIRE(!array.name.empty(), "an array metric without a name");
    const bool is_f32 = array.precision == ArrayPrecision::f32;
    std::vector<float> rounded;
    if (is_f32) {
      for (const double value : array.values.data) rounded.push_back(static_cast<float>(value));
    }
    const auto bytes =
        is_f32 ? std::as_bytes(std::span(rounded)) : std::as_bytes(array.values.span());
    statement.bind(1, moment.step).bind(2, std::string_view(array.name));
    statement.bind(3, std::string_view(is_f32 ? "F32" : "F64"));
    statement.bind(4, std::string_view(array.values.shape.to_string())).bind(5, bytes);
    insert(statement, "array metric " + array.name, moment.step);
  }
}

void RunFile::insert_keyframe(const Moment& moment) {
  if (!moment.keyframe) return;
  const std::vector<std::byte> bytes = encode_safetensors(*moment.keyframe);
  const std::string digest = sha256_hex(bytes);
  Statement statement =
      database_.prepare("INSERT INTO keyframe(step, digest, data) VALUES (?, ?, ?)");
  statement.bind(1, moment.step).bind(2, std::string_view(digest));
  statement.bind(3, std::span<const std::byte>(bytes));
  insert(statement, "keyframe", moment.step);
}

void RunFile::insert_events(const Moment& moment) {
  if (moment.events.empty()) return;
  Statement statement = database_.prepare("INSERT INTO event(step, kind, detail) VALUES (?, ?, ?)");
  for (const Event& event : moment.events) {
    GROK_REQUIRE(event.step >= 0 && !event.kind.empty(), "an event without a step or a kind");
    statement.bind(1, event.step).bind(2, std::string_view(event.kind));
    statement.bind(3, std::string_view(event.detail)).step();
    statement.reset();
  }
}

void RunFile::truncate_after(std::int64_t step) {
  GROK_REQUIRE(lock_.has_value(), path().string() + " is not open for writing");
  Transaction transaction(database_);
  for (const std::string table : {"metric", "array_metric", "keyframe", "event"}) {
    database_.prepare("DELETE FROM " + table + " WHERE step > ?").bind(1, step).step();
  }
  transaction.commit();
}

}  // namespace grok
