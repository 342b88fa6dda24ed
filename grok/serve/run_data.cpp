#include "grok/serve/run_data.h"

#include <algorithm>

#include "grok/base/error.h"

namespace grok::serve {
namespace {

FileSignature required_signature(const std::filesystem::path& path) {
  const std::optional<FileSignature> signature = signature_of(path);
  if (!signature)
    throw Error(ErrorCode::not_found,
                path.filename().string() + ": the file is gone; it was deleted or moved");
  return *signature;
}

}  // namespace

RunData read_run(const std::filesystem::path& path) {
  RunData out;
  out.signature = required_signature(path);  // before reading: what comes meanwhile is read again
  const RunFile file = RunFile::open(path, Access::read);
  out.summary = summarize(file);
  for (const MetricRow& row : file.metrics()) {
    Curve& curve = out.curves[row.name];
    curve.steps.push_back(row.step);
    curve.values.push_back(row.value);
  }
  out.array_names = file.array_metric_names();
  out.keyframes = file.keyframe_steps();
  out.events = file.events();
  return out;
}

std::shared_ptr<RunCache::Slot> RunCache::slot(const std::string& key) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Slot>& slot = slots_[key];
  if (!slot) slot = std::make_shared<Slot>();
  slot->used = ++clock_;
  const std::shared_ptr<Slot> out = slot;
  if (slots_.size() > most_kept) {
    const auto oldest = std::min_element(
        slots_.begin(), slots_.end(),
        [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
    slots_.erase(oldest);
  }
  return out;
}

std::shared_ptr<const RunData> RunCache::get(const std::filesystem::path& path) {
  const FileSignature signature = required_signature(path);
  const std::shared_ptr<Slot> slot = this->slot(path.string());
  const std::lock_guard lock(slot->mutex);
  if (!slot->data || slot->data->signature != signature)
    slot->data = std::make_shared<const RunData>(read_run(path));
  return slot->data;
}

}  // namespace grok::serve
