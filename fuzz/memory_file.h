#pragma once
// A file in memory, under a path that SQLite opens and `stat` knows. Reading it so takes half the
// time of reading a real one: SQLite locks and looks for a journal with every statement.

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace grok::fuzz {

/// One at a time. While it lives, SQLite's default VFS serves its bytes, for reading only, and
/// leaves all other paths to the VFS that was the default before.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// The bytes must stay until the next call.
  void set(const std::uint8_t* data, std::size_t size);
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int fd_ = -1;  // of an empty place-holder that has the right size
};

}  // namespace grok::fuzz
