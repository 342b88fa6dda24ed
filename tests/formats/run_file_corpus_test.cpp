// Broken run files: each is refused with a message, none does harm.

#include "tests/formats/run_file_corpus.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/formats/read_everything.h"
#include "tests/formats/tiny_run.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

namespace grok::formats {
namespace {

class bad_run_file : public ::testing::Test {
 protected:
  void read(const std::string& bytes) const {
    write_text(path, bytes);
    const RunFile file = RunFile::open(path, Access::read);
    read_everything(file);
    understand(file);
  }
  TemporaryDirectory directory;
  std::filesystem::path path = directory / "bad.grok";
};

TEST_F(bad_run_file, of_every_kind_is_refused_and_named) {
  EXPECT_GE(bad_run_files().size(), 200u);
  for (const BadFile& file : bad_run_files()) {
    std::string message;
    const auto reading = [&] {
      try {
        read(file.bytes);
      } catch (const Error& error) {
        message = error.what();
        throw;
      }
    };
    EXPECT_TRUE(fails_with(file.code, file.words, reading)) << file.what;
    EXPECT_NE(message.find("bad.grok: "), std::string::npos) << file.what << ": " << message;
    EXPECT_LT(message.size(), 2000u) << file.what;
    EXPECT_TRUE(read_text(path) == file.bytes) << file.what << ": the file was changed";
  }
}

TEST_F(bad_run_file, are_each_another) {
  std::set<std::string> names, contents;
  for (const BadFile& file : bad_run_files()) {
    EXPECT_TRUE(names.insert(file.what).second) << file.what;
    EXPECT_TRUE(contents.insert(file.bytes).second) << file.what;
  }
}

TEST_F(bad_run_file, is_told_from_an_odd_one) {
  write_text(path, smaller_run_bytes());
  const std::string original = read_everything(path);
  for (const BadFile& file : odd_run_files()) {
    EXPECT_NO_THROW(read(file.bytes)) << file.what;
    EXPECT_TRUE(read_everything(path) == original) << file.what;
  }
}

}  // namespace
}  // namespace grok::formats
