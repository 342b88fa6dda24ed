#pragma once
// A disk as a power cut finds it. What was synced is there; of all else any part may be: each
// write, truncation, creation, deletion and renaming by itself, writes in any order and torn at
// sectors.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/faults/draws.h"
#include "tests/faults/file_watch.h"
#include "tests/faults/small_run.h"

namespace grok::faults {

/// One thing that was asked of the disk.
struct DiskEvent {
  FileAct act = FileAct::write;  // create, write, truncate, sync, remove, rename, sync_directory
  std::string name{};
  std::string to{};         // of a rename
  std::int64_t offset = 0;  // of a write; of a truncation the new size
  std::string bytes{};      // of a write
};

class Disk {
 public:
  /// All of `files` is on the disk for good.
  explicit Disk(const Files& files);

  void apply(const DiskEvent& event);
  /// A sync of this file failed: what has not arrived by now never will, though programs still read
  /// it.
  void lose(const std::string& name, Draws& draws);

  /// What is there if the power fails now; one possibility of many, by `draws`.
  Files cut(Draws& draws) const;

 private:
  struct Content {
    std::string durable;
    std::vector<DiskEvent> pending;  // writes and truncations
  };
  // A name that stands for a content from now on, or for nothing; a renaming does both at once.
  struct Change {
    std::string name;
    std::optional<std::size_t> content;
    std::string gone;
  };
  using Names = std::map<std::string, std::size_t>;

  static void carry_out(const Change& change, Names& names);
  void change(const Change& change);

  std::vector<Content> contents_;
  Names names_;          // as programs see them
  Names durable_names_;  // as the disk has them
  std::vector<Change> pending_;
};

}  // namespace grok::faults
