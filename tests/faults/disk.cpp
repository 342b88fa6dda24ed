#include "tests/faults/disk.h"

#include <algorithm>
#include <utility>

namespace grok::faults {
namespace {

constexpr std::size_t sector = 512;

// How much of what was not synced has reached the disk.
enum class Luck { nothing, everything, half, most, the_first };

// Of `n` things in a row.
class Choice {
 public:
  Choice(std::size_t n, Draws& draws)
      : draws_(draws), luck_(static_cast<Luck>(draws.below(5))), n_first_(draws.below(n + 1)) {}
  bool has_arrived(std::size_t i) {
    switch (luck_) {
      case Luck::nothing:
        return false;
      case Luck::everything:
        return true;
      case Luck::half:
        return draws_.once_in(2);
      case Luck::most:
        return !draws_.once_in(8);
      case Luck::the_first:
        return i < n_first_;
    }
    return true;
  }

 private:
  Draws& draws_;
  Luck luck_;
  std::uint64_t n_first_;
};

void write_at(std::string& file, std::size_t offset, std::string_view bytes) {
  if (file.size() < offset + bytes.size()) file.resize(offset + bytes.size(), '\0');
  std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset));
}

void write_whole(std::string& file, const DiskEvent& event) {
  if (event.act == FileAct::truncate)
    file.resize(static_cast<std::size_t>(event.offset), '\0');
  else
    write_at(file, static_cast<std::size_t>(event.offset), event.bytes);
}

// Only some of the sectors that the write covers are written.
void write_torn(std::string& file, const DiskEvent& event, Draws& draws) {
  const std::string_view bytes = event.bytes;
  const std::size_t offset = static_cast<std::size_t>(event.offset);
  for (std::size_t done = 0; done < bytes.size();) {
    const std::size_t room = sector - (offset + done) % sector;
    const std::size_t n = std::min(room, bytes.size() - done);
    if (draws.once_in(2)) write_at(file, offset + done, bytes.substr(done, n));
    done += n;
  }
}

std::string after_the_cut(const std::string& durable, const std::vector<DiskEvent>& pending,
                          Draws& draws) {
  std::string file = durable;
  Choice choice(pending.size(), draws);
  std::vector<const DiskEvent*> arrived;
  for (std::size_t i = 0; i < pending.size(); ++i)
    if (choice.has_arrived(i)) arrived.push_back(&pending[i]);
  if (draws.once_in(2))
    for (std::size_t i = arrived.size(); i > 1; --i)
      std::swap(arrived[i - 1], arrived[draws.below(i)]);
  const bool some_are_torn = draws.once_in(2);
  for (const DiskEvent* event : arrived) {
    if (some_are_torn && event->act == FileAct::write && draws.once_in(3))
      write_torn(file, *event, draws);
    else
      write_whole(file, *event);
  }
  // A file may have grown before what was written there has arrived.
  if (!pending.empty() && pending.back().act == FileAct::write && draws.once_in(8)) {
    const std::size_t end =
        static_cast<std::size_t>(pending.back().offset) + pending.back().bytes.size();
    if (file.size() < end) file.resize(end, '\0');
  }
  return file;
}

}  // namespace

Disk::Disk(const Files& files) {
  for (const auto& [name, bytes] : files) {
    names_[name] = contents_.size();
    contents_.push_back({bytes, {}});
  }
  durable_names_ = names_;
}

void Disk::carry_out(const Change& change, Names& names) {
  if (!change.gone.empty()) names.erase(change.gone);
  if (change.content) names[change.name] = *change.content;
}

void Disk::change(const Change& change) {
  carry_out(change, names_);
  pending_.push_back(change);
}

void Disk::apply(const DiskEvent& event) {
  const auto at = names_.find(event.name);
  switch (event.act) {
    case FileAct::create:
      change({event.name, contents_.size(), ""});
      contents_.emplace_back();
      break;
    case FileAct::remove:
      if (at != names_.end()) change({"", std::nullopt, event.name});
      break;
    case FileAct::rename:
      change({event.to, names_.at(event.name), event.name});
      break;
    case FileAct::sync_directory:
      durable_names_ = names_;
      pending_.clear();
      break;
    case FileAct::write:
    case FileAct::truncate:
      contents_.at(names_.at(event.name)).pending.push_back(event);
      break;
    case FileAct::sync: {
      Content& content = contents_.at(names_.at(event.name));
      for (const DiskEvent& write : content.pending) write_whole(content.durable, write);
      content.pending.clear();
      break;
    }
    default:
      break;
  }
}

void Disk::lose(const std::string& name, Draws& draws) {
  Content& content = contents_.at(names_.at(name));
  content.durable = after_the_cut(content.durable, content.pending, draws);
  content.pending.clear();
}

Files Disk::cut(Draws& draws) const {
  Names names = durable_names_;
  Choice choice(pending_.size(), draws);
  for (std::size_t i = 0; i < pending_.size(); ++i)
    if (choice.has_arrived(i)) carry_out(pending_[i], names);
  Files out;
  for (const auto& [name, content] : names)
    out[name] = after_the_cut(contents_[content].durable, contents_[content].pending, draws);
  return out;
}

}  // namespace grok::faults
