#pragma once
// One writer per run file: two programs that resume the same run would mix two futures in one past.

#include <filesystem>

#include "grok/store/atomic_file.h"

namespace grok {

/// Holds a lock on `PATH-lock` while it lives, and deletes that file at the end. The kernel lets go
/// of the lock when the process ends, however it ends. (Not on the run file itself: closing a
/// second descriptor of a file drops the locks that SQLite holds on it in this process.)
class WriterLock {
 public:
  /// throws   Error: unavailable if another holds it, or the directory may not be written to
  explicit WriterLock(const std::filesystem::path& path);
  ~WriterLock();
  WriterLock(WriterLock&&) = default;
  WriterLock& operator=(WriterLock&&) = delete;

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace grok
