#pragma once
// SQLite as objects: a connection, a statement, a transaction. Every failure becomes a grok::Error
// that names the file and the likely cause.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "grok/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace grok {

class Database;

/// A prepared statement. Parameters and columns count from 1 and 0, as in SQLite.
class Statement {
 public:
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);  // SQLite makes NULL of a NaN
  Statement& bind(int parameter, std::string_view text);
  /// The bytes must stay until the statement is reset or gone.
  Statement& bind(int parameter, std::span<const std::byte> blob);

  /// True if there is a row to read; false when the statement is done.
  bool step();
  /// Steps to the end: what a statement does it may do only there, and only there it may fail.
  void finish();
  /// Ready for other parameters and another run.
  void reset();

  // Each throws Error{damaged} if the column holds another type.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;  // NULL becomes NaN
  std::string text(int column) const;
  /// Valid until the next step.
  std::span<const std::byte> blob(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(const Database& database, std::string_view sql);
  void check(int code) const;
  void expect_type(int column, int type, const char* expected) const;

  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection to a file. Not for several threads at once. Statements must not outlive it, nor
/// see it moved.
class Database {
 public:
  enum class Mode { read, read_write, create };

  /// throws   Error: not_found (none there), unavailable (no permission, a directory)
  Database(const std::filesystem::path& path, Mode mode);

  const std::filesystem::path& path() const { return path_; }
  Statement prepare(std::string_view sql) const { return Statement(*this, sql); }
  /// Runs statements that give no rows that matter.
  void execute(const std::string& sql) const;
  /// First column of the first row, which must be there.
  std::int64_t integer(std::string_view sql) const;
  /// The same, where it may be NULL.
  std::optional<std::int64_t> optional_integer(std::string_view sql) const;
  std::string text(std::string_view sql) const;
  /// How long to wait for another connection's lock before giving up.
  void set_patience(int milliseconds) const;
  bool is_open() const { return handle_ != nullptr; }
  /// Whether the disk has failed to confirm a write. From then on no transaction begins, and
  /// closing leaves log and file as they are: the system may have forgotten what it did not write,
  /// so that a second attempt would confirm what is not there.
  bool has_lost_a_sync() const { return *lost_a_sync_; }
  /// Disconnects, and throws where the destructor would keep silent.
  void close();

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  static int out_of_work(void* questions_left);
  void limit_work() const;
  void undo_unfinished() const;
  [[noreturn]] void fail(int code) const;

  std::filesystem::path path_;
  std::unique_ptr<bool> lost_a_sync_ = std::make_unique<bool>(false);  // where SQLite finds it

  // What the statement that was prepared last may still do; its place must not move.
  std::unique_ptr<std::int64_t> work_left_ = std::make_unique<std::int64_t>(0);
  std::unique_ptr<sqlite3, Close> handle_;
};

/// All that happens while it lives is kept by `commit`, and otherwise undone. It takes the writer's
/// place at once, so that it cannot fail half-way for another's sake.
class Transaction {
 public:
  explicit Transaction(const Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  const Database& database_;
  bool is_open_ = true;
};

}  // namespace grok
