#include "grok/store/run_file.h"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "grok/base/digest.h"
#include "grok/store/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

namespace grok {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

class run_file : public testing::Test {
 protected:
  RunFile create() const { return RunFile::create(path, R"({"p":113})", "d1gest", R"({"m":1})"); }
  RunFile reader() const { return RunFile::open(path, Access::read); }

  TemporaryDirectory directory;
  std::filesystem::path path = directory / "a.grok";
};

NamedTensors weights(float first) {
  NamedTensors tensors;
  tensors.add("W_E", Tensor(Shape{2, 2}, std::vector<float>{first, 2, 3, -0.0f}));
  tensors.add("adam.m.W_E", Tensor(Shape{0}));
  return tensors;
}

Moment moment_at(std::int64_t step) {
  Moment moment;
  moment.step = step;
  moment.metrics = {{"train_loss", 1.0 / static_cast<double>(step + 1)}, {"a", 7.0}};
  return moment;
}

TEST_F(run_file, keeps_its_spec_and_manifest) {
  create().close();
  const RunFile run = reader();
  EXPECT_EQ(run.spec_json(), R"({"p":113})");
  EXPECT_EQ(run.spec_digest(), "d1gest");
  EXPECT_EQ(run.manifest_json(), R"({"m":1})");
  EXPECT_EQ(run.last_step(), std::nullopt);
  EXPECT_FALSE(run.last_keyframe().has_value());
  EXPECT_TRUE(run.metric("none").empty());
}

TEST_F(run_file, is_one_file_after_a_clean_close) {
  RunFile run = create();
  run.commit(moment_at(0));
  EXPECT_GT(directory.n_files(), 1u);  // the log stands beside it
  run.close();
  EXPECT_EQ(directory.n_files(), 1u);
  EXPECT_EQ(read_text(path).substr(0, 15), "SQLite format 3");
  EXPECT_EQ(read_text(path).substr(18, 2), "\1\1");  // rollback journal: opens on read-only media
  EXPECT_EQ(read_text(path).substr(68, 4), "Grok");
}

TEST_F(run_file, gives_metrics_back_bit_for_bit) {
  RunFile run = create();
  Moment moment;
  const std::vector<double> values = {0.1, -1e-308 / 8, infinity, -infinity, 3, 1e300, 1.0 / 3};
  for (std::size_t i = 0; i < values.size(); ++i) {
    moment.step = static_cast<std::int64_t>(i);
    moment.metrics = {{"x", values[i]}};
    run.commit(moment);
  }
  moment.step = 99;
  moment.metrics = {{"x", nan_value}};
  run.commit(moment);
  const std::vector<MetricPoint> back = run.metric("x");
  ASSERT_EQ(back.size(), values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(back[i].step, static_cast<std::int64_t>(i));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back[i].value), std::bit_cast<std::uint64_t>(values[i]));
  }
  EXPECT_TRUE(std::isnan(back.back().value));
}

TEST_F(run_file, lists_metrics_by_step_and_name) {
  RunFile run = create();
  run.commit(moment_at(10));
  run.commit(moment_at(5));
  EXPECT_EQ(run.metric_names(), (std::vector<std::string>{"a", "train_loss"}));
  const std::vector<MetricRow> rows = run.metrics();
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].step, 5);
  EXPECT_EQ(rows[0].name, "a");
  EXPECT_EQ(rows[3].name, "train_loss");
  EXPECT_EQ(rows[3].value, 1.0 / 11);
  EXPECT_EQ(run.metrics(5).size(), 2u);
  EXPECT_EQ(run.metrics(10).size(), 0u);
  EXPECT_EQ(run.last_step(), 10);
}

TEST_F(run_file, keeps_arrays_in_both_precisions) {
  RunFile run = create();
  Moment moment;
  moment.arrays.push_back(
      {"norms", DoubleTensor(Shape{2, 2}, std::vector<double>{0.1, nan_value, -infinity, -0.0}),
       ArrayPrecision::f64});
  moment.arrays.push_back(
      {"small", DoubleTensor(Shape{1}, std::vector<double>{0.1}), ArrayPrecision::f32});
  moment.arrays.push_back({"none", DoubleTensor(Shape{0, 3}), ArrayPrecision::f64});
  moment.arrays.push_back(
      {"scalar", DoubleTensor(Shape{}, std::vector<double>{2}), ArrayPrecision::f32});
  run.commit(moment);
  const DoubleTensor norms = run.array_metric_at("norms", 0).value();
  EXPECT_EQ(norms.shape, (Shape{2, 2}));
  EXPECT_EQ(norms.data[0], 0.1);
  EXPECT_TRUE(std::isnan(norms.data[1]));
  EXPECT_TRUE(std::signbit(norms.data[3]));
  EXPECT_EQ(run.array_metric_at("small", 0)->data[0], static_cast<double>(0.1f));
  EXPECT_EQ(run.array_metric_at("none", 0)->shape, (Shape{0, 3}));
  EXPECT_EQ(run.array_metric_at("scalar", 0)->shape, Shape{});
  EXPECT_EQ(run.array_metric("norms").size(), 1u);
  EXPECT_EQ(run.array_metric_names(),
            (std::vector<std::string>{"none", "norms", "scalar", "small"}));
  EXPECT_FALSE(run.array_metric_at("norms", 1).has_value());
}

TEST_F(run_file, keeps_keyframes_under_their_digest) {
  RunFile run = create();
  for (const std::int64_t step : {0, 10, 20}) {
    Moment moment = moment_at(step);
    moment.keyframe = weights(static_cast<float>(step));
    run.commit(moment);
  }
  EXPECT_EQ(run.keyframe_steps(), (std::vector<std::int64_t>{0, 10, 20}));
  EXPECT_EQ(run.keyframe(10).tensors, weights(10));
  EXPECT_EQ(run.keyframe(10).digest, sha256_hex(encode_safetensors(weights(10))));
  EXPECT_EQ(run.keyframe_digest(20), run.keyframe(20).digest);
  EXPECT_EQ(run.last_keyframe()->step, 20);
  EXPECT_EQ(run.keyframe_at_or_before(19)->step, 10);
  EXPECT_EQ(run.keyframe_at_or_before(10)->step, 10);
  EXPECT_FALSE(run.keyframe_at_or_before(-1).has_value());
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "no keyframe at step 11; the run has 3",
                         [&] { run.keyframe(11); }));
}

TEST_F(run_file, keeps_events_in_the_order_of_recording) {
  RunFile run = create();
  Moment moment;
  moment.events = {{50, "phase_change", R"({"to":"cleanup"})"}, {10, "resume", "{}"}};
  run.commit(moment);
  EXPECT_EQ(run.events(), moment.events);
  EXPECT_EQ(run.events("resume"), (std::vector<Event>{{10, "resume", "{}"}}));
  EXPECT_TRUE(run.events("none").empty());
}

TEST_F(run_file, records_a_number_once_and_a_moment_whole_or_not_at_all) {
  RunFile run = create();
  run.commit(moment_at(1));
  Moment again;
  again.step = 1;
  again.metrics = {{"new", 1.0}, {"a", 2.0}};
  again.keyframe = weights(1);
  EXPECT_THROW(run.commit(again), ContractBroken);
  EXPECT_TRUE(run.metric("new").empty());  // undone with the rest
  EXPECT_TRUE(run.keyframe_steps().empty());
  EXPECT_EQ(run.metric("a")[0].value, 7.0);
  run.commit(moment_at(2));  // and it goes on
  EXPECT_EQ(run.last_step(), 2);
}

TEST_F(run_file, goes_on_after_being_reopened) {
  create().commit(moment_at(0));
  {
    RunFile run = RunFile::open(path, Access::read_write);
    run.commit(moment_at(1));
  }
  EXPECT_EQ(reader().metric("a").size(), 2u);
  EXPECT_EQ(directory.n_files(), 1u);
}

TEST_F(run_file, is_read_while_it_is_written_and_neither_waits) {
  RunFile writer = create();
  writer.commit(moment_at(0));
  const RunFile run = reader();
  EXPECT_EQ(run.metric("a").size(), 1u);
  const Database foreign(path, Database::Mode::read);
  foreign.execute("BEGIN");
  EXPECT_EQ(foreign.integer("SELECT count(*) FROM metric"), 2);
  for (std::int64_t step = 1; step <= 50; ++step) writer.commit(moment_at(step));
  EXPECT_EQ(foreign.integer("SELECT count(*) FROM metric"), 2);  // its own moment in time
  EXPECT_EQ(run.metric("a").size(), 51u);
}

TEST_F(run_file, is_whole_when_closed_before_its_readers) {
  RunFile writer = create();
  writer.commit(moment_at(0));
  const RunFile run = reader();
  EXPECT_EQ(run.metric("a").size(), 1u);
  writer.close();
  EXPECT_EQ(run.metric("a").size(), 1u);
  // All of it is in the main file: a copy of that alone has it.
  std::filesystem::copy_file(path, directory / "copy.grok");
  EXPECT_EQ(RunFile::open(directory / "copy.grok", Access::read).metric("a").size(), 1u);
}

TEST_F(run_file, has_one_writer_at_a_time) {
  RunFile writer = create();
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "another program is writing",
                         [&] { RunFile::open(path, Access::read_write); }));
  writer.close();
  RunFile::open(path, Access::read_write).commit(moment_at(0));
}

TEST_F(run_file, is_never_overwritten_by_a_new_one) {
  create().commit(moment_at(0));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "exists already", [&] { create(); }));
  EXPECT_EQ(reader().metric("a").size(), 1u);
  EXPECT_EQ(directory.n_files(), 1u);
}

TEST_F(run_file, is_not_mixed_with_the_log_of_a_deleted_one) {
  {
    RunFile old = create();
    old.commit(moment_at(5));
    std::filesystem::copy_file(path.string() + "-wal", directory / "kept");
  }
  std::filesystem::remove(path);
  std::filesystem::rename(directory / "kept", path.string() + "-wal");
  RunFile run = create();
  EXPECT_EQ(run.last_step(), std::nullopt);
}

TEST_F(run_file, refuses_a_place_where_it_cannot_be) {
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "none/a.grok: cannot write in its directory",
                         [&] { RunFile::create(directory / "none/a.grok", "{}", "", "{}"); }));
  write_text(directory / "file", "x");
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "Not a directory",
                         [&] { RunFile::create(directory / "file/a.grok", "{}", "", "{}"); }));
}

TEST_F(run_file, cannot_be_written_when_opened_for_reading) {
  create().close();
  RunFile run = reader();
  EXPECT_THROW(run.commit(moment_at(0)), ContractBroken);
}

TEST_F(run_file, refuses_nonsense_from_its_caller) {
  RunFile run = create();
  EXPECT_THROW(run.commit(moment_at(-1)), ContractBroken);
  Moment nameless;
  nameless.metrics = {{"", 1.0}};
  EXPECT_THROW(run.commit(nameless), ContractBroken);
  run.close();
  EXPECT_THROW(run.commit(moment_at(0)), ContractBroken);
}

}  // namespace
}  // namespace grok
