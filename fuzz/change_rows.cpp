#include "fuzz/change_rows.h"

#include <array>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "fuzz/target.h"
#include "tests/formats/edit_run.h"

namespace grok::fuzz {
namespace {

using Random = std::minstd_rand;  // its output is specified

std::size_t below(Random& random, std::size_t n) { return random() % n; }

template <std::size_t n>
std::string_view any(const std::array<std::string_view, n>& words, Random& random) {
  return words[below(random, n)];
}

struct Column {
  std::string_view table, name;
};

constexpr std::array<Column, 19> columns{{{"spec", "json"},
                                          {"spec", "digest"},
                                          {"manifest", "json"},
                                          {"metric", "step"},
                                          {"metric", "name"},
                                          {"metric", "value"},
                                          {"array_metric", "step"},
                                          {"array_metric", "name"},
                                          {"array_metric", "dtype"},
                                          {"array_metric", "shape"},
                                          {"array_metric", "data"},
                                          {"keyframe", "step"},
                                          {"keyframe", "digest"},
                                          {"keyframe", "data"},
                                          {"keyframe", "data"},
                                          {"event", "id"},
                                          {"event", "step"},
                                          {"event", "kind"},
                                          {"event", "detail"}}};

constexpr std::array<std::string_view, 24> new_values{"NULL",
                                                      "0",
                                                      "-1",
                                                      "7",
                                                      "9223372036854775807",
                                                      "-9223372036854775808",
                                                      "1.5",
                                                      "9e999",
                                                      "-9e999",
                                                      "''",
                                                      "'x'",
                                                      "x''",
                                                      "x'FF00'",
                                                      "'[2, 3]'",
                                                      "'[4294967296,4294967296]'",
                                                      "'F32'",
                                                      "'{}'",
                                                      "'ending'",
                                                      "'key_frequencies'",
                                                      "'{\"ending\":\"done\",\"seconds\":1}'",
                                                      "'{\"frequencies\":[1,2]}'",
                                                      "'train_accuracy'",
                                                      "'neuron_frequency'",
                                                      "zeroblob(64)"};

constexpr std::array<std::string_view, 14> statements{
    "DELETE FROM metric WHERE random() % 2",
    "DELETE FROM keyframe",
    "DELETE FROM event WHERE kind <> 'ending'",
    "INSERT INTO event SELECT * FROM event",
    "INSERT INTO manifest SELECT * FROM manifest",
    "DROP TABLE event",
    "CREATE VIEW v AS SELECT * FROM metric",
    "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM metric; END",
    "CREATE INDEX i ON metric(name)",
    "ALTER TABLE metric ADD COLUMN c",
    "ALTER TABLE event RENAME COLUMN detail TO d",
    "PRAGMA user_version = 3",
    "PRAGMA application_id = 1",
    "VACUUM"};

// One connection serves every file in turn: to open one costs as much as to change a row.
class Database {
 public:
  Database() {
    if (sqlite3_open(":memory:", &handle_) != SQLITE_OK) return;
    // A program in the file may run for ever, and a page may claim a value of a gigabyte.
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, 1'000'000);
    sqlite3_progress_handler(
        handle_, 1'000'000, [](void*) { return 1; }, nullptr);
    formats::add_functions(handle_);
    sqlite3_create_function(handle_, "mutated", 2, SQLITE_UTF8, nullptr, mutated, nullptr, nullptr);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // SQLite may write into the copy, and lets it grow.
  bool hold(const std::uint8_t* data, std::size_t size) const {
    auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(size));
    if (!copy) return false;
    std::memcpy(copy, data, size);
    // Write-ahead mode does not exist in memory: the head is made to say otherwise.
    if (size > 20 && copy[18] == 2) copy[18] = copy[19] = 1;
    const auto n = static_cast<sqlite3_int64>(size);
    return sqlite3_deserialize(handle_, "main", copy, n, n,
                               SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
           SQLITE_OK;
  }
  bool execute(const std::string& sql) const {
    return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }
  std::vector<unsigned char> bytes() const {
    sqlite3_int64 size = 0;
    unsigned char* copy = sqlite3_serialize(handle_, "main", &size, 0);
    std::vector<unsigned char> out(copy, copy + (copy ? size : 0));
    sqlite3_free(copy);
    return out;
  }

 private:
  // The value with its bytes mutated as the fuzzer does it; its type stays.
  static void mutated(sqlite3_context* context, int, sqlite3_value** values) {
    const int type = sqlite3_value_type(values[0]);
    const auto* from = static_cast<const unsigned char*>(sqlite3_value_blob(values[0]));
    const auto n = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
    std::vector<std::uint8_t> bytes(n + 64);
    if (n > 0) std::memcpy(bytes.data(), from, n);
    const std::size_t n_out = LLVMFuzzerMutate(bytes.data(), n, bytes.size());
    if (type == SQLITE_BLOB)
      sqlite3_result_blob64(context, bytes.data(), n_out, SQLITE_TRANSIENT);
    else
      sqlite3_result_text64(context, reinterpret_cast<const char*>(bytes.data()), n_out,
                            SQLITE_TRANSIENT, SQLITE_UTF8);
  }

  sqlite3* handle_ = nullptr;
};

struct Change {
  std::string sql;
  std::string_view table;  // empty: any
};

Change change(Random& random) {
  const std::size_t kind = below(random, 16);
  if (kind == 0) return {.sql = std::string(any(statements, random)), .table = {}};
  const Column column = columns[below(random, columns.size())];
  const std::string table(column.table), name(column.name);
  const std::string place = std::to_string(below(random, 100));
  const std::string row = " WHERE step = (SELECT step FROM " + table + " LIMIT 1 OFFSET " + place +
                          " % (SELECT count(*) FROM " + table + "))";
  const std::string new_value =
      kind < 6 ? std::string(any(new_values, random)) : "mutated(" + name + ", 0)";
  const bool has_steps = table != "spec" && table != "manifest";
  return {.sql = "UPDATE OR IGNORE " + table + " SET " + name + " = " + new_value +
                 (has_steps && kind % 2 ? row : ""),
          .table = column.table};
}

}  // namespace

std::size_t change_rows(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  Random random(seed);
  static const Database database;
  if (!database.hold(data, size)) return 0;
  const Change made = change(random);
  if (!database.execute(made.sql)) return 0;
  if (below(random, 4) != 0) database.execute(formats::sealing_sql(made.table));
  const std::vector<unsigned char> bytes = database.bytes();
  if (bytes.empty() || bytes.size() > max_size) return 0;
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace grok::fuzz
