#include "grok/spec/mistakes.h"

#include <algorithm>

namespace grok {

void Mistakes::add(std::string_view key, std::string_view what) {
  const bool is_full = section_.empty() || key.find('.') != std::string_view::npos;
  const std::string full = is_full ? std::string(key) : section_ + "." + std::string(key);
  add_at(find_place(full), full, what);
}

void Mistakes::add_at(const Place& place, std::string_view key, std::string_view what) {
  std::string line = place.text + ": ";
  if (!key.empty()) line.append(key).append(": ");
  lines_.push_back({place.order, line.append(what)});
}

// A key that was not written stands where its section begins; a section that was not, in the file.
Place Mistakes::find_place(const std::string& key) const {
  const auto found = places_.find(key);
  if (found != places_.end()) return found->second;
  const auto section = places_.find(key.substr(0, key.find('.')));
  return section != places_.end() ? section->second : Place{source_, 0};
}

std::string Mistakes::text() const {
  std::vector<Line> sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Line& a, const Line& b) { return a.order < b.order; });
  std::string out;
  for (const Line& line : sorted) out += (out.empty() ? "" : "\n") + line.text;
  return out;
}

void Mistakes::throw_if_any() const {
  if (!empty()) throw Error(ErrorCode::usage, text());
}

}  // namespace grok
