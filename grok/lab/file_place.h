#pragma once
// Whether a file that is written for hours is still the one that its name stands for.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

namespace grok {

/// A file as it stands when this is made. One that no file system holds (a test's disk) has no
/// place, and is never missed.
class FilePlace {
 public:
  explicit FilePlace(std::filesystem::path path);

  /// throws   Error{unavailable} if the name now stands for another file, or for none
  void require() const;

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device, number on it
  std::optional<Identity> identity() const;

  std::filesystem::path path_;
  std::optional<Identity> at_first_;
};

}  // namespace grok
