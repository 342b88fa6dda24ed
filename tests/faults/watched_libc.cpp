// Stand before the system's own functions: what the store asks for without SQLite, and the syncs
// of directories, wherever they come from.

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/faults/file_watch.h"

namespace {

using grok::faults::FileAct;
using grok::faults::FileOperation;
using grok::faults::InsideSqlite;
using grok::faults::Verdict;

std::string last_part(const char* path) {
  const std::string_view whole = path;
  return std::string(whole.substr(whole.rfind('/') + 1));
}

template <class Act>
int watch(const FileOperation& operation, Act act) {
  switch (grok::faults::judge(operation)) {
    case Verdict::pretend:
    case Verdict::half_and_pretend:
      return 0;
    case Verdict::fail:
    case Verdict::half:
      errno = EIO;
      return -1;
    case Verdict::fail_full:
      errno = ENOSPC;
      return -1;
    case Verdict::die:
      ::_exit(grok::faults::died);
    case Verdict::proceed:
      break;
  }
  const int result = act();
  if (result == 0) grok::faults::tell_done(operation);
  return result;
}

bool is_directory(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

// The file that a descriptor stands for.
std::string name_of(int fd) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t n = ::readlink(link.c_str(), path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  return last_part(path);
}

// The store writes some files itself, SQLite writes others with the same functions.
bool is_ours(int fd) {
  return !InsideSqlite::here() && name_of(fd).find(".grok") != std::string::npos;
}

int watch_sync(int fd, long number) {
  const auto sync = [&] { return static_cast<int>(::syscall(number, fd)); };
  if (is_directory(fd))
    return watch({.act = FileAct::sync_directory, .is_of_sqlite = InsideSqlite::here()}, sync);
  if (!grok::faults::is_watched() || !is_ours(fd)) return sync();
  return watch({.act = FileAct::sync, .name = name_of(fd), .is_of_sqlite = false}, sync);
}

}  // namespace

extern "C" int fsync(int fd) { return watch_sync(fd, SYS_fsync); }
extern "C" int fdatasync(int fd) { return watch_sync(fd, SYS_fdatasync); }

extern "C" ssize_t write(int fd, const void* from, size_t n) {
  const auto write_some = [&](size_t bytes) {
    return static_cast<ssize_t>(::syscall(SYS_write, fd, from, bytes));
  };
  if (!grok::faults::is_watched() || !is_ours(fd)) return write_some(n);
  FileOperation operation{.act = FileAct::write,
                          .name = name_of(fd),
                          .offset = ::lseek(fd, 0, SEEK_CUR),
                          .data = {static_cast<const std::byte*>(from), n},
                          .needs_space = true,
                          .is_of_sqlite = false};
  const Verdict verdict = grok::faults::judge(operation);
  if (verdict == Verdict::pretend) return static_cast<ssize_t>(n);
  if (verdict == Verdict::fail || verdict == Verdict::fail_full) {
    errno = verdict == Verdict::fail ? EIO : ENOSPC;
    return -1;
  }
  // A short write is no failure to the system; whoever called asks again for the rest.
  const bool is_whole = verdict == Verdict::proceed || n < 2;
  const ssize_t done = write_some(is_whole ? n : n / 2);
  if (verdict == Verdict::die) ::_exit(grok::faults::died);
  if (done < 0) return done;
  operation.data = operation.data.first(static_cast<size_t>(done));
  grok::faults::tell_done(operation);
  return verdict == Verdict::half_and_pretend ? static_cast<ssize_t>(n) : done;
}

extern "C" int rename(const char* from, const char* to) noexcept {
  const FileOperation operation{
      .act = FileAct::rename, .name = last_part(from), .to = last_part(to), .is_of_sqlite = false};
  return watch(operation, [&] { return static_cast<int>(::syscall(SYS_rename, from, to)); });
}

extern "C" int remove(const char* path) noexcept {
  const auto remove_it = [&] {
    const int result = static_cast<int>(::syscall(SYS_unlink, path));
    if (result != 0 && errno == EISDIR) return static_cast<int>(::syscall(SYS_rmdir, path));
    return result;
  };
  return watch({.act = FileAct::remove, .name = last_part(path), .is_of_sqlite = false}, remove_it);
}

extern "C" int flock(int fd, int operation) noexcept {
  return watch({.act = FileAct::lock, .is_of_sqlite = false},
               [&] { return static_cast<int>(::syscall(SYS_flock, fd, operation)); });
}
