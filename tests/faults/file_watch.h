#pragma once
// A test between the store and the disk. SQLite's file operations pass through a VFS of ours
// (watched_vfs.cpp) that stands before the system's own as the default; what the store asks of the
// system without SQLite passes through the functions of watched_libc.cpp. Both tell a FileWatch
// before each operation, which may have it fail, and after it has been done.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace grok::faults {

enum class FileAct {
  open,  // of a file that is there already
  create,
  remove,
  look,  // is it there?
  read,
  write,
  truncate,
  sync,
  size,
  lock,
  unlock,
  map_shared,
  lock_shared,
  unlock_shared,
  rename,
  sync_directory,
};

struct FileOperation {
  FileAct act = FileAct::open;
  std::string name;                   // the file's, without its directory
  std::int64_t offset = 0;            // of a write; of a truncate the new size
  std::span<const std::byte> data{};  // of a write
  std::string to{};                   // the new name of a rename
  bool needs_space = false;           // may fail because the disk is full
  bool is_of_sqlite = true;           // false: the store asked the system itself
};

enum class Verdict {
  proceed,
  fail,              // as the system fails with EIO
  fail_full,         // as the system fails with ENOSPC
  half,              // do half of the write, then fail
  pretend,           // do nothing and say it was done
  half_and_pretend,  // do half of the write and say it was done
  die,               // the process ends here, in the middle of a write
};

/// Told of every operation while it watches; one at a time, on the threads that make them.
class FileWatch {
 public:
  virtual ~FileWatch() = default;
  virtual Verdict before(const FileOperation&) { return Verdict::proceed; }
  /// It has been done; `half` and `die` come with what was not.
  virtual void after(const FileOperation&) {}
};

/// Lets `watch` see all file operations of this process while it lives.
class Watching {
 public:
  explicit Watching(FileWatch& watch);
  ~Watching();
  Watching(const Watching&) = delete;
  Watching& operator=(const Watching&) = delete;
};

/// The exit code of a process that a verdict ended.
inline constexpr int died = 99;

// For the two files that do the watching.

bool is_watched();
/// What the watch says; `proceed` if nobody watches.
Verdict judge(const FileOperation& operation);
void tell_done(const FileOperation& operation);

/// Lives while SQLite's own VFS works: what that asks of the system was judged already.
class InsideSqlite {
 public:
  InsideSqlite() { ++depth_; }
  ~InsideSqlite() { --depth_; }
  InsideSqlite(const InsideSqlite&) = delete;
  InsideSqlite& operator=(const InsideSqlite&) = delete;
  static bool here() { return depth_ > 0; }

 private:
  static thread_local int depth_;
};

/// Puts the watched VFS in the default's place; once is enough.
void install_watched_vfs();

}  // namespace grok::faults
