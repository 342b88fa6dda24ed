// Run files: whatever the bytes, an Error or values that the bytes can hold.

#include <filesystem>
#include <string_view>

#include "fuzz/change_rows.h"
#include "fuzz/memory_file.h"
#include "fuzz/target.h"
#include "tests/formats/read_everything.h"
#include "tests/formats/run_file_corpus.h"
#include "tests/formats/tiny_run.h"

namespace grok::fuzz {
namespace {

void read(const std::filesystem::path& path, std::size_t n_bytes) {
  const RunFile file = RunFile::open(path, Access::read);
  // Every tensor and array is in this text, whole.
  const std::size_t n_read = formats::read_everything(file).size();
  must_hold(n_read <= 64 * n_bytes, "no more comes out than the file has room for");
  formats::understand(file);
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> out{formats::smaller_run_bytes()};
  for (const auto* files : {&formats::odd_run_files(), &formats::bad_run_files()})
    for (const formats::BadFile& file : *files)
      if (file.bytes.size() < 100'000) out.push_back(file.bytes);
  return out;
}

std::vector<std::string> words() {
  return {"CREATE TABLE ",
          "CREATE VIEW ",
          "CREATE TRIGGER ",
          "metric",
          "array_metric",
          "keyframe",
          "event",
          "spec",
          "manifest",
          "ending",
          "closed",
          "key_frequencies",
          "train_loss",
          "F32",
          "F64",
          "[2, 3]",
          "SQLite format 3"};
}

}  // namespace grok::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static grok::fuzz::MemoryFile file;
  file.set(data, size);
  try {
    grok::fuzz::read(file.path(), size);
  } catch (const grok::Error&) {
  }
  return 0;
}

// Bytes flipped at random mostly break SQLite's pages, and what lies behind them is never reached.
// So in three cases of four a row is changed by SQL, mostly with its checksums made good.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  if (seed % 4 != 0) {
    const std::size_t n = grok::fuzz::change_rows(data, size, max_size, seed / 4);
    if (n > 0) return n;
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
