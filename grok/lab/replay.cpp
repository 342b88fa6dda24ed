#include "grok/lab/replay.h"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/batch_loss.h"
#include "grok/lab/closing.h"
#include "grok/lab/curves.h"
#include "grok/lab/manifest.h"
#include "grok/lab/recorded.h"
#include "grok/lab/replayer.h"
#include "grok/probes/probe.h"
#include "grok/spec/schedule.h"

namespace grok {
namespace {

// A commit waits for the disk, a moment costs less than that: so many go together. What is lost
// when the program is killed can be replayed again.
constexpr std::chrono::seconds between_commits{1};

class Replay {
 public:
  Replay(RunFile& file, const ReplayRequest& request, const RunOptions& options)
      : file_(file),
        request_(request),
        options_(options),
        pool_(options.n_threads > 0 ? options.n_threads : n_cores()),
        replayer_(file, pool_),
        recorded_(file) {
    result_.from = request.from.value_or(replayer_.first_step());
    result_.to = request.to.value_or(replayer_.last_step());
    for (const std::int64_t step : {result_.from, result_.to}) replayer_.require_step(step);
    if (result_.from > result_.to)
      throw Error(ErrorCode::usage, "replay: from step " + std::to_string(result_.from) +
                                        " to step " + std::to_string(result_.to) +
                                        " goes backwards");
    require_applicable(request.probes, replayer_.task(), replayer_.spec().model);
    if (!request.probes.empty() && recorded_points(file, "all_loss").empty())
      throw Error(ErrorCode::not_found,
                  file.path().string() + ": has not begun to train; resume it first");
    replayer_.set_observer(options.observer);
  }

  ReplayResult go() {
    if (options_.observer) options_.observer->on_begin(replayer_.spec(), result_.from);
    result_.is_complete = pass();
    if (!request_.probes.empty()) conclude();
    result_.n_keyframes = replayer_.n_keyframes_verified();
    result_.n_agreed = recorded_.n_agreed();
    return result_;
  }

 private:
  // False if it was broken off.
  bool pass() {
    if (!replayer_.at(result_.from, options_.stop)) return false;
    if (!request_.probes.empty() && !measure()) return false;
    if (!replayer_.walk_to(result_.to, options_.stop)) return false;
    // What was measured between two keyframes is worth what the second says of the steps.
    const auto next = replayer_.keyframe_after(result_.to);
    return request_.probes.empty() || is_vouched_for(result_.to) || !next ||
           replayer_.walk_to(*next, options_.stop) != nullptr;
  }

  bool measure() {
    ProbeSet probes(replayer_.spec().model, replayer_.task(), request_.probes, pool_);
    const std::vector<int> keys = key_frequencies_of(file_);
    const bool with_batch_loss =
        records_batch_loss(replayer_.spec()) &&
        std::ranges::find(request_.probes, "loss_and_accuracy") != request_.probes.end();
    for (const std::int64_t step : steps_to_measure()) {
      const Checkpoint* state = replayer_.walk_to(step, options_.stop);
      if (!state) return false;
      Measurements found = probes.measure_all(state->weights, keys);
      if (with_batch_loss) add_batch_loss(replayer_.trainer(), found);
      keep({.step = step,
            .metrics = std::move(found.metrics),
            .arrays = std::move(found.arrays),
            .is_replayed = true});
    }
    return true;
  }

  std::vector<std::int64_t> steps_to_measure() const {
    std::vector<std::int64_t> out;
    if (request_.every == 0) {
      out = record_steps(replayer_.spec(), result_.to);
      std::erase_if(out, [&](std::int64_t step) { return step < result_.from; });
    } else {
      for (std::int64_t s = result_.from; s <= result_.to; s += request_.every) out.push_back(s);
    }
    return out;
  }

  void keep(Moment found) {
    Moment fresh = recorded_.new_in(std::move(found));
    if (fresh.is_empty()) return;
    waiting_.push_back(std::move(fresh));
    if (std::chrono::steady_clock::now() - committed_at_ >= between_commits) commit();
  }

  // A keyframe at or after the step was computed and found the same. The last one of a run has none
  // after it, and stands for itself.
  bool is_vouched_for(std::int64_t step) const {
    return step <= replayer_.last_verified() || step == replayer_.last_keyframe();
  }

  // Of what is waiting, which is in the order of steps.
  std::vector<Moment>::iterator first_unknown() {
    return std::ranges::find_if(waiting_,
                                [&](const Moment& moment) { return !is_vouched_for(moment.step); });
  }

  // What is waiting and known to be of the run's own bits; `event` goes with the last of what it
  // speaks of.
  void commit(std::optional<Event> event = {}) {
    const auto rest = first_unknown();
    std::vector<Moment> known(std::make_move_iterator(waiting_.begin()),
                              std::make_move_iterator(rest));
    waiting_.erase(waiting_.begin(), rest);
    for (const Moment& moment : known) result_.n_recorded += n_values(moment);
    if (event) known.push_back({.step = event->step, .events = {*event}});
    if (!known.empty()) file_.commit(known);
    committed_at_ = std::chrono::steady_clock::now();
  }

  static std::int64_t n_values(const Moment& moment) {
    return std::ssize(moment.metrics) + std::ssize(moment.arrays);
  }

  void conclude() {
    const auto rest = first_unknown();
    for (auto moment = rest; moment != waiting_.end(); ++moment)
      result_.n_left_out += n_values(*moment);
    if (result_.n_recorded == 0 && rest == waiting_.begin()) return;
    if (!result_.is_complete) result_.to = std::max(result_.from, replayer_.step());
    if (rest != waiting_.end()) result_.to = rest->step - 1;
    const nlohmann::ordered_json detail = {
        {"from", result_.from},
        {"to", result_.to},
        {"every", request_.every},
        {"probes", request_.probes},
        {"manifest", nlohmann::json::parse(manifest_json(pool_.n_threads()))}};
    commit(Event{result_.from, "replay", detail.dump()});
  }

  RunFile& file_;
  const ReplayRequest& request_;
  const RunOptions& options_;
  ThreadPool pool_;
  Replayer replayer_;
  Recorded recorded_;
  ReplayResult result_;
  std::vector<Moment> waiting_;
  std::chrono::steady_clock::time_point committed_at_ = std::chrono::steady_clock::now();
};

}  // namespace

ReplayResult replay(const std::filesystem::path& path, const ReplayRequest& request,
                    const RunOptions& options) {
  GROK_REQUIRE(request.every >= 0, "every " + std::to_string(request.every));
  RunFile file = RunFile::open(path, request.probes.empty() ? Access::read : Access::read_write);
  return Replay(file, request, options).go();
}

}  // namespace grok
