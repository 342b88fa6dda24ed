// The default VFS of this program: SQLite's own, with a FileWatch in between.

#include <cstring>
#include <string_view>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/faults/file_watch.h"

namespace grok::faults {
namespace {

// As SQLite lays it out: our part first, then room for the file of the VFS below.
struct WatchedFile {
  sqlite3_file base;
  const char* name;  // SQLite keeps it until the file is closed
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

sqlite3_vfs* vfs_below = nullptr;

WatchedFile* watched(sqlite3_file* file) { return reinterpret_cast<WatchedFile*>(file); }

std::string last_part(const char* path) {
  const std::string_view whole = path ? path : "";
  return std::string(whole.substr(whole.rfind('/') + 1));
}

FileOperation operation_on(sqlite3_file* file, FileAct act) {
  return {.act = act, .name = last_part(watched(file)->name)};
}

// The code that SQLite's VFS returns where the system says EIO.
int io_error(FileAct act) {
  switch (act) {
    case FileAct::open:
    case FileAct::create:
      return SQLITE_CANTOPEN;
    case FileAct::remove:
      return SQLITE_IOERR_DELETE;
    case FileAct::look:
      return SQLITE_IOERR_ACCESS;
    case FileAct::read:
      return SQLITE_IOERR_READ;
    case FileAct::write:
      return SQLITE_IOERR_WRITE;
    case FileAct::truncate:
      return SQLITE_IOERR_TRUNCATE;
    case FileAct::sync:
      return SQLITE_IOERR_FSYNC;
    case FileAct::size:
      return SQLITE_IOERR_FSTAT;
    case FileAct::lock:
      return SQLITE_IOERR_LOCK;
    case FileAct::unlock:
      return SQLITE_IOERR_UNLOCK;
    case FileAct::map_shared:
      return SQLITE_IOERR_SHMMAP;
    case FileAct::lock_shared:
    case FileAct::unlock_shared:
      return SQLITE_IOERR_SHMLOCK;
    case FileAct::rename:
    case FileAct::sync_directory:
      break;
  }
  return SQLITE_IOERR;
}

// `act` unless the watch has it otherwise. What SQLite's VFS cannot say but by its error code, it
// says so here too.
template <class Act>
int watch(const FileOperation& operation, Act act) {
  switch (judge(operation)) {
    case Verdict::pretend:
    case Verdict::half_and_pretend:
      return SQLITE_OK;
    case Verdict::fail:
    case Verdict::half:
      return io_error(operation.act);
    case Verdict::fail_full:
      return operation.act == FileAct::write ? SQLITE_FULL : io_error(operation.act);
    case Verdict::die:
      ::_exit(died);
    case Verdict::proceed:
      break;
  }
  const InsideSqlite inside;
  const int code = act();
  if (code == SQLITE_OK) tell_done(operation);
  return code;
}

int close_file(sqlite3_file* file) {
  const InsideSqlite inside;
  const int code = watched(file)->below()->pMethods->xClose(watched(file)->below());
  file->pMethods = nullptr;
  return code;
}

int read_file(sqlite3_file* file, void* to, int n, sqlite3_int64 offset) {
  sqlite3_file* below = watched(file)->below();
  return watch(operation_on(file, FileAct::read),
               [&] { return below->pMethods->xRead(below, to, n, offset); });
}

int write_file(sqlite3_file* file, const void* from, int n, sqlite3_int64 offset) {
  sqlite3_file* below = watched(file)->below();
  FileOperation operation = operation_on(file, FileAct::write);
  operation.offset = offset;
  operation.data = {static_cast<const std::byte*>(from), static_cast<std::size_t>(n)};
  operation.needs_space = true;
  const auto write = [&](int bytes) {
    const InsideSqlite inside;
    return below->pMethods->xWrite(below, from, bytes, offset);
  };
  const auto half = [&] {
    if (write(n / 2) != SQLITE_OK) return;
    operation.data = operation.data.first(static_cast<std::size_t>(n / 2));
    tell_done(operation);
  };
  switch (judge(operation)) {
    case Verdict::pretend:
      return SQLITE_OK;
    case Verdict::half_and_pretend:
      half();
      return SQLITE_OK;
    case Verdict::half:
      half();
      return SQLITE_IOERR_WRITE;
    case Verdict::fail:
      return SQLITE_IOERR_WRITE;
    case Verdict::fail_full:
      return SQLITE_FULL;
    case Verdict::die:
      half();
      ::_exit(died);
    case Verdict::proceed:
      break;
  }
  const int code = write(n);
  if (code == SQLITE_OK) tell_done(operation);
  return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  sqlite3_file* below = watched(file)->below();
  FileOperation operation = operation_on(file, FileAct::truncate);
  operation.offset = size;
  return watch(operation, [&] { return below->pMethods->xTruncate(below, size); });
}

int sync_file(sqlite3_file* file, int flags) {
  sqlite3_file* below = watched(file)->below();
  return watch(operation_on(file, FileAct::sync),
               [&] { return below->pMethods->xSync(below, flags); });
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  sqlite3_file* below = watched(file)->below();
  return watch(operation_on(file, FileAct::size),
               [&] { return below->pMethods->xFileSize(below, size); });
}

int lock_file(sqlite3_file* file, int level) {
  sqlite3_file* below = watched(file)->below();
  return watch(operation_on(file, FileAct::lock),
               [&] { return below->pMethods->xLock(below, level); });
}

int unlock_file(sqlite3_file* file, int level) {
  sqlite3_file* below = watched(file)->below();
  return watch(operation_on(file, FileAct::unlock),
               [&] { return below->pMethods->xUnlock(below, level); });
}

int check_lock(sqlite3_file* file, int* is_reserved) {
  sqlite3_file* below = watched(file)->below();
  return watch(operation_on(file, FileAct::lock),
               [&] { return below->pMethods->xCheckReservedLock(below, is_reserved); });
}

int control_file(sqlite3_file* file, int what, void* argument) {
  const InsideSqlite inside;
  sqlite3_file* below = watched(file)->below();
  return below->pMethods->xFileControl(below, what, argument);
}

int sector_size(sqlite3_file* file) {
  sqlite3_file* below = watched(file)->below();
  return below->pMethods->xSectorSize(below);
}

int device_characteristics(sqlite3_file* file) {
  sqlite3_file* below = watched(file)->below();
  return below->pMethods->xDeviceCharacteristics(below);
}

int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** to) {
  sqlite3_file* below = watched(file)->below();
  FileOperation operation = operation_on(file, FileAct::map_shared);
  operation.needs_space = extend != 0;
  return watch(operation,
               [&] { return below->pMethods->xShmMap(below, region, size, extend, to); });
}

int lock_shared(sqlite3_file* file, int offset, int n, int flags) {
  sqlite3_file* below = watched(file)->below();
  const bool is_taken = (flags & SQLITE_SHM_LOCK) != 0;
  return watch(operation_on(file, is_taken ? FileAct::lock_shared : FileAct::unlock_shared),
               [&] { return below->pMethods->xShmLock(below, offset, n, flags); });
}

void shared_barrier(sqlite3_file* file) {
  sqlite3_file* below = watched(file)->below();
  below->pMethods->xShmBarrier(below);
}

int unmap_shared(sqlite3_file* file, int is_to_be_deleted) {
  const InsideSqlite inside;
  sqlite3_file* below = watched(file)->below();
  return below->pMethods->xShmUnmap(below, is_to_be_deleted);
}

// Version 2: without memory maps of the database, which the store switches off.
constexpr sqlite3_io_methods methods{2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     size_of_file,
                                     lock_file,
                                     unlock_file,
                                     check_lock,
                                     control_file,
                                     sector_size,
                                     device_characteristics,
                                     map_shared,
                                     lock_shared,
                                     shared_barrier,
                                     unmap_shared,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  WatchedFile* ours = watched(file);
  ours->base.pMethods = nullptr;
  ours->name = name;
  const bool is_new =
      (flags & SQLITE_OPEN_CREATE) != 0 && (name == nullptr || ::access(name, F_OK) != 0);
  const FileOperation operation{.act = is_new ? FileAct::create : FileAct::open,
                                .name = last_part(name),
                                .needs_space = is_new};
  return watch(operation, [&] {
    const int code = vfs_below->xOpen(vfs_below, name, ours->below(), flags, out_flags);
    if (ours->below()->pMethods) ours->base.pMethods = &methods;
    return code;
  });
}

int remove_file(sqlite3_vfs*, const char* name, int is_directory_synced) {
  return watch({.act = FileAct::remove, .name = last_part(name)},
               [&] { return vfs_below->xDelete(vfs_below, name, is_directory_synced); });
}

int look_for_file(sqlite3_vfs*, const char* name, int flags, int* answer) {
  return watch({.act = FileAct::look, .name = last_part(name)},
               [&] { return vfs_below->xAccess(vfs_below, name, flags, answer); });
}

}  // namespace

void install_watched_vfs() {
  static sqlite3_vfs vfs;
  if (vfs_below) return;
  vfs_below = sqlite3_vfs_find(nullptr);
  vfs = *vfs_below;
  vfs.zName = "watched";
  vfs.pNext = nullptr;
  vfs.szOsFile = static_cast<int>(sizeof(WatchedFile)) + vfs_below->szOsFile;
  vfs.xOpen = open_file;
  vfs.xDelete = remove_file;
  vfs.xAccess = look_for_file;
  sqlite3_vfs_register(&vfs, 1);
}

}  // namespace grok::faults
