#include "grok/serve/live.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/closing.h"
#include "grok/lab/ending.h"
#include "grok/serve/json_text.h"
#include "grok/store/run_file.h"

namespace grok::serve {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int rests_per_look = 50;
/// How long a stream says nothing before it makes sure that somebody listens.
constexpr std::chrono::seconds heartbeat{10};

std::shared_ptr<const LiveRow> row_of(std::int64_t step, const nlohmann::json& metrics) {
  const nlohmann::json row = {{"step", step}, {"metrics", metrics}};
  return std::make_shared<const LiveRow>(LiveRow{step, json_text(row)});
}

std::vector<std::shared_ptr<const LiveRow>> rows_of(const std::vector<MetricRow>& metrics) {
  std::vector<std::shared_ptr<const LiveRow>> out;
  nlohmann::json of_step = nlohmann::json::object();
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const MetricRow& row = metrics[i];
    of_step[row.name] = std::isfinite(row.value) ? nlohmann::json(row.value) : nlohmann::json();
    if (i + 1 < metrics.size() && metrics[i + 1].step == row.step) continue;
    out.push_back(row_of(row.step, of_step));
    of_step = nlohmann::json::object();
  }
  return out;
}

// Nothing more will come, unless somebody replays it. A run that diverged is closed too.
bool nothing_is_left(const RunFile& file) { return is_over(ending_of(file)) && is_closed(file); }

}  // namespace

LiveRun::LiveRun(std::filesystem::path path, std::int64_t after)
    : path_(std::move(path)), begins_after_(after), last_step_(after) {
  thread_ = std::thread([this] { watch(); });
}

LiveRun::~LiveRun() {
  stop();
  thread_.join();
}

void LiveRun::stop() {
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  changed_.notify_all();
}

// The only place where an exception of the watching thread stops.
void LiveRun::watch() {
  bool goes_on = true;
  while (goes_on) {
    const Clock::time_point begin = Clock::now();
    try {
      look();
    } catch (const std::exception& error) {
      lose(error);
    }
    goes_on = wait((Clock::now() - begin) * rests_per_look);
  }
}

// A file that is locked for a moment is looked at again; one that is gone or damaged is lost.
void LiveRun::lose(const std::exception& error) {
  const auto* const known = dynamic_cast<const Error*>(&error);
  if (known && known->code() == ErrorCode::unavailable) return;
  const std::lock_guard lock(mutex_);
  lost_ = error.what();
  changed_.notify_all();
}

void LiveRun::look() {
  const std::optional<FileSignature> signature = signature_of(path_);
  if (!signature)
    throw Error(ErrorCode::not_found, path_.filename().string() + ": the file is gone");
  if (seen_ == signature) return;
  const bool is_known = seen_ && seen_->file == signature->file;
  const RunFile file = RunFile::open(path_, is_known ? Access::reread : Access::read);
  const bool is_over = nothing_is_left(file);  // first: what comes in between is read again
  Rows fresh = rows_of(file.metrics(last_step_));
  const std::size_t n_events = file.events().size();
  const bool has_changed = seen_ && n_events != n_events_;
  seen_ = signature;
  n_events_ = n_events;
  if (!fresh.empty()) last_step_ = fresh.back()->step;
  const std::lock_guard lock(mutex_);
  rows_.insert(rows_.end(), fresh.begin(), fresh.end());
  n_changes_ += has_changed ? 1 : 0;
  is_over_ = is_over;
  // A log that was only tidied up wakes nobody.
  if (!fresh.empty() || has_changed || is_over) changed_.notify_all();
}

// False once nothing is left to watch.
bool LiveRun::wait(std::chrono::nanoseconds rest) {
  std::unique_lock lock(mutex_);
  if (is_over_ || !lost_.empty()) return false;
  const auto bounded = std::clamp<std::chrono::nanoseconds>(rest, shortest_rest, longest_rest);
  return !changed_.wait_for(lock, bounded, [this] { return is_stopping_; });
}

void LiveRun::follow(std::int64_t after, EventStream& stream) {
  std::int64_t n_changes = 0;
  {
    const std::lock_guard lock(mutex_);
    n_changes = n_changes_;
  }
  while (stream.is_open()) {
    Rows fresh;
    bool has_changed = false, is_over = false, is_stopping = false;
    std::string lost;
    {
      std::unique_lock lock(mutex_);
      const auto has_news = [&] {
        return is_stopping_ || is_over_ || !lost_.empty() || n_changes_ != n_changes ||
               (!rows_.empty() && rows_.back()->step > after);
      };
      changed_.wait_for(lock, heartbeat, has_news);
      const auto begin =
          std::upper_bound(rows_.begin(), rows_.end(), after,
                           [](std::int64_t step, const auto& row) { return step < row->step; });
      fresh.assign(begin, rows_.end());
      has_changed = n_changes_ != n_changes;
      n_changes = n_changes_;
      is_over = is_over_;
      is_stopping = is_stopping_;
      lost = lost_;
    }
    for (const auto& row : fresh) {
      if (!stream.send("row", row->json, std::to_string(row->step))) return;
      after = row->step;
    }
    if (has_changed && !stream.send("changed", "{}")) return;
    if (is_over) {
      stream.send("over", "{}");
      return;
    }
    if (!lost.empty()) {
      stream.send("lost", failure_text(lost));
      return;
    }
    if (is_stopping) return;
    if (fresh.empty() && !has_changed && !stream.write(": nothing new\n\n")) return;
  }
}

std::shared_ptr<LiveRun> Live::watched(const std::filesystem::path& path, std::int64_t after) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<LiveRun>& known = runs_[path.string()];
  std::shared_ptr<LiveRun> run = known.lock();
  // One who asks for more than is kept begins anew with a reader of its own, which later viewers
  // share.
  if (!run || run->begins_after() > after) {
    run = std::make_shared<LiveRun>(path, after);
    known = run;
    if (is_stopping_) run->stop();
  }
  return run;
}

void Live::follow(const std::filesystem::path& path, std::int64_t after, EventStream& stream) {
  watched(path, after)->follow(after, stream);
}

void Live::stop() {
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  for (auto& [path, known] : runs_)
    if (const std::shared_ptr<LiveRun> run = known.lock()) run->stop();
}

}  // namespace grok::serve
