#include "grok/lab/run.h"

#include <memory>

#include "grok/base/error.h"
#include "grok/base/threads.h"
#include "grok/lab/closing.h"
#include "grok/lab/foreign.h"
#include "grok/lab/fork.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/manifest.h"
#include "grok/lab/parts_fit.h"
#include "grok/lab/recorder.h"
#include "grok/lab/same_bits.h"
#include "grok/lab/spec_difference.h"
#include "grok/lab/spec_schema.h"
#include "grok/train/trainer.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

bool is_stopped(const RunOptions& options) { return options.stop && options.stop->load(); }

int n_threads_of(const RunOptions& options) {
  return options.n_threads > 0 ? options.n_threads : n_cores();
}

// Takes the run from its last keyframe, or its start, to its ending.
class Session {
 public:
  Session(RunFile& file, const RunSpec& spec, const RunOptions& options)
      : file_(file),
        spec_(spec),
        options_(options),
        pool_(n_threads_of(options)),
        task_(tasks::data_of(spec.task)),
        probes_(spec.model, task_, probes_of(spec), pool_) {}

  RunResult go() {
    RunResult result;
    const std::optional<EndingEvent> before = ending_of(file_);
    if (is_over(before)) {
      result = {before->ending, before->step, before->step};
    } else {
      result = train();
    }
    if (result.ending != Ending::interrupted)
      result.is_closed = is_closed(file_) || close_run(file_, spec_, probes_, options_);
    return result;
  }

 private:
  // What the file holds past the keyframe stays there: the recorder compares when it comes by.
  std::unique_ptr<Trainer> make_trainer(const std::optional<Keyframe>& from) {
    if (!from) return std::make_unique<Trainer>(spec_, task_, pool_);
    file_.commit({.step = from->step, .events = {resume_event(from->step)}});
    return std::make_unique<Trainer>(spec_, task_, pool_, checkpoint_of(*from));
  }

  Event resume_event(std::int64_t step) const {
    return {step, "resume", manifest_json(pool_.n_threads())};
  }

  RunResult train() {
    const std::optional<Keyframe> from = file_.last_keyframe();
    if (!from && !spec_.fork.empty())
      throw Error(ErrorCode::damaged, file_.path().string() +
                                          ": a fork without the keyframe that it begins with; the "
                                          "file was damaged");
    const std::unique_ptr<Trainer> trainer = make_trainer(from);
    Recorder recorder(file_, spec_, probes_, options_.observer);
    const std::int64_t first_step = trainer->steps_done();
    if (options_.observer) options_.observer->on_begin(spec_, first_step);
    std::optional<Ending> ending = recorder.keep(*trainer, is_stopped(options_));
    while (!ending) {
      const double loss = trainer->step();
      if (const std::string what = trainer->diverged(); !what.empty()) {
        recorder.keep_divergence(*trainer, what);
        ending = Ending::diverged;
        break;
      }
      if (options_.observer) options_.observer->on_step(trainer->steps_done(), loss);
      ending = recorder.keep(*trainer, is_stopped(options_));
    }
    return {*ending, trainer->steps_done(), first_step};
  }

  RunFile& file_;
  const RunSpec& spec_;
  const RunOptions& options_;
  ThreadPool pool_;
  TaskData task_;
  ProbeSet probes_;
};

RunResult go_on(RunFile& file, const RunSpec& spec, const RunOptions& options) {
  if (!is_over(ending_of(file))) require_same_plan(file);  // what is over needs no more bits
  RunResult result = Session(file, spec, options).go();
  file.close();
  return result;
}

}  // namespace

RunResult run(const RunSpec& given, const fs::path& path, const RunOptions& options) {
  const RunSpec spec = completed_spec(given);
  std::error_code error;
  if (fs::exists(fs::symlink_status(path, error))) {
    RunFile file = RunFile::open(path, Access::read_write);
    const RunSpec there = naming_file(file, [&] { return stored_spec(file.spec_json()); });
    if (there != spec) throw another_spec(path, there, spec);
    return go_on(file, spec, options);
  }
  require_parts_fit(spec);  // what does not fit together, or not into a file, leaves no file
  RunFile file = RunFile::create(path, canonical_json(spec), spec_digest(spec),
                                 manifest_json(n_threads_of(options)));
  return go_on(file, spec, options);
}

RunResult resume(const fs::path& path, const RunOptions& options) {
  RunFile file = RunFile::open(path, Access::read_write);
  return naming_file(file, [&] {
    const RunSpec spec = stored_spec(file.spec_json());
    origin_of(file);  // is told at the end: what is wrong with it must not come out only then
    return go_on(file, spec, options);
  });
}

}  // namespace grok
