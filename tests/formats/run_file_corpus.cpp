#include "tests/formats/run_file_corpus.h"

#include <cstdint>
#include <map>

#include "tests/formats/edit_run.h"
#include "tests/formats/tiny_run.h"
#include "tests/support/temporary_directory.h"

namespace grok::formats {
namespace {

constexpr int page_size = 512;  // of smaller_run_bytes

std::string edited(const RunEdit& edit) {
  const TemporaryDirectory directory;
  const auto path = directory / "edited.grok";
  write_text(path, smaller_run_bytes());
  (edit.how == RunEdit::How::edit ? edit_run : forge_run)(path, edit.sql);
  return read_text(path);
}

void put_big_endian(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) bytes[at + i] = static_cast<char>(value >> (8 * (n - 1 - i)));
}

std::string with(std::size_t at, std::uint64_t value, std::size_t n) {
  std::string bytes = smaller_run_bytes();
  put_big_endian(bytes, at, value, n);
  return bytes;
}

std::string with_page(std::size_t page, char filler) {
  std::string bytes = smaller_run_bytes();
  bytes.replace((page - 1) * page_size, page_size, std::string(page_size, filler));
  return bytes;
}

// In the cell of the table `event`, before its texts: the length of its row as nine bytes, of which
// SQLite keeps the lower half, and a row id of nine.
std::string with_long_definition() {
  std::string bytes = smaller_run_bytes();
  const std::size_t cell = bytes.find("tableeventevent") - 10;
  return bytes.replace(cell + 1, 15, std::string(15, '\xFC'));
}

}  // namespace

std::string loosened(const std::string& table) {
  static const std::map<std::string, std::string> columns = {
      {"spec", "json, digest, checksum"},
      {"manifest", "json, checksum"},
      {"metric", "step, name, value, replayed, checksum"},
      {"array_metric", "step, name, dtype, shape, replayed, checksum, data"},
      {"keyframe", "step, digest, checksum, data"},
      {"event", "id, step, kind, detail, checksum"}};
  const std::string& all = columns.at(table);
  return "CREATE TABLE loose(" + all + "); INSERT INTO loose SELECT " + all + " FROM " + table +
         "; DROP TABLE " + table + "; ALTER TABLE loose RENAME TO " + table + ";";
}

// Offsets in the first page are those of SQLite's file format,
// https://www.sqlite.org/fileformat2.html
std::vector<BadFile> byte_changes() {
  const std::string& whole = smaller_run_bytes();
  const std::size_t n_pages = whole.size() / page_size;
  const auto cut = [&](std::size_t n) { return whole.substr(0, n); };
  return {
      {"empty", "", "is empty (0 bytes)"},
      {"a single byte", "S", ""},
      {"nothing but the magic", cut(16), "a database"},
      {"cut within the first page's head", cut(99), ""},
      {"cut after the first page", cut(page_size), "malformed"},
      {"cut in the middle, at a page", cut(n_pages / 2 * page_size), "malformed"},
      {"cut in the middle of a page", cut(n_pages / 2 * page_size + 100), ""},
      {"the last page cut off", cut(whole.size() - page_size), "malformed"},
      {"the last byte cut off", cut(whole.size() - 1), "no whole pages"},
      {"a byte appended", whole + "x", "no whole pages"},
      {"another program's text", "step,name,value\n0,loss,4.7\n", "not a database"},
      {"all zero bytes", std::string(whole.size(), '\0'), "not a database"},
      {"the magic changed", with(0, 'X', 1), "not a database"},
      {"a page size of 0", with(16, 0, 2), "not a database"},
      {"a page size of 3", with(16, 3, 2), "not a database"},
      {"a page size of 2^15", with(16, 1 << 15, 2), ""},
      {"a read version of 9", with(19, 9, 1), "not a database"},
      {"more bytes reserved than a page may", with(20, 255, 1), "not a database"},
      {"a payload fraction of 0", with(21, 0, 1), "not a database"},
      {"more pages than there are", with(28, n_pages + 1000, 4), "malformed"},
      {"fewer pages than are used", with(28, 2, 4), "malformed"},
      {"a free list far outside", with(32, 0x7FFFFFFF, 4), "integrity_check"},
      {"a schema format of 9", with(44, 9, 4), "unsupported file format"},
      {"the largest root page of an auto-vacuum file", with(52, 1, 4), ""},
      {"text in UTF-16, as its head claims", with(56, 2, 4), ""},
      {"the first page of no kind", with(100, 0x77, 1), "malformed"},
      {"the first page with 60000 cells", with(103, 60000, 2), "malformed"},
      {"a table's definition that claims gigabytes", with_long_definition(), "malformed"},
      {"a page of zero bytes", with_page(n_pages / 2, '\0'), ""},
      {"a page of ones", with_page(n_pages - 1, '\xFF'), ""},
      {"two pages swapped",
       whole.substr(0, page_size) + whole.substr(2 * page_size, page_size) +
           whole.substr(page_size, page_size) + whole.substr(3 * page_size),
       ""},
  };
}

const std::vector<BadFile>& bad_run_files() {
  static const std::vector<BadFile> made = [] {
    std::vector<BadFile> out = byte_changes();
    for (const auto& edits : {table_edits(), row_edits(), text_edits()})
      for (const RunEdit& edit : edits)
        out.push_back({edit.what, edited(edit), edit.words, edit.code});
    return out;
  }();
  return made;
}

const std::vector<BadFile>& odd_run_files() {
  static const std::vector<BadFile> made = [] {
    const auto how = RunEdit::How::edit;
    const std::vector<RunEdit> edits = {
        {"unchanged", how, "", ""},
        {"pages of 1024 bytes", how, "PRAGMA page_size = 1024; VACUUM", ""},
        {"pages of 65536 bytes", how, "PRAGMA page_size = 65536; VACUUM", ""},
        {"vacuumed by itself", how, "PRAGMA auto_vacuum = FULL; VACUUM", ""},
        {"left in write-ahead mode", how, "PRAGMA journal_mode = WAL", ""},
        {"statistics for the planner", how, "ANALYZE", ""},
        {"statistics that lie", how,
         "ANALYZE; UPDATE sqlite_stat1 SET stat = '1 99999999999999999999 x'", ""},
        {"a table of somebody's notes", how,
         "CREATE TABLE notes(at, text); INSERT INTO notes VALUES (1, 'a fine run')", ""},
        {"an index that somebody found useful", how, "CREATE INDEX by_name ON metric(name)", ""},
        {"a column of a later version", how,
         "ALTER TABLE metric ADD COLUMN unit TEXT NOT NULL DEFAULT 'nats'", ""},
        {"a free page", how,
         "CREATE TABLE t(x); INSERT INTO t VALUES (zeroblob(5000)); DROP TABLE t", ""},
        {"half-filled pages", how,
         "CREATE TABLE t AS SELECT * FROM event; DELETE FROM event; INSERT INTO event SELECT * "
         "FROM t ORDER BY id DESC; DROP TABLE t",
         ""},
    };
    std::vector<BadFile> out;
    for (const RunEdit& edit : edits)
      out.push_back({edit.what, edited(edit), edit.words, edit.code});
    out.push_back({"whole pages appended", smaller_run_bytes() + std::string(1024, 'x'), ""});
    return out;
  }();
  return made;
}

}  // namespace grok::formats
