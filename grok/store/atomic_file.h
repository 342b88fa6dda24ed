#pragma once
// Files that appear whole or not at all, and what the system said when it refused one.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "grok/base/error.h"

namespace grok {

/// A file descriptor that closes itself.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd = -1) : fd_(fd) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  void close();

 private:
  int release();
  int fd_;
};

/// Error{not_found or unavailable} for the system error `number` (an errno), met at `what` was
/// being done to `path`; names the likely cause where there is one.
Error system_error(const std::filesystem::path& path, const std::string& what, int number);

/// All bytes of a regular file.
///
///   throws   Error: not_found, unavailable (no permission, not a regular file)
std::vector<std::byte> read_file(const std::filesystem::path& path);

/// Writes `bytes` beside `path`, syncs them, and renames. Whatever goes wrong, even the loss of
/// power, `path` holds either what it held before or all of `bytes`. A link stays, and what it
/// leads to is written.
///
///   throws   Error: not_found (no such directory), unavailable (no permission, disk full, a device
///            or pipe)
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// The same, piece by piece, for what is too much to be held at once. Without `commit`, all is as
/// it was before.
class AtomicFile {
 public:
  /// throws   as write_file_atomically
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  /// Syncs what was written and puts it in its place; once.
  void commit();

 private:
  std::filesystem::path path_, temporary_;
  FileDescriptor file_;
  bool is_in_place_ = false;
};

/// Makes a folder, and those above it, where there is none.
///
///   throws   Error: not_found, unavailable (no permission, a file of that name)
void make_folder(const std::filesystem::path& path);

/// Makes the names in the directory of `path` durable: a rename lives in the directory.
void sync_directory_of(const std::filesystem::path& path);

/// Writes a file's bytes over themselves and waits for the disk. Who reads it meanwhile sees no
/// change.
///
///   throws   Error as read_file and write_file_atomically do
void write_again(const std::filesystem::path& path);

}  // namespace grok
