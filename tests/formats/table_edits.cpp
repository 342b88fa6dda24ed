// Run files whose tables are not those of a run file.

#include "tests/formats/run_file_corpus.h"

namespace grok::formats {
namespace {

constexpr auto edit = RunEdit::How::edit;

std::string endless_view(const std::string& name, const std::string& columns,
                         const std::string& values) {
  return "DROP TABLE " + name + "; CREATE VIEW " + name + "(" + columns +
         ") AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT " + values +
         " FROM n";
}

// The table's definition as text, exchanged under SQLite's nose.
std::string redefined(const std::string& table, const std::string& sql) {
  return "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '" + sql +
         "' WHERE type = 'table' AND name = '" + table + "'";
}

std::vector<RunEdit> of_kind() {
  return {
      {"another program's application id", edit, "PRAGMA application_id = 252006673",
       "not a run file: its application id is 252006673"},
      {"no application id", edit, "PRAGMA application_id = 0", "its application id is 0"},
      {"version 0", edit, "PRAGMA user_version = 0", "has format version 0"},
      {"version -1", edit, "PRAGMA user_version = -1", "has format version -1"},
      {"version 99", edit, "PRAGMA user_version = 99", "has format version 99; this program reads",
       ErrorCode::unsupported},
      {"version 2^31 - 1", edit, "PRAGMA user_version = 2147483647", "format version 2147483647",
       ErrorCode::unsupported},
  };
}

std::vector<RunEdit> of_missing_parts() {
  std::vector<RunEdit> out;
  for (const std::string table :
       {"spec", "manifest", "metric", "array_metric", "keyframe", "event"})
    out.push_back({"no table " + table, edit, "DROP TABLE " + table, "no such table: " + table});
  for (const auto& [table, column] : {std::pair{"spec", "digest"},
                                      {"manifest", "json"},
                                      {"metric", "value"},
                                      {"array_metric", "shape"},
                                      {"keyframe", "data"},
                                      {"event", "detail"}})
    out.push_back({std::string("no column ") + table + "." + column, edit,
                   std::string("ALTER TABLE ") + table + " RENAME COLUMN " + column + " TO other",
                   std::string("no such column: ") + column});
  for (const std::string table : {"spec", "manifest"}) {
    out.push_back({"no row of " + table, edit, "DELETE FROM " + table,
                   "table " + table + " has 0 rows; a run file has one"});
    out.push_back({"two rows of " + table, edit, "INSERT INTO " + table + " SELECT * FROM " + table,
                   "has several rows"});
  }
  return out;
}

std::vector<RunEdit> of_programs() {
  return {
      {"an endless view of events", edit,
       endless_view("event", "id, step, kind, detail, checksum", "i, 0, 'tick', '{}', 0"),
       "\"event\" is a view"},
      {"an endless view of specs", edit,
       endless_view("spec", "json, digest, checksum", "'{}', 'x', 0"), "\"spec\" is a view"},
      {"an endless view of metrics", edit,
       endless_view("metric", "step, name, value, replayed, checksum", "i, 'loss', 0.0, 0, 0"),
       "\"metric\" is a view"},
      {"a view that is in its own definition", edit,
       "DROP TABLE event; CREATE VIEW event AS SELECT * FROM event", "\"event\" is a view"},
      {"a view beside the tables", edit, "CREATE VIEW v AS SELECT * FROM metric",
       "\"v\" is a view"},
      {"a trigger that deletes", edit,
       "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM metric; END",
       "\"t\" is a trigger"},
      {"a virtual table for text search", edit,
       "DROP TABLE event; CREATE VIRTUAL TABLE event USING fts5(id, step, kind, detail)",
       "\"event\" is no table of plain columns"},
      {"a virtual table of boxes", edit, "CREATE VIRTUAL TABLE boxes USING rtree(id, a, b)",
       "\"boxes\" is no table of plain columns"},
      {"a virtual table of no known kind", edit,
       redefined("event", "CREATE VIRTUAL TABLE event USING nonsense(id)"), ""},
      {"a value computed at each reading", edit,
       "DROP TABLE manifest; CREATE TABLE manifest(n, checksum, json TEXT AS (printf('%.*c', n, "
       "'x')))",
       "\"manifest\" is no table of plain columns"},
      {"a check that takes memory", edit,
       "DROP TABLE manifest; CREATE TABLE manifest(json TEXT, checksum, "
       "CHECK (length(printf('%.900000000c', 'x')) > 0))",
       "\"manifest\" is no table of plain columns"},
      {"an index over an expression", edit,
       "CREATE INDEX costly ON event(printf('%.99999c', kind))", "\"costly\" is no index of plain"},
      {"an index over some rows", edit, "CREATE INDEX some ON event(step) WHERE kind > 'a'",
       "\"some\" is no index of plain"},
  };
}

std::vector<RunEdit> of_definitions() {
  const auto root = [](const std::string& table, const std::string& page) {
    return "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = " + page +
           " WHERE name = '" + table + "'";
  };
  return {
      {"a table defined by nonsense", edit, redefined("event", "CREATE nonsense"), "malformed"},
      {"a table defined by nothing", edit, redefined("event", ""), ""},
      {"a table under another's definition", edit,
       redefined("event", "CREATE TABLE metric(id, step, kind, detail)"), ""},
      {"a table of two thousand columns", edit,
       redefined("event",
                 [] {
                   std::string sql = "CREATE TABLE event(id";
                   for (int i = 0; i < 3000; ++i) sql += ", c" + std::to_string(i);
                   return sql + ")";
                 }()),
       ""},
      {"an order of letters that is not known", edit,
       redefined("event",
                 "CREATE TABLE event(id INTEGER PRIMARY KEY, step, kind TEXT COLLATE klingon, "
                 "detail, checksum, UNIQUE (kind))"),
       ""},
      {"a root page far outside", edit, root("metric", "999999"), ""},
      {"a root page 0", edit, root("metric", "0"), ""},
      {"a negative root page", edit, root("metric", "-1"), ""},
      {"a root page that is text", edit, root("metric", "'five'"), ""},
      {"one root page for two tables", edit,
       root("event", "(SELECT rootpage FROM sqlite_schema WHERE name = 'array_metric')"), ""},
      {"the schema's own page as a table", edit, root("event", "1"), ""},
  };
}

}  // namespace

std::vector<RunEdit> table_edits() {
  std::vector<RunEdit> out = of_kind();
  for (const auto& more : {of_missing_parts(), of_programs(), of_definitions()})
    out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace grok::formats
