#include "grok/store/sqlite.h"

#include <limits>
#include <system_error>
#include <utility>

#include <sqlite3.h>

namespace grok {
namespace {

ErrorCode error_code(int sqlite_code) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
    case SQLITE_FORMAT:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
      return ErrorCode::damaged;  // a table or column is missing
    case SQLITE_INTERRUPT:
      return ErrorCode::damaged;  // see WorkLimit
    case SQLITE_TOOBIG:
      return ErrorCode::unsupported;
    default:
      return ErrorCode::unavailable;
  }
}

bool is_lost_sync(int sqlite_code) {
  return sqlite_code == SQLITE_IOERR_FSYNC || sqlite_code == SQLITE_IOERR_DIR_FSYNC;
}

std::string likely_cause(int sqlite_code) {
  if (is_lost_sync(sqlite_code))
    return "; the disk did not confirm a write, so it is full or failing: what was acknowledged "
           "before is kept";
  switch (sqlite_code & 0xFF) {
    case SQLITE_NOTADB:
      return "; the file is of another kind, or its beginning was overwritten";
    case SQLITE_CORRUPT:
      return "; the file was cut short or overwritten, or copied while in use";
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:
      return "; the tables are not those of a run file";
    case SQLITE_INTERRUPT:
      return "; to read it takes more work than its size allows, so its pages lead in circles";
    case SQLITE_CANTOPEN:
      return "; check the permissions; a killed run needs a directory that may be written to";
    case SQLITE_FULL:
      return "; the disk or the quota is full";
    case SQLITE_IOERR:
      return "; the disk is full or failing, or a limit on file sizes is reached";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "; another program is using the file";
    case SQLITE_PROTOCOL:
      return "; its locks fail: the disk is failing, or it is a network's";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return "; check who may write to the file and its directory";
    case SQLITE_TOOBIG:
      return "; SQLite takes at most 10^9 bytes in one piece";
    default:
      return "";
  }
}

void leave_all_as_it_is(sqlite3* handle, bool& lost_a_sync) {
  lost_a_sync = true;
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

// In the place of SQLite's own, which tells nobody when it fails, and tries again.
int checkpoint_after_commit(void* lost_a_sync, sqlite3* handle, const char* schema, int n_pages) {
  constexpr int longest_log = 1000;  // SQLite's own bound
  if (n_pages < longest_log) return SQLITE_OK;
  const int code =
      sqlite3_wal_checkpoint_v2(handle, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (is_lost_sync(code)) leave_all_as_it_is(handle, *static_cast<bool*>(lost_a_sync));
  return SQLITE_OK;  // the commit itself is on the disk
}

const char* type_name(int type) {
  switch (type) {
    case SQLITE_INTEGER:
      return "an integer";
    case SQLITE_FLOAT:
      return "a real number";
    case SQLITE_TEXT:
      return "text";
    case SQLITE_BLOB:
      return "a blob";
    default:
      return "NULL";
  }
}

// SQLite asks after so many instructions of its machine whether to go on.
constexpr int instructions_per_question = 100'000;

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(const Database& database, std::string_view sql) : database_(&database) {
  GROK_REQUIRE(database.handle_ != nullptr, "the database is closed");
  database.limit_work();
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database.handle_.get(), sql.data(), static_cast<int>(sql.size()),
                           &statement, nullptr));
  statement_.reset(statement);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_->fail(code);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  check(sqlite3_bind_double(statement_.get(), parameter, value));
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  // A null pointer would mean NULL, even for an empty text.
  check(sqlite3_bind_text64(statement_.get(), parameter, text.empty() ? "" : text.data(),
                            text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int parameter, std::span<const std::byte> blob) {
  check(blob.empty() ? sqlite3_bind_zeroblob(statement_.get(), parameter, 0)
                     : sqlite3_bind_blob64(statement_.get(), parameter, blob.data(), blob.size(),
                                           SQLITE_STATIC));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_->fail(code);
  return false;
}

void Statement::finish() {
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

// SQLite would convert: text that is no number to 0, NULL to an empty text.
void Statement::expect_type(int column, int type, const char* expected) const {
  const int found = sqlite3_column_type(statement_.get(), column);
  if (found == type) return;
  const char* name = sqlite3_column_name(statement_.get(), column);
  throw Error(ErrorCode::damaged, database_->path().string() + ": " + (name ? name : "a column") +
                                      " holds " + type_name(found) + "; expected " + expected +
                                      "; another program changed the file");
}

std::int64_t Statement::integer(int column) const {
  expect_type(column, SQLITE_INTEGER, "an integer");
  return sqlite3_column_int64(statement_.get(), column);
}

double Statement::number(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER)
    expect_type(column, SQLITE_FLOAT, "a number");
  return sqlite3_column_double(statement_.get(), column);
}

std::string Statement::text(int column) const {
  expect_type(column, SQLITE_TEXT, "text");
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  const int n = sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(n));
}

std::span<const std::byte> Statement::blob(int column) const {
  expect_type(column, SQLITE_BLOB, "a blob");
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_.get(), column));
  const int n = sqlite3_column_bytes(statement_.get(), column);
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(n)};
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Database::Database(const std::filesystem::path& path, Mode mode) : path_(path) {
  const int flags = mode == Mode::read         ? SQLITE_OPEN_READONLY
                    : mode == Mode::read_write ? SQLITE_OPEN_READWRITE
                                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  // SQLite takes names like ":memory:" and "" for something other than files.
  const std::string name = path.is_absolute() ? path.string() : "./" + path.string();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(code);
  // A file from elsewhere may hold triggers and views: they get no say. Sizes inside damaged pages
  // are checked before they are believed. No memory map: an unreadable disk would end the program.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_progress_handler(handle, instructions_per_question, &out_of_work, work_left_.get());
  execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
  sqlite3_wal_hook(handle, checkpoint_after_commit, lost_a_sync_.get());
  set_patience(5000);
  if (mode == Mode::read) undo_unfinished();
}

int Database::out_of_work(void* questions_left) {
  return --*static_cast<std::int64_t*>(questions_left) < 0;
}

// Damaged or hostile pages can refer to each other in circles that hold more rows than any disk. To
// read a sound row takes some 30 instructions and ten bytes; half a billion take a few seconds.
void Database::limit_work() const {
  std::error_code none_yet;
  const std::uintmax_t bytes = std::filesystem::file_size(path_, none_yet);
  const auto n = static_cast<std::int64_t>(none_yet ? 0 : bytes);
  *work_left_ = (500'000'000 + 30 * n) / instructions_per_question;
}

// A writer that was killed in the middle of a transaction may leave a journal, which only a writer
// may play back: be one for a moment.
void Database::undo_unfinished() const {
  const char* const look = "PRAGMA schema_version";
  const int code = sqlite3_exec(handle_.get(), look, nullptr, nullptr, nullptr);
  if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY)
    Database(path_, Mode::read_write).execute(look);
}

void Database::fail(int code) const {
  if (handle_ && is_lost_sync(code)) leave_all_as_it_is(handle_.get(), *lost_a_sync_);
  const std::string said = handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory";
  const int kind = code & 0xFF;
  GROK_REQUIRE(kind != SQLITE_CONSTRAINT && kind != SQLITE_MISUSE && kind != SQLITE_RANGE,
               path_.string() + ": " + said);
  throw Error(error_code(code), path_.string() + ": " + said + likely_cause(code));
}

void Database::execute(const std::string& sql) const {
  GROK_REQUIRE(handle_ != nullptr, "the database is closed");
  limit_work();
  const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::optional<std::int64_t> Database::optional_integer(std::string_view sql) const {
  Statement statement = prepare(sql);
  GROK_REQUIRE(statement.step(), "no row: " + std::string(sql));
  const auto value = statement.is_null(0) ? std::nullopt : std::optional(statement.integer(0));
  statement.finish();
  return value;
}

std::int64_t Database::integer(std::string_view sql) const {
  return optional_integer(sql).value_or(0);
}

std::string Database::text(std::string_view sql) const {
  Statement statement = prepare(sql);
  GROK_REQUIRE(statement.step(), "no row: " + std::string(sql));
  std::string value = statement.text(0);
  statement.finish();
  return value;
}

void Database::set_patience(int milliseconds) const {
  sqlite3_busy_timeout(handle_.get(), milliseconds);
}

void Database::close() {
  if (!handle_) return;
  const int code = sqlite3_close(handle_.get());
  if (code != SQLITE_OK) fail(code);  // a statement is still alive
  static_cast<void>(handle_.release());
}

Transaction::Transaction(const Database& database) : database_(database) {
  if (database.has_lost_a_sync())
    throw Error(ErrorCode::unavailable,
                database.path().string() +
                    ": nothing more is written here since the disk failed to confirm a write; see "
                    "to the disk, then go on from what was acknowledged before");
  database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (!is_open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const std::exception&) {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  is_open_ = false;
}

}  // namespace grok
