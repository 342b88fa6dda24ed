#pragma once
// The run files that a server shows: those under the paths it was given, and no others. A request
// names a run by its id, never by a path, so there is no path to escape with.

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace grok::serve {

struct RunEntry {
  std::string id;              // 16 hexadecimal digits, of its place: the same at every start
  std::string name;            // its path below its root
  std::filesystem::path path;  // where it truly lies, links resolved
  std::uintmax_t n_bytes = 0;
  std::int64_t modified_ms = 0;  // since 1970
};

/// What changes whenever a run file or its log does.
struct FileSignature {
  std::uint64_t file = 0;  // another after the name was given to another file
  std::uintmax_t n_bytes = 0, n_log_bytes = 0;
  std::int64_t modified_ns = 0, log_modified_ns = 0;

  friend bool operator==(const FileSignature&, const FileSignature&) = default;
};

/// None if there is no such file.
std::optional<FileSignature> signature_of(const std::filesystem::path& path);

class Roots {
 public:
  static constexpr int deepest = 8;                // folders below a root
  static constexpr std::size_t most_runs = 10000;  // beyond which no more are listed

  /// Folders, whose files NAME.grok count, and run files; either may come into being later.
  explicit Roots(std::vector<std::filesystem::path> paths);

  /// By name. Hidden folders, links to folders, and links that lead out of all roots are left out.
  std::vector<RunEntry> list() const;
  /// None if there is no such run, or no longer.
  std::optional<RunEntry> find(const std::string& id) const;
  /// The same. throws Error{not_found} if there is none
  RunEntry get(const std::string& id) const;
  /// Shows the run that is written at `path` too, if it lies under none of the roots, as it does
  /// where they are single files.
  void add(const std::filesystem::path& path);
  /// The id of the file at a place, links resolved.
  static std::string id_of(const std::filesystem::path& place);
  /// Where a new run may be written: the first root that is a folder, or the first file's.
  std::filesystem::path folder_for_new_runs() const;

 private:
  std::vector<std::filesystem::path> paths() const;

  mutable std::mutex mutex_;
  std::vector<std::filesystem::path> paths_;
  mutable std::vector<RunEntry> found_;  // as last listed
};

}  // namespace grok::serve
