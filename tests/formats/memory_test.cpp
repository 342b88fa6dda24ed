// Memory to read a file is in proportion to the file, whatever its headers claim: counted by
// replacing operator new, and by SQLite's own account. A program of its own, as no other test may
// run with it.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <malloc.h>
#include <new>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "grok/store/safetensors.h"
#include "tests/formats/read_everything.h"
#include "tests/formats/run_file_corpus.h"
#include "tests/formats/safetensors_corpus.h"
#include "tests/support/temporary_directory.h"

namespace {
std::atomic<long> n_bytes{0}, peak{0};

void* counted(std::size_t n, std::size_t align) {
  void* p = align > alignof(std::max_align_t)
                ? std::aligned_alloc(align, (n + align - 1) / align * align)
                : std::malloc(n ? n : 1);
  if (!p) throw std::bad_alloc();
  const long now = n_bytes += static_cast<long>(malloc_usable_size(p));
  if (now > peak) peak = now;  // the tests have one thread
  return p;
}

void uncounted(void* p) {
  n_bytes -= static_cast<long>(malloc_usable_size(p));
  std::free(p);
}
}  // namespace

void* operator new(std::size_t n) { return counted(n, 1); }
void* operator new[](std::size_t n) { return counted(n, 1); }
void* operator new(std::size_t n, std::align_val_t a) {
  return counted(n, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t n, std::align_val_t a) {
  return counted(n, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { uncounted(p); }
void operator delete[](void* p) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::size_t) noexcept { uncounted(p); }
void operator delete(void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::align_val_t) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { uncounted(p); }

namespace grok::formats {
namespace {

// The promise: no more than `per_byte` times the file and a constant, which is mostly SQLite's
// cache and its tables of the schema. The worst is JSON of nothing but brackets, at 62 a byte. One
// thing SQLite takes on trust: a row that goes on in other pages may claim 2^32 bytes, and the list
// of its pages has eight bytes for each.
constexpr long per_byte = 80;
constexpr long constant = 1 << 20;
constexpr long list_of_pages = 8 * ((1L << 32) / (512 - 4));

/// Most bytes held at once while `read` runs, beyond those held before.
long peak_of(const std::function<void()>& read) {
  sqlite3_int64 used = 0, most = 0;
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &used, &most, 1);
  const sqlite3_int64 used_before = used;
  const long before = n_bytes;
  peak = before;
  try {
    read();
  } catch (const Error&) {
  }
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &used, &most, 0);
  return peak - before + static_cast<long>(most - used_before);
}

double worst_factor = 0;

void expect_proportion(const BadFile& file, const std::function<void()>& read, long on_trust = 0) {
  const long most = peak_of(read);
  const auto size = static_cast<long>(file.bytes.size());
  EXPECT_LE(most, per_byte * size + constant + on_trust) << file.what << ": " << size << " bytes";
  if (size > 10'000)
    worst_factor = std::max(worst_factor, static_cast<double>(most) / static_cast<double>(size));
}

// Files whose smallest tokens make the largest things in memory.
std::vector<BadFile> wasteful_safetensors() {
  std::string metadata, entries, axes = "1";
  for (int i = 0; i < 5000; ++i) {
    const std::string separator = i ? "," : "";
    metadata += separator + "\"" + std::to_string(i) + "\":\"\"";
    entries += separator + safetensors_entry(std::to_string(i), "[0]", "[0,0]");
    axes += ",1";
  }
  return {
      {"much metadata", safetensors_file("{\"__metadata__\":{" + metadata + "}}"), ""},
      {"many tensors", safetensors_file("{" + entries + "}"), ""},
      {"many axes",
       safetensors_file("{" + safetensors_entry("w", "[" + axes + "]", "[0,4]") + "}", 4), ""},
      {"halves",
       safetensors_file("{" + safetensors_entry("w", "[1000000]", "[0,2000000]", "F16") + "}",
                        2'000'000),
       ""},
      {"floats",
       safetensors_file("{" + safetensors_entry("w", "[1000000]", "[0,4000000]") + "}", 4'000'000),
       ""}};
}

TEST(Memory, to_read_a_safetensors_file_is_in_proportion_to_it) {
  std::vector<BadFile> files = bad_safetensors();
  for (const auto& more : {odd_safetensors(), wasteful_safetensors()})
    files.insert(files.end(), more.begin(), more.end());
  for (const BadFile& file : files)
    expect_proportion(file, [&] { parse_safetensors(bytes_of(file.bytes), "FILE"); });
  std::printf("at most %.1f bytes of memory for one of a file over 10 kB\n", worst_factor);
}

TEST(Memory, to_read_a_run_file_is_in_proportion_to_it) {
  const TemporaryDirectory directory;
  const auto path = directory / "bad.grok";
  worst_factor = 0;
  for (const auto* files : {&bad_run_files(), &odd_run_files()})
    for (const BadFile& file : *files) {
      write_text(path, file.bytes);
      const auto read = [&] {
        const RunFile run = RunFile::open(path, Access::read);
        read_everything(run);
        understand(run);
      };
      const bool is_trusted = file.what == "a table's definition that claims gigabytes";
      expect_proportion(file, read, is_trusted ? list_of_pages : 0);
    }
  std::printf("at most %.1f bytes of memory for one of a file over 10 kB\n", worst_factor);
}

// A reader that believes the header's claim is caught.
TEST(Memory, that_a_header_claims_would_be_counted) {
  const BadFile file{"header of just the limit", length_prefix(100'000'000) + "{}", ""};
  EXPECT_GT(peak_of([&] {
              std::string believed(100'000'000, ' ');
              believed[0] = file.bytes[0];
            }),
            per_byte * static_cast<long>(file.bytes.size()) + constant);
  EXPECT_GT(peak_of([] { sqlite3_free(sqlite3_malloc(10'000'000)); }), 9'000'000);
}

}  // namespace
}  // namespace grok::formats
