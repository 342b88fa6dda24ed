#include "grok/serve/roots.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <sys/stat.h>
#include <utility>

#include "grok/base/digest.h"
#include "grok/base/error.h"

namespace grok::serve {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t id_digits = 16;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

bool is_below(const fs::path& path, const fs::path& root) {
  const auto [end_of_root, ignored] =
      std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end_of_root == root.end();
}

// Where a file truly lies; nothing if it is no regular file, or a link led out of the roots.
std::optional<fs::path> true_place(const fs::path& path, const std::vector<fs::path>& roots) {
  std::error_code error;
  const fs::path place = fs::canonical(path, error);
  if (error || !fs::is_regular_file(place, error)) return std::nullopt;
  for (const fs::path& root : roots) {
    const fs::path true_root = fs::canonical(root, error);
    if (!error && is_below(place, true_root)) return place;
  }
  return std::nullopt;
}

std::optional<RunEntry> entry_of(const fs::path& place, const std::string& name) {
  struct stat status = {};
  if (stat(place.c_str(), &status) != 0) return std::nullopt;
  return RunEntry{.id = Roots::id_of(place),
                  .name = name,
                  .path = place,
                  .n_bytes = static_cast<std::uintmax_t>(status.st_size),
                  .modified_ms = nanoseconds(status.st_mtim) / 1'000'000};
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

// The run files below a folder, as far as they can be read.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (it->is_directory(error)) {
      if (is_hidden(it->path()) || it.depth() >= Roots::deepest) it.disable_recursion_pending();
    } else if (it->path().extension() == ".grok") {
      out.push_back(it->path());
    }
    if (out.size() >= Roots::most_runs) break;
  }
  return out;
}

}  // namespace

std::optional<FileSignature> signature_of(const fs::path& path) {
  struct stat file = {}, log = {};
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  FileSignature out{.file = file.st_ino,
                    .n_bytes = static_cast<std::uintmax_t>(file.st_size),
                    .modified_ns = nanoseconds(file.st_mtim)};
  if (stat((path.string() + "-wal").c_str(), &log) == 0) {
    out.n_log_bytes = static_cast<std::uintmax_t>(log.st_size);
    out.log_modified_ns = nanoseconds(log.st_mtim);
  }
  return out;
}

Roots::Roots(std::vector<fs::path> paths) : paths_(std::move(paths)) {}

std::vector<fs::path> Roots::paths() const {
  const std::lock_guard lock(mutex_);
  return paths_;
}

void Roots::add(const fs::path& path) {
  std::error_code error;
  for (const fs::path& root : paths()) {
    const fs::path true_root = fs::canonical(root, error);
    if (!error && is_below(path, true_root)) return;
  }
  const std::lock_guard lock(mutex_);
  paths_.push_back(path);
}

std::vector<RunEntry> Roots::list() const {
  const std::vector<fs::path> roots = paths();
  std::vector<RunEntry> out;
  std::set<std::string> seen;
  const auto add = [&](const fs::path& path, const std::string& name) {
    const std::optional<fs::path> place = true_place(path, roots);
    if (!place || !seen.insert(place->string()).second) return;
    if (std::optional<RunEntry> entry = entry_of(*place, name)) out.push_back(*std::move(entry));
  };
  std::error_code error;
  for (const fs::path& root : roots) {
    if (!fs::is_directory(root, error)) {
      add(root, root.filename().string());
      continue;
    }
    for (const fs::path& file : files_below(root))
      add(file, file.lexically_relative(root).string());
  }
  std::sort(out.begin(), out.end(),
            [](const RunEntry& a, const RunEntry& b) { return a.name < b.name; });
  const std::lock_guard lock(mutex_);
  found_ = out;
  return out;
}

std::optional<RunEntry> Roots::find(const std::string& id) const {
  const auto look = [&]() -> std::optional<RunEntry> {
    const std::lock_guard lock(mutex_);
    for (const RunEntry& entry : found_)
      if (entry.id == id) return entry;
    return std::nullopt;
  };
  std::optional<RunEntry> entry = look();
  if (!entry) {
    list();
    entry = look();
  }
  // A file that was replaced by a link since must not be followed out of the roots.
  if (!entry || true_place(entry->path, paths()) != entry->path) return std::nullopt;
  return entry;
}

RunEntry Roots::get(const std::string& id) const {
  if (std::optional<RunEntry> entry = find(id)) return *std::move(entry);
  throw Error(ErrorCode::not_found, "no run " + id + "; its file was deleted or moved");
}

std::string Roots::id_of(const fs::path& place) {
  return sha256_hex(place.string()).substr(0, id_digits);
}

fs::path Roots::folder_for_new_runs() const {
  std::error_code error;
  const std::vector<fs::path> roots = paths();
  for (const fs::path& path : roots)
    if (fs::is_directory(path, error)) return path;
  const fs::path folder = roots.empty() ? fs::path() : roots.front().parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

}  // namespace grok::serve
