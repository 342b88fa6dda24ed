#include "tests/faults/small_run.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "grok/base/error.h"
#include "grok/store/run_file.h"
#include "tests/faults/child.h"

namespace grok::faults {
namespace {

RunSpec small_spec() {
  return testing::tiny_spec({"task.p=11", "task.train_fraction=0.8", "model.d_model=8",
                             "model.n_heads=1", "model.d_head=8", "model.d_mlp=16", "optim.lr=0.1",
                             "optim.weight_decay=1.0", "train.seed=8", "train.steps=24",
                             "record.every=8", "record.log_points_per_octave=0",
                             "record.keyframes=every", "record.keyframe_every=10"});
}

class MomentTaker : public RunObserver {
 public:
  explicit MomentTaker(std::map<std::int64_t, KeptMoment>& to) : to_(to) {}
  void on_moment(const Moment& moment) override {
    KeptMoment kept;
    for (const auto& [name, value] : moment.metrics) kept.metrics.push_back(name);
    for (const ArrayMetric& array : moment.arrays) kept.arrays.push_back(array.name);
    kept.has_keyframe = moment.keyframe.has_value();
    to_[moment.step] = kept;
  }

 private:
  std::map<std::int64_t, KeptMoment>& to_;
};

Unbroken run_unbroken() {
  const TemporaryDirectory directory(in_memory());
  const fs::path path = directory / "a.grok";
  Unbroken out;
  out.spec = small_spec();
  MomentTaker taker(out.moments);
  run(out.spec, path, {.n_threads = 1, .observer = &taker});
  const RunFile file = RunFile::open(path, Access::read);
  out.everything = testing::everything_in(file);
  for (const std::int64_t step : file.keyframe_steps())
    out.keyframes[step] = file.keyframe_digest(step);
  if (file.events("key_frequencies").at(0).detail.find("[]") != std::string::npos)
    throw std::logic_error("choose a spec with key frequencies: the closing pass is idle");
  return out;
}

std::string at(const std::string& name, std::int64_t step) {
  return name + " at step " + std::to_string(step);
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return false;
  return true;
}

// Of what was found, all that the unbroken run does not have, or has otherwise.
template <class Rows>
void compare(const Rows& found, const Rows& expected, Violations& out) {
  for (const auto& [key, value] : found) {
    const auto there = expected.find(key);
    if (there == expected.end())
      out.push_back(at(key.second, key.first) + " is not in the unbroken run");
    else if (!same_bits(value, there->second))
      out.push_back(at(key.second, key.first) + " has other bits");
  }
}

void check_keyframes(const RunFile& file, Violations& out) {
  for (const std::int64_t step : file.keyframe_steps()) {
    const std::string digest = file.keyframe(step).digest;  // throws if the bytes have another
    const auto expected = unbroken().keyframes.find(step);
    if (expected != unbroken().keyframes.end() && digest != expected->second)
      out.push_back(at("keyframe", step) + " is another");
  }
}

void check_moment(const RunFile& file, const testing::Everything& found, std::int64_t step,
                  Violations& out) {
  const auto moment = unbroken().moments.find(step);
  if (moment == unbroken().moments.end()) return;  // of an interrupt: an event, a keyframe
  for (const std::string& name : moment->second.metrics)
    if (!found.metrics.contains({step, name})) out.push_back(at(name, step) + " is lost");
  for (const std::string& name : moment->second.arrays)
    if (!found.arrays.contains({step, name})) out.push_back(at(name, step) + " is lost");
  if (!moment->second.has_keyframe) return;
  const std::vector<std::int64_t> steps = file.keyframe_steps();
  if (std::find(steps.begin(), steps.end(), step) == steps.end())
    out.push_back(at("keyframe", step) + " is lost");
}

void check_whole(const testing::Everything& found, Violations& out) {
  const testing::Everything& expected = unbroken().everything;
  if (found.metrics.size() != expected.metrics.size())
    out.push_back(std::to_string(found.metrics.size()) + " metrics instead of " +
                  std::to_string(expected.metrics.size()));
  if (found.arrays.size() != expected.arrays.size())
    out.push_back(std::to_string(found.arrays.size()) + " arrays instead of " +
                  std::to_string(expected.arrays.size()));
  if (found.last_keyframe != expected.last_keyframe) out.push_back("the last keyframe is another");
}

void check_file(const RunFile& file, const Promises& promises, Violations& out) {
  const testing::Everything found = testing::everything_in(file);
  if (file.spec_digest() != spec_digest(unbroken().spec)) out.push_back("the spec is another");
  compare(found.metrics, unbroken().everything.metrics, out);
  compare(found.arrays, unbroken().everything.arrays, out);
  check_keyframes(file, out);
  for (const std::int64_t step : promises.moments) check_moment(file, found, step, out);
  if (promises.run_is_whole) check_whole(found, out);
  for (const char* kind : {"closed", "key_frequencies"}) {
    const std::size_t n = file.events(kind).size();
    if (n > 1 || (n == 0 && promises.run_is_whole))
      out.push_back(std::to_string(n) + " events of kind " + kind);
  }
}

}  // namespace

std::vector<std::int64_t> Unbroken::steps() const {
  std::vector<std::int64_t> out;
  for (const auto& [step, moment] : moments) out.push_back(step);
  return out;
}

const Unbroken& unbroken() {
  static const Unbroken the_run = run_unbroken();
  return the_run;
}

RunResult begin_or_go_on(const fs::path& path, RunObserver* observer,
                         const std::atomic<bool>* stop) {
  const RunOptions options{.n_threads = 1, .observer = observer, .stop = stop};
  return fs::exists(path) ? resume(path, options) : run(unbroken().spec, path, options);
}

Violations check_promises(const fs::path& path, const Promises& promises) {
  Violations out;
  if (!fs::exists(path)) {
    if (promises.file_is_there || !promises.moments.empty() || promises.run_is_whole)
      out.push_back("the file is not there");
    return out;
  }
  try {
    check_file(RunFile::open(path, Access::read), promises, out);
  } catch (const std::exception& error) {
    out.push_back(std::string("does not open or read: ") + error.what());
  }
  return out;
}

Violations check_end(const fs::path& path) {
  try {
    const RunResult result = begin_or_go_on(path, nullptr);
    if (result.ending != Ending::done || !result.is_closed) return {"the run did not end"};
  } catch (const std::exception& error) {
    return {std::string("does not go on: ") + error.what()};
  }
  return check_promises(path, {true, {}, true});
}

Promises leave_killed(const fs::path& path, std::int64_t step) {
  class DieAt : public RunObserver {
   public:
    explicit DieAt(std::int64_t at_step) : step_(at_step) {}
    void on_moment(const Moment& moment) override {
      if (moment.step == step_) ::_exit(0);
    }

   private:
    std::int64_t step_;
  } die(step);
  if (in_a_child([&] { begin_or_go_on(path, &die); }) != 0)
    throw std::logic_error("the child ended otherwise than it was to");
  Promises out{.file_is_there = true};
  for (const std::int64_t kept : unbroken().steps())
    if (kept <= step) out.moments.insert(kept);
  return out;
}

Promises leave_interrupted(const fs::path& path, std::int64_t step) {
  testing::StopAt stopper(step);
  begin_or_go_on(path, &stopper, &stopper.flag);
  Promises out{.file_is_there = true};
  for (const std::int64_t kept : unbroken().steps())
    if (kept <= step) out.moments.insert(kept);
  return out;
}

Files files_in(const fs::path& directory) {
  Files out;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    out[name] = read_text(entry.path());
  }
  return out;
}

void put_files(const fs::path& directory, const Files& files) {
  for (const fs::directory_entry& entry : fs::directory_iterator(directory))
    fs::remove(entry.path());
  for (const auto& [name, bytes] : files) write_text(directory / name, bytes);
}

}  // namespace grok::faults
