#include "fuzz/memory_file.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <sqlite3.h>

#include "fuzz/sqlite_memory.h"
#include "fuzz/target.h"

namespace grok::fuzz {
namespace {

struct Served {
  std::string path;
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
};
Served served;
sqlite3_vfs* former = nullptr;

int close_file(sqlite3_file*) { return SQLITE_OK; }

int read_file(sqlite3_file*, void* to, int n, sqlite3_int64 at) {
  const auto wanted = static_cast<std::size_t>(n), from = static_cast<std::size_t>(at);
  const std::size_t there = from < served.size ? std::min(wanted, served.size - from) : 0;
  if (there > 0) std::memcpy(to, served.data + from, there);
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; }
int truncate_file(sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; }
int sync_file(sqlite3_file*, int) { return SQLITE_OK; }
int file_size(sqlite3_file*, sqlite3_int64* out) {
  *out = static_cast<sqlite3_int64>(served.size);
  return SQLITE_OK;
}
int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved_lock(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int control_file(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_IMMUTABLE; }

const sqlite3_io_methods methods = {1,
                                    close_file,
                                    read_file,
                                    write_file,
                                    truncate_file,
                                    sync_file,
                                    file_size,
                                    lock_file,
                                    lock_file,
                                    check_reserved_lock,
                                    control_file,
                                    sector_size,
                                    characteristics,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  if (!name || name != served.path) return former->xOpen(former, name, file, flags, out_flags);
  file->pMethods = &methods;
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

int is_there(sqlite3_vfs*, const char* name, int flags, int* out) {
  // No journal or log lies beside the file.
  if (std::strncmp(name, served.path.c_str(), served.path.size()) != 0)
    return former->xAccess(former, name, flags, out);
  *out = name == served.path;
  return SQLITE_OK;
}

sqlite3_vfs& vfs() {
  static sqlite3_vfs made = [] {
    sqlite3_vfs out = *former;  // whose other functions serve as they are
    out.pNext = nullptr;
    out.zName = "grok-memory";
    out.xOpen = open_file;
    out.xAccess = is_there;
    return out;
  }();
  return made;
}

}  // namespace

MemoryFile::MemoryFile() {
  give_sqlite_cheap_memory();
  // A store of small pieces that each connection would lay out anew, for the few that it uses.
  // Without it every piece is its own, and the sanitizer sees where one ends. Heeded if nothing has
  // used SQLite yet, as in a fuzzer.
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
  // One thread, which nobody asks how much memory it uses.
  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  path_ = std::filesystem::temp_directory_path() /
          ("grok-fuzz-" + std::to_string(::getpid()) + ".grok");
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  must_hold(fd_ >= 0, "there is room for an empty file");
  served.path = path_.string();
  former = sqlite3_vfs_find(nullptr);
  sqlite3_vfs_register(&vfs(), 1);
}

MemoryFile::~MemoryFile() {
  sqlite3_vfs_unregister(&vfs());
  ::close(fd_);
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void MemoryFile::set(const std::uint8_t* data, std::size_t size) {
  if (size != served.size)
    must_hold(::ftruncate(fd_, static_cast<off_t>(size)) == 0, "a file can have that size");
  served.data = data;
  served.size = size;
}

}  // namespace grok::fuzz
