#include "grok/store/writer_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace grok {
namespace {

// False if the last holder deleted the file after we opened it: then our lock locks nothing.
bool is_still_at(const std::filesystem::path& path, const FileDescriptor& file) {
  struct stat ours {};
  struct stat there {};
  return ::fstat(file.get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

}  // namespace

WriterLock::WriterLock(const std::filesystem::path& path) : path_(path.string() + "-lock") {
  do {
    file_ = FileDescriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (!file_.is_open()) throw system_error(path, "cannot write in its directory", errno);
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) throw system_error(path, "cannot lock", errno);
      throw Error(ErrorCode::unavailable,
                  path.string() +
                      ": another program is writing to this run; wait until it ends, "
                      "or stop it");
    }
  } while (!is_still_at(path_, file_));
}

WriterLock::~WriterLock() {
  if (file_.is_open()) ::unlink(path_.c_str());
}

}  // namespace grok
