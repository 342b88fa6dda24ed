#include "grok/store/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace grok {
namespace {

namespace fs = std::filesystem;

std::string likely_cause(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "; the disk or the quota is full";
    case EFBIG:
      return "; larger than a file may be here (see ulimit -f)";
    case EACCES:
    case EPERM:
      return "; check who may write in this directory";
    case EROFS:
      return "; this file system is mounted read-only";
    case EMFILE:
      return "; this program has too many files open (see ulimit -n)";
    case EISDIR:
      return "; there is a directory of that name";
    case EIO:
      return "; the disk is failing";
    case ENOLCK:
      return "; this file system knows no locks";
    default:
      return "";
  }
}

void write_all(const FileDescriptor& file, std::span<const std::byte> bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error(path, "cannot write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

// Unique within the machine, so that two writers of one name do not write into each other's file.
fs::path temporary_name(const fs::path& path) {
  static std::atomic<unsigned> counter{0};
  return path.string() + ".new-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

Error no_file(const fs::path& path, const struct stat& info) {
  return Error(ErrorCode::unavailable,
               path.string() + ": is a " +
                   (S_ISDIR(info.st_mode) ? "directory" : "device or pipe") + ", not a file");
}

// Where a link leads; another file would take the place of the link, not of what it stands for.
fs::path place_to_write(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) throw no_file(path, info);
  std::error_code unknown;
  if (!fs::is_symlink(path, unknown)) return path;
  const fs::path out = fs::weakly_canonical(path, unknown);
  return unknown ? path : out;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

void FileDescriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

int FileDescriptor::release() { return std::exchange(fd_, -1); }

Error system_error(const fs::path& path, const std::string& what, int number) {
  const bool is_missing = number == ENOENT || number == ENOTDIR;
  return Error(is_missing ? ErrorCode::not_found : ErrorCode::unavailable,
               path.string() + ": " + what + ": " + std::generic_category().message(number) +
                   likely_cause(number));
}

std::vector<std::byte> read_file(const fs::path& path) {
  // O_NONBLOCK: opening a pipe that nobody writes to would otherwise wait for ever.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) throw system_error(path, "cannot open", errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) throw system_error(path, "cannot read", errno);
  if (!S_ISREG(info.st_mode)) throw no_file(path, info);
  std::vector<std::byte> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error(path, "cannot read", errno);
    if (n == 0) break;  // somebody shortened the file meanwhile; its parser will say so
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

AtomicFile::AtomicFile(const fs::path& path)
    : path_(place_to_write(path)),
      temporary_(temporary_name(path_)),
      file_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) {
  if (!file_.is_open()) throw system_error(path_, "cannot create", errno);
}

AtomicFile::~AtomicFile() {
  if (!is_in_place_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) { write_all(file_, bytes, path_); }

void AtomicFile::commit() {
  if (::fsync(file_.get()) != 0) throw system_error(path_, "cannot write", errno);
  file_.close();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0)
    throw system_error(path_, "cannot put the new file in place", errno);
  is_in_place_ = true;
  sync_directory_of(path_);
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw system_error(path, "cannot make the folder", error.value());
}

void write_again(const fs::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) throw system_error(path, "cannot write", errno);
  write_all(file, bytes, path);
  if (::fsync(file.get()) != 0) throw system_error(path, "cannot write", errno);
}

void sync_directory_of(const fs::path& path) {
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const FileDescriptor file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.get()) != 0) {
    throw system_error(path, "cannot sync its directory", errno);
  }
}

}  // namespace grok
