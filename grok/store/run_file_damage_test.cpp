// Files that are not run files, or no longer: each kind has its own message, none does harm.

#include <gtest/gtest.h>

#include "grok/store/run_file.h"
#include "grok/store/run_schema.h"
#include "grok/store/stored_array.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

namespace grok {
namespace {

class run_file_damage : public testing::Test {
 protected:
  run_file_damage() {
    RunFile run = RunFile::create(path, R"({"p":113})", "d1gest", R"({"m":1})");
    for (std::int64_t step = 0; step < 3; ++step) {
      Moment moment;
      moment.step = step;
      moment.metrics = {{"loss", 0.25}};
      moment.arrays.push_back({"x", DoubleTensor(Shape{100}), ArrayPrecision::f64});
      moment.keyframe.emplace();
      moment.keyframe->add("w", Tensor(Shape{1500}, std::vector<float>(1500, 1.5f)));
      moment.events = {{step, "tick", "{}"}};
      run.commit(moment);
    }
  }

  // Reads all there is; whatever is wrong must come out as Error.
  static std::size_t read_everything(const std::filesystem::path& file) {
    const RunFile run = RunFile::open(file, Access::read);
    std::size_t n = run.spec_json().size() + run.manifest_json().size() + run.metrics().size();
    for (const std::string& name : run.array_metric_names()) n += run.array_metric(name).size();
    for (const std::int64_t step : run.keyframe_steps()) n += run.keyframe(step).tensors.size();
    return n + run.events().size();
  }

  void change(const std::string& sql) const {
    Database(path, Database::Mode::read_write).execute(sql);
  }
  testing::AssertionResult opening_fails(ErrorCode code, const std::string& words) const {
    return fails_with(code, words, [&] { RunFile::open(path, Access::read); });
  }

  TemporaryDirectory directory;
  std::filesystem::path path = directory / "a.grok";
};

TEST_F(run_file_damage, is_not_seen_where_there_is_none) { EXPECT_EQ(read_everything(path), 28u); }

TEST_F(run_file_damage, of_each_kind_has_its_own_message) {
  const ErrorCode damaged = ErrorCode::damaged;
  std::filesystem::remove(path);
  EXPECT_TRUE(opening_fails(ErrorCode::not_found, "a.grok: cannot open: No such file"));
  std::filesystem::create_directory(path);
  EXPECT_TRUE(opening_fails(ErrorCode::unavailable, "is a directory"));
  std::filesystem::remove(path);
  write_text(path, "");
  EXPECT_TRUE(opening_fails(damaged, "is empty (0 bytes)"));
  write_text(path, "x");
  EXPECT_TRUE(opening_fails(damaged, "holds no page of a database"));
  write_text(path, "short");
  EXPECT_TRUE(opening_fails(damaged, "not a database; the file is of another kind"));
  write_text(path, std::string(10000, 'x'));
  EXPECT_TRUE(opening_fails(damaged, "not a database; the file is of another kind"));
}

TEST_F(run_file_damage, another_programs_database_is_not_a_run) {
  change("PRAGMA application_id = 252006673");
  EXPECT_TRUE(opening_fails(ErrorCode::damaged, "not a run file: its application id is 252006673"));
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "not a run file",
                         [&] { RunFile::open(path, Access::read_write); }));
}

TEST_F(run_file_damage, later_versions_are_refused_with_both_numbers) {
  change("PRAGMA user_version = 3");
  EXPECT_TRUE(
      opening_fails(ErrorCode::unsupported, "has format version 3; this program reads up to 2"));
  change("PRAGMA user_version = 0");
  EXPECT_TRUE(opening_fails(ErrorCode::damaged, "has format version 0"));
}

TEST_F(run_file_damage, columns_that_a_later_version_adds_do_not_disturb) {
  change("ALTER TABLE metric ADD COLUMN mood INTEGER NOT NULL DEFAULT 0");
  RunFile run = RunFile::open(path, Access::read_write);
  Moment moment;
  moment.step = 9;
  moment.metrics = {{"loss", 1.0}};
  run.commit(moment);
  EXPECT_EQ(run.metric("loss").size(), 4u);
}

TEST_F(run_file_damage, missing_parts_are_noticed) {
  change("DELETE FROM spec");
  EXPECT_TRUE(opening_fails(ErrorCode::damaged, "table spec has 0 rows"));
  change("DROP TABLE event");
  EXPECT_TRUE(opening_fails(ErrorCode::damaged, "no such table: event"));
}

TEST_F(run_file_damage, of_a_keyframe_is_found_by_its_digest) {
  change("UPDATE keyframe SET data = CAST(replace(data, x'C03F', x'C13F') AS BLOB) WHERE step = 1");
  const RunFile run = RunFile::open(path, Access::read);
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "keyframe at step 1 (6072 bytes) has digest",
                         [&] { run.keyframe(1); }));
  EXPECT_EQ(run.keyframe(2).step, 2);  // the others are unharmed
}

// Who watches a file looks at the whole of it once, and at the rows that he reads each time.
TEST_F(run_file_damage, of_the_whole_is_not_looked_for_again_and_again) {
  change("UPDATE metric SET value = 7 WHERE step = 1");
  write_text(path, read_text(path) + "x");
  EXPECT_TRUE(opening_fails(ErrorCode::damaged, "no whole pages"));
  const RunFile again = RunFile::open(path, Access::reread);
  EXPECT_EQ(again.keyframe(1).step, 1);
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "", [&] { again.metrics(); }));
  write_text(path, std::string(10000, 'x'));
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "not a database",
                         [&] { RunFile::open(path, Access::reread); }));
}

TEST_F(run_file_damage, of_any_row_is_found_by_its_checksum) {
  struct Case {
    const char* sql;
    const char* words;
  };
  for (const Case& c :
       {Case{"UPDATE metric SET value = 0.26 WHERE step = 1", "metric loss at step 1"},
        Case{"UPDATE metric SET name = 'lass' WHERE step = 1", "metric lass at step 1"},
        Case{"UPDATE metric SET step = 9 WHERE step = 1", "metric loss at step 9"},
        Case{"UPDATE metric SET replayed = 1 WHERE step = 1", "metric loss at step 1"},
        Case{"UPDATE array_metric SET data = zeroblob(808)", "array metric x at step 0"},
        Case{"UPDATE array_metric SET shape = '[10, 10]'", "array metric x at step 0"},
        Case{"UPDATE event SET kind = 'tock' WHERE step = 2", "event 3 at step 2"},
        Case{"UPDATE event SET id = 4 WHERE step = 2", "event 4 at step 2"},
        Case{"UPDATE keyframe SET step = 9 WHERE step = 2", "the digest of the keyframe at step 9"},
        Case{"UPDATE spec SET json = '{}'", "the spec"},
        Case{"UPDATE spec SET digest = 'e'", "the spec"},
        Case{"UPDATE manifest SET json = '{}'", "the manifest"}}) {
    const std::string whole = read_text(path);
    change(c.sql);
    EXPECT_TRUE(fails_with(ErrorCode::damaged,
                           std::string("a.grok: ") + c.words + " does not have the checksum",
                           [&] { read_everything(path); }))
        << c.sql;
    write_text(path, whole);
  }
}

TEST(stored_array, is_read_only_if_type_shape_and_length_agree) {
  const std::vector<std::byte> data(800);
  EXPECT_EQ(read_stored_array("F64", "[100]", data, "x").shape, Shape{100});
  EXPECT_EQ(read_stored_array("F32", "[2, 100]", data, "x").shape, (Shape{2, 100}));
  for (const char* shape : {"[101]", "[-100]", "[4294967296, 4294967296]", "[100",
                            "[1,1,1,1,1,1,1,1,100]", "[100,]", ""})
    EXPECT_TRUE(fails_with(ErrorCode::damaged, "x: 800 bytes do not make dtype F64", [&] {
      read_stored_array("F64", shape, data, "x");
    })) << shape;
  for (const char* dtype : {"F32", "I64", ""})
    EXPECT_THROW(read_stored_array(dtype, "[100]", data, "x"), Error) << dtype;
}

// The tables as the first version had them.
TEST_F(run_file_damage, an_earlier_version_is_read_and_not_written) {
  change(R"(
    PRAGMA user_version = 1;
    ALTER TABLE spec DROP COLUMN checksum; ALTER TABLE manifest DROP COLUMN checksum;
    ALTER TABLE metric DROP COLUMN checksum; ALTER TABLE metric DROP COLUMN replayed;
    ALTER TABLE array_metric DROP COLUMN checksum; ALTER TABLE array_metric DROP COLUMN replayed;
    ALTER TABLE keyframe DROP COLUMN checksum; ALTER TABLE event DROP COLUMN checksum)");
  EXPECT_EQ(read_everything(path), 28u);
  EXPECT_EQ(RunFile::open(path, Access::read).last_step(), 2);
  EXPECT_TRUE(fails_with(ErrorCode::unsupported,
                         "has format version 1, which this program reads but no longer writes",
                         [&] { RunFile::open(path, Access::read_write); }));
}

TEST_F(run_file_damage, by_cutting_short_is_always_noticed) {
  const std::string whole = read_text(path);
  const auto cut = directory / "cut.grok";
  ASSERT_GT(whole.size(), 20000u);
  for (std::size_t n = 0; n < whole.size(); n += 512) {
    write_text(cut, whole.substr(0, n));
    EXPECT_TRUE(fails_with(ErrorCode::damaged, "cut.grok", [&] { read_everything(cut); })) << n;
    EXPECT_TRUE(fails_with(ErrorCode::damaged, "cut.grok", [&] {
      RunFile::open(cut, Access::read_write);
    })) << n;
  }
}

// Bytes overwritten anywhere: an Error, or a number that differs, but no crash and no hang; and
// what comes back as a keyframe is always the one that was recorded.
TEST_F(run_file_damage, by_overwriting_does_no_harm) {
  const std::string whole = read_text(path);
  const auto broken = directory / "broken.grok";
  int n_noticed = 0;
  for (const char filler : {'\0', '\x7F', '\xFF'}) {
    for (std::size_t at = 0; at + 8 <= whole.size(); at += 272) {
      std::string bytes = whole;
      bytes.replace(at, 8, std::string(8, filler));
      write_text(broken, bytes);
      try {
        read_everything(broken);
        const RunFile run = RunFile::open(broken, Access::read);
        for (const std::int64_t step : run.keyframe_steps()) {
          EXPECT_EQ(run.keyframe(step).tensors.at("w").data, AlignedVector<float>(1500, 1.5f))
              << at;
        }
      } catch (const Error&) {
        ++n_noticed;
      }
    }
  }
  EXPECT_GT(n_noticed, 120);  // most of the file is keyframes, unused pages aside
}

TEST_F(run_file_damage, of_the_log_loses_only_what_the_log_held) {
  const auto copy = directory / "copy.grok";
  {
    RunFile run = RunFile::open(path, Access::read_write);
    Moment moment;
    moment.step = 7;
    moment.metrics = {{"loss", 1.0}};
    run.commit(moment);
    std::filesystem::copy_file(path, copy);
    const std::string log = read_text(path.string() + "-wal");
    write_text(copy.string() + "-wal", log.substr(0, log.size() - 100));
  }
  RunFile run = RunFile::open(copy, Access::read_write);
  EXPECT_EQ(run.last_step(), 2);  // the torn moment was never acknowledged as this file sees it
}

}  // namespace
}  // namespace grok
