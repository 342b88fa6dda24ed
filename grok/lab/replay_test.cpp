// Any step of a run comes back, and what is measured there is what would have been measured then.

#include "grok/lab/replay.h"

#include <gtest/gtest.h>

#include "grok/lab/curves.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/replayer.h"
#include "grok/lab/testing.h"
#include "grok/spec/schedule.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

namespace fs = std::filesystem;
using testing::tiny_spec;

// The weights of every step, by training without a file.
std::vector<Weights> all_weights(const RunSpec& spec) {
  ThreadPool pool(1);
  const TaskData task = tasks::data_of(spec.task);
  Trainer trainer(spec, task, pool);
  std::vector<Weights> out{trainer.weights()};
  for (std::int64_t i = 0; i < spec.train.integer("steps"); ++i) {
    trainer.step();
    out.push_back(trainer.weights());
  }
  return out;
}

class replayed_run : public ::testing::Test {
 protected:
  replayed_run() { run(spec, path, {.n_threads = 1}); }
  void change(const std::string& sql) const {
    Database(path, Database::Mode::read_write).execute(sql);
  }
  RunFile reader() const { return RunFile::open(path, Access::read); }

  RunSpec spec = tiny_spec();
  TemporaryDirectory folder;
  fs::path path = folder / "a.grok";
};

TEST_F(replayed_run, has_every_step_again) {
  const std::vector<Weights> expected = all_weights(spec);
  const RunFile file = reader();
  ThreadPool pool(2);
  Replayer replayer(file, pool);
  // Forwards, backwards, onto keyframes (25, 100), both ends.
  for (const std::int64_t step : {1, 30, 31, 25, 99, 100, 7, 120, 0, 63})
    EXPECT_EQ(replayer.at(step)->weights, expected[static_cast<std::size_t>(step)]) << step;
  EXPECT_EQ(weights_at(file, 77), expected[77]);
}

TEST_F(replayed_run, goes_no_further_than_to_the_nearest_keyframe) {
  class Count : public RunObserver {
   public:
    void on_step(std::int64_t, double) override { ++n; }
    int n = 0;
  } count;
  const RunFile file = reader();
  ThreadPool pool(1);
  Replayer replayer(file, pool);
  replayer.set_observer(&count);
  replayer.at(110);
  EXPECT_EQ(count.n, 10);  // from 100
  replayer.at(112);
  EXPECT_EQ(count.n, 12);  // from where it stood
  replayer.at(32);
  EXPECT_EQ(count.n, 12);  // a log-spaced keyframe
}

TEST_F(replayed_run, has_no_steps_that_it_did_not_make) {
  const RunFile file = reader();
  for (const std::int64_t step : {-1, 121})
    EXPECT_TRUE(fails_with(ErrorCode::not_found, "the run has steps 0 to 120",
                           [&] { weights_at(file, step); }));
}

TEST_F(replayed_run, is_verified_from_end_to_end) {
  const ReplayResult result = replay(path, {});
  EXPECT_TRUE(result.is_complete);
  EXPECT_EQ(result.n_keyframes, static_cast<std::int64_t>(reader().keyframe_steps().size()));
  EXPECT_EQ(result.n_recorded, 0);
}

TEST_F(replayed_run, records_what_the_run_would_have_recorded) {
  const fs::path dense = folder / "dense.grok";
  run(tiny_spec({"record.every=1"}), dense, {.n_threads = 1});
  const ReplayResult result =
      replay(path, {.from = 40, .to = 60, .probes = {"loss_and_accuracy", "gini"}, .every = 1});
  EXPECT_GT(result.n_recorded, 0);
  EXPECT_GT(result.n_agreed, 0);  // at 40, 50 and 60, where the run itself recorded
  const RunFile file = reader(), expected = RunFile::open(dense, Access::read);
  for (const char* name : {"test_loss", "gini.W_E"}) {
    std::vector<double> found, wanted;
    for (const MetricPoint& p : file.metric(name))
      if (p.step >= 40 && p.step <= 60) found.push_back(p.value);
    for (const MetricPoint& p : expected.metric(name))
      if (p.step >= 40 && p.step <= 60) wanted.push_back(p.value);
    EXPECT_EQ(wanted.size(), 21u) << name;
    EXPECT_EQ(found, wanted) << name;
  }
}

TEST_F(replayed_run, is_marked_and_its_findings_stay_as_they_were) {
  const Phases before = phases_of(reader());
  replay(path, {.probes = {"loss_and_accuracy"}, .every = 1});
  const RunFile file = reader();
  for (const MetricPoint& point : file.metric("test_loss"))
    EXPECT_EQ(point.is_replayed, !is_recorded(spec, point.step)) << point.step;
  EXPECT_EQ(phases_of(file).memorized_step, before.memorized_step);
  EXPECT_EQ(recorded_points(file, "test_loss").size(), record_steps(spec, 120).size());
  ASSERT_EQ(file.events("replay").size(), 1u);
  EXPECT_NE(file.events("replay")[0].detail.find("loss_and_accuracy"), std::string::npos);
}

TEST_F(replayed_run, is_not_recorded_twice) {
  const ReplayRequest request{.from = 10, .to = 20, .probes = {"gini"}, .every = 1};
  const ReplayResult first = replay(path, request), second = replay(path, request);
  EXPECT_EQ(second.n_recorded, 0);
  EXPECT_EQ(second.n_agreed, first.n_recorded + first.n_agreed);
  EXPECT_EQ(reader().events("replay").size(), 1u);
}

TEST_F(replayed_run, measures_where_the_run_recorded_if_not_told_otherwise) {
  const fs::path few = folder / "few.grok";
  const RunSpec without = tiny_spec({"record.probes=none"});
  run(without, few, {.n_threads = 1});
  replay(few, {.probes = {"gini"}});
  const RunFile file = RunFile::open(few, Access::read);
  std::vector<std::int64_t> steps;
  for (const MetricPoint& point : file.metric("gini.W_E")) steps.push_back(point.step);
  EXPECT_EQ(steps, record_steps(without, 120));
}

// One number of one tensor, with its digest and checksum made anew: only computing it again tells.
TEST_F(replayed_run, that_was_forged_is_found_out_by_its_tensor) {
  {
    RunFile file = RunFile::open(path, Access::read_write);
    Keyframe frame = file.keyframe(75);
    frame.tensors.at("weights.embed.W_E").data[5] += 1e-3f;
    Database(path, Database::Mode::read_write).execute("DELETE FROM keyframe WHERE step = 75");
    file.commit({.step = 75, .keyframe = frame.tensors});
  }
  EXPECT_TRUE(fails_with(ErrorCode::damaged,
                         "the keyframe at step 75 is not what this program computes: "
                         "weights.embed.W_E differs in 1 of 192 numbers, the first at index 5",
                         [&] { replay(path, {}); }));
  EXPECT_NO_THROW(replay(path, {.to = 74}));
}

TEST_F(replayed_run, names_what_is_otherwise_where_bits_differ) {
  const fs::path other = folder / "other.grok";
  std::string manifest = reader().manifest_json();
  manifest.replace(manifest.find("\"compiler\":\"") + 12, 3, "tcc");
  Moment first{.step = 0, .keyframe = reader().keyframe(0).tensors};
  RunFile::create(other, canonical_json(spec), spec_digest(spec), manifest, &first)
      .commit({.step = 1, .keyframe = reader().keyframe(2).tensors});
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "the run was made with compiler \"tcc",
                         [&] { replay(other, {}); }));
}

TEST_F(replayed_run, of_another_plan_version_can_be_read_but_not_computed) {
  const fs::path old = folder / "old.grok";
  Moment first{.step = 0, .keyframe = reader().keyframe(0).tensors};
  RunFile::create(old, canonical_json(spec), spec_digest(spec), R"({"plan_version": 0})", &first)
      .commit({.step = 16, .keyframe = reader().keyframe(16).tensors});
  const RunFile file = RunFile::open(old, Access::read);
  EXPECT_EQ(weights_at(file, 16), weights_of(reader().keyframe(16)));
  EXPECT_TRUE(fails_with(ErrorCode::unsupported, "begun under plan version 0",
                         [&] { weights_at(file, 15); }));
}

// Between 53 and 57 lies no keyframe: it goes on to the next, at 64, before it writes.
TEST_F(replayed_run, records_nothing_before_a_keyframe_has_shown_that_it_is_the_run) {
  const ReplayRequest request{.from = 53, .to = 57, .probes = {"gini"}, .every = 1};
  EXPECT_EQ(replay(path, request).n_keyframes, 1);
  const fs::path forged = folder / "forged.grok";
  Moment wrong{.step = 0, .keyframe = reader().keyframe(0).tensors};
  RunFile file = RunFile::create(forged, canonical_json(spec), spec_digest(spec),
                                 reader().manifest_json(), &wrong);
  file.commit({.step = 0, .metrics = {{"all_loss", reader().metric("all_loss")[0].value}}});
  file.commit({.step = 45, .keyframe = reader().keyframe(50).tensors});
  file.commit({.step = 64, .keyframe = reader().keyframe(64).tensors});
  file.close();
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "the keyframe at step 64 is not what",
                         [&] { replay(forged, request); }));
  EXPECT_TRUE(RunFile::open(forged, Access::read).metric("gini.W_E").empty());
}

// A keyframe that was loaded, or lies before what was measured, tells nothing of the steps behind
// it.
TEST_F(replayed_run, records_nothing_behind_the_last_keyframe_that_agreed) {
  const RunFile whole = reader();
  const fs::path cut = folder / "cut.grok", forged = folder / "forged.grok";
  for (const fs::path& to : {cut, forged}) {
    Moment first{.step = 0, .keyframe = whole.keyframe(0).tensors};
    RunFile file =
        RunFile::create(to, canonical_json(spec), spec_digest(spec), whole.manifest_json(), &first);
    file.commit({.step = 0, .metrics = {{"all_loss", whole.metric("all_loss")[0].value}}});
    if (to == forged) {
      Moment wrong{.step = 50, .keyframe = whole.keyframe(50).tensors};
      wrong.keyframe->at("weights.embed.W_E").data[0] += 1;
      file.commit(wrong);
    }
    file.commit({.step = 60, .metrics = {{"all_loss", whole.metric("all_loss").back().value}}});
    file.close();
  }
  const ReplayRequest request{.from = 0, .to = 40, .probes = {"gini"}, .every = 10};
  const ReplayResult r = replay(cut, request);
  EXPECT_EQ(r.n_keyframes, 1);
  EXPECT_EQ(r.n_recorded, 4);  // of step 0
  EXPECT_EQ(r.n_left_out, 4 * 4);
  EXPECT_EQ(r.to, 9);
  EXPECT_EQ(RunFile::open(cut, Access::read).metric("gini.W_E").size(), 1u);
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "the keyframe at step 50 is not what",
                         [&] { replay(forged, request); }));
  EXPECT_TRUE(RunFile::open(forged, Access::read).metric("gini.W_E").empty());
}

TEST_F(replayed_run, that_is_broken_off_keeps_what_a_keyframe_vouches_for) {
  const std::vector<MetricPoint> before = reader().metric("gini.W_E");
  testing::StopAt stopper(60);
  const ReplayRequest request{.from = 40, .to = 63, .probes = {"gini"}, .every = 1};
  const ReplayResult r = replay(path, request, {1, &stopper, &stopper.flag});
  EXPECT_EQ(r.to, 50);  // the last keyframe before 60
  EXPECT_GT(r.n_left_out, 0);
  for (const MetricPoint& point : reader().metric("gini.W_E")) {
    const bool was_there =
        std::ranges::find(before, point.step, &MetricPoint::step) != before.end();
    EXPECT_TRUE(was_there || point.step <= 50) << point.step;
  }
}

TEST_F(replayed_run, begins_with_the_weights_that_its_spec_draws) {
  const fs::path forged = folder / "forged.grok";
  Moment wrong{.step = 0, .keyframe = reader().keyframe(1).tensors};
  wrong.keyframe->at("weights.embed.W_E").data[0] += 1;
  RunFile::create(forged, canonical_json(spec), spec_digest(spec), reader().manifest_json(), &wrong)
      .close();
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "the keyframe at step 0 is not what",
                         [&] { replay(forged, {}); }));
}

TEST_F(replayed_run, keeps_what_it_had_measured_when_it_was_stopped) {
  testing::StopAt stopper(50);
  const ReplayRequest request{.from = 40, .to = 60, .probes = {"gini"}, .every = 1};
  const ReplayResult first = replay(path, request, {1, &stopper, &stopper.flag});
  EXPECT_FALSE(first.is_complete);
  EXPECT_GT(first.n_recorded, 0);
  const ReplayResult second = replay(path, request);
  EXPECT_EQ(second.n_recorded + second.n_agreed, 21 * 4);  // four numbers a step
  EXPECT_GE(second.n_agreed, first.n_recorded + first.n_agreed);
}

TEST_F(replayed_run, refuses_nonsense) {
  EXPECT_TRUE(fails_with(ErrorCode::usage, "no probe named genie",
                         [&] { replay(path, {.probes = {"genie"}}); }));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "goes backwards",
                         [&] { replay(path, {.from = 50, .to = 40}); }));
  RunFile::create(folder / "new.grok", canonical_json(spec), spec_digest(spec), "{}").close();
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "no step 121; the run has steps 0 to 120",
                         [&] { replay(path, {.to = 121, .probes = {"gini"}}); }));
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "has no keyframe yet",
                         [&] { replay(folder / "new.grok", {}); }));
}

}  // namespace
}  // namespace grok
