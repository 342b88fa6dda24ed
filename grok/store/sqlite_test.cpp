#include "grok/store/sqlite.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

namespace grok {
namespace {

class sqlite : public testing::Test {
 protected:
  TemporaryDirectory directory;
  std::filesystem::path path = directory / "a.db";
  Database database{path, Database::Mode::create};
};

TEST_F(sqlite, binds_and_reads_every_type) {
  database.execute("CREATE TABLE t(i, x, s, b, n)");
  const std::string text("zero\0inside", 11);
  const std::vector<std::byte> bytes = {std::byte{0}, std::byte{255}};
  Statement insert = database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
  insert.bind(1, std::int64_t{-1} << 62).bind(2, 0.1).bind(3, text);
  insert.bind(4, std::span<const std::byte>(bytes)).bind(5, std::nan("")).step();
  Statement row = database.prepare("SELECT i, x, s, b, n FROM t");
  ASSERT_TRUE(row.step());
  EXPECT_EQ(row.integer(0), std::int64_t{-1} << 62);
  EXPECT_EQ(row.number(1), 0.1);
  EXPECT_EQ(row.text(2), text);
  EXPECT_EQ(std::vector(row.blob(3).begin(), row.blob(3).end()), bytes);
  EXPECT_TRUE(row.is_null(4));
  EXPECT_TRUE(std::isnan(row.number(4)));
  EXPECT_FALSE(row.step());
}

TEST_F(sqlite, tells_empty_from_null) {
  database.execute("CREATE TABLE t(s TEXT NOT NULL, b BLOB NOT NULL)");
  database.prepare("INSERT INTO t VALUES (?, ?)")
      .bind(1, std::string_view())
      .bind(2, std::span<const std::byte>())
      .step();
  EXPECT_EQ(database.text("SELECT typeof(s) || typeof(b) || length(b) FROM t"), "textblob0");
}

TEST_F(sqlite, undoes_a_transaction_that_is_not_committed) {
  database.execute("CREATE TABLE t(x)");
  {
    Transaction kept(database);
    database.execute("INSERT INTO t VALUES (1)");
    kept.commit();
  }
  {
    Transaction lost(database);
    database.execute("INSERT INTO t VALUES (2)");
  }
  EXPECT_EQ(database.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(sqlite, names_the_file_and_the_cause_of_a_failure) {
  EXPECT_TRUE(fails_with(ErrorCode::damaged, "a.db: no such table: none; the tables are not",
                         [&] { database.execute("SELECT * FROM none"); }));
  database.execute("CREATE TABLE t(x)");
  database.execute("PRAGMA max_page_count = 3");
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "the disk or the quota is full",
                         [&] { database.execute("INSERT INTO t VALUES (zeroblob(99999))"); }));
  EXPECT_TRUE(fails_with(ErrorCode::unsupported, "at most 10^9 bytes",
                         [&] { database.execute("INSERT INTO t VALUES (zeroblob(2000000000))"); }));
  Database reader(path, Database::Mode::read);
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "who may write",
                         [&] { reader.execute("INSERT INTO t VALUES (1)"); }));
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "unable to open database file",
                         [&] { Database(directory / "none.db", Database::Mode::read); }));
}

// As a kill leaves it: a transaction half written into the file, and the journal that undoes it.
TEST_F(sqlite, reads_a_file_whose_writer_was_killed_in_a_transaction) {
  database.execute("CREATE TABLE t(x); INSERT INTO t VALUES (1); PRAGMA cache_size = 1");
  database.execute("BEGIN");
  for (int i = 0; i < 100; ++i) database.execute("INSERT INTO t VALUES (zeroblob(5000))");
  const std::filesystem::path killed = directory / "killed.db";
  std::filesystem::copy_file(path, killed);
  std::filesystem::copy_file(directory / "a.db-journal", directory / "killed.db-journal");
  database.execute("ROLLBACK");
  const Database reader(killed, Database::Mode::read);
  EXPECT_EQ(reader.integer("SELECT count(*) FROM t"), 1);
}

TEST_F(sqlite, waits_for_no_more_than_its_patience) {
  database.execute("CREATE TABLE t(x)");
  const Transaction busy(database);
  Database other(path, Database::Mode::read_write);
  other.set_patience(0);
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "another program is using the file",
                         [&] { Transaction transaction(other); }));
}

TEST_F(sqlite, takes_a_broken_constraint_for_the_callers_mistake) {
  database.execute("CREATE TABLE t(x PRIMARY KEY)");
  database.execute("INSERT INTO t VALUES (1)");
  EXPECT_THROW(database.execute("INSERT INTO t VALUES (1)"), ContractBroken);
  EXPECT_THROW(database.prepare("SELECT ?").bind(2, 1.0), ContractBroken);
  EXPECT_THROW(database.integer("SELECT x FROM t WHERE x = 2"), ContractBroken);
}

TEST_F(sqlite, will_not_close_under_a_living_statement) {
  {
    Statement alive = database.prepare("SELECT 1");
    EXPECT_TRUE(alive.step());
    EXPECT_THROW(database.close(), Error);
  }
  database.close();
  EXPECT_THROW(database.prepare("SELECT 1"), ContractBroken);
}

TEST(sqlite_names, that_mean_something_to_sqlite_are_files_here) {
  const TemporaryDirectory directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path());
  Database(":memory:", Database::Mode::create).execute("CREATE TABLE t(x)");
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(directory / ":memory:"));
}

}  // namespace
}  // namespace grok
