#pragma once
// A run is one file: an SQLite database with its spec, manifest, metrics, keyframes and events. The
// format, and what is durable when, stand in docs/run_file.md.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/store/moment.h"
#include "grok/store/sqlite.h"
#include "grok/store/writer_lock.h"

namespace grok {

/// reread: of a file that this process has opened before, and watches: all of it is not read once
/// more. What guards the rows is checked as ever.
enum class Access { read, reread, read_write };

/// One writer, any number of readers in any process. Not for several threads at once: each thread
/// opens its own. Every function may throw Error: damaged (the file), unavailable (disk full, no
/// permission, locked); others are named where they occur.
class RunFile {
 public:
  /// A new file, which is under its name only once it is whole.
  ///
  ///   first    what the run begins with, in the file from the start; may be null
  ///   throws   Error: usage if `path` exists; not_found if its directory does not
  static RunFile create(const std::filesystem::path& path, std::string_view spec_json,
                        std::string_view spec_digest, std::string_view manifest_json,
                        const Moment* first = nullptr);

  /// Opens a file and checks that it is a run file, of a version known here, and undamaged as far
  /// as is cheap. read_write also takes the writer's lock.
  ///
  ///   throws   Error: not_found; damaged; unsupported (a later version, or one that is read but no
  ///            longer written); unavailable
  ///   cost     reads a file of up to 64 MiB once, but for reread; opens a larger one at once
  static RunFile open(const std::filesystem::path& path, Access access);

  RunFile(RunFile&&) noexcept = default;
  /// Closes as `close` does, but cannot say what went wrong.
  ~RunFile();

  /// Records a moment in one transaction. When it returns, the moment survives `kill -9` and power
  /// loss; when it throws, the file is as it was before. Once the disk has failed to confirm a
  /// write, every further call throws, and closing leaves all as it is: open the file anew.
  ///
  ///   throws   ContractBroken on a negative step, a name that is empty, or a metric, array or
  ///            keyframe that is recorded already
  ///   cost     one fsync
  void commit(const Moment& moment);
  /// Several at once: all or none, for the cost of one.
  void commit(std::span<const Moment> moments);

  /// Leaves one file, NAME.grok, unless a reader has it open just now. No use afterwards.
  void close();

  const std::filesystem::path& path() const { return database_.path(); }
  std::string spec_json() const;
  std::string spec_digest() const;
  std::string manifest_json() const;

  /// The latest step of any metric, array, keyframe or event; none in a run that never began.
  std::optional<std::int64_t> last_step() const;

  /// A metric over time, by step; empty if there is none of that name. Walks over all metrics.
  std::vector<MetricPoint> metric(std::string_view name) const;
  std::vector<std::string> metric_names() const;
  /// All metrics after a step, replayed ones among them, by step and name: what a live page asks
  /// for again and again.
  std::vector<MetricRow> metrics(std::int64_t after_step = -1) const;

  std::vector<ArrayPoint> array_metric(std::string_view name) const;
  /// The same point by point, for arrays that are too much to be held at once.
  void each_array(std::string_view name, const std::function<void(ArrayPoint)>& visit) const;
  std::optional<DoubleTensor> array_metric_at(std::string_view name, std::int64_t step) const;
  std::vector<std::string> array_metric_names() const;

  std::vector<std::int64_t> keyframe_steps() const;
  /// throws   Error: not_found; damaged, also if the bytes do not have their digest
  Keyframe keyframe(std::int64_t step) const;
  /// The digest alone, without reading the tensors. throws Error: not_found
  std::string keyframe_digest(std::int64_t step) const;
  /// The latest keyframe at or before `step`, if there is one.
  std::optional<Keyframe> keyframe_at_or_before(std::int64_t step) const;
  std::optional<Keyframe> last_keyframe() const;

  /// Events in the order in which they were recorded; of all kinds if `kind` is empty.
  std::vector<Event> events(std::string_view kind = {}) const;

 private:
  RunFile(std::optional<WriterLock> lock, Database database, std::int64_t version)
      : lock_(std::move(lock)), database_(std::move(database)), version_(version) {}

  bool is_guarded() const;
  template <class What>
  void check(const Statement& row, int column, std::int64_t expected, const What& what) const;
  std::int64_t step_in(const Statement& row, int column) const;
  [[noreturn]] void fail_twice(const std::string& what) const;
  std::string spec_text(int column) const;
  void arrays(std::string_view name, const std::string& where, std::int64_t step,
              const std::function<void(ArrayPoint)>& visit) const;

  std::optional<WriterLock> lock_;  // before the connection, so that it goes last
  Database database_;
  std::int64_t version_;      // of the format
  bool is_prepared_ = false;  // for writing
};

}  // namespace grok
