#include "grok/lab/file_place.h"

#include <sys/stat.h>

#include "grok/base/error.h"

namespace grok {

FilePlace::FilePlace(std::filesystem::path path) : path_(std::move(path)), at_first_(identity()) {}

void FilePlace::require() const {
  if (!at_first_ || identity() == at_first_) return;
  throw Error(ErrorCode::unavailable,
              path_.string() +
                  ": was deleted, moved or replaced while the run was written to it, and what is "
                  "recorded from now on would be lost; the run has stopped. If it was moved, "
                  "resume it where it is");
}

std::optional<FilePlace::Identity> FilePlace::identity() const {
  struct stat found {};
  if (stat(path_.c_str(), &found) != 0) return std::nullopt;
  return Identity{found.st_dev, found.st_ino};
}

}  // namespace grok
