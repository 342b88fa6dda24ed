// Files that are torn, or lie: exit code 3, one clear message, no crash.

#include <cstdint>
#include <cstring>

#include <gtest/gtest.h>

#include "grok/cli/program.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

class Damage : public ::testing::Test {
 protected:
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  void expect_unreadable(const std::vector<std::string>& arguments, const std::string& word) const {
    const Outcome o = grokscope(arguments);
    EXPECT_EQ(o.exit_code, 3) << arguments[0] << ": " << o.err;
    EXPECT_NE(o.err.find(word), std::string::npos) << o.err;
    EXPECT_EQ(o.out, "");
  }
  TemporaryDirectory folder_;
};

TEST_F(Damage, a_truncated_run_file_is_refused_by_every_command) {
  const std::string file = path("a.grok");
  ASSERT_EQ(grokscope({"train", "quick", "--out", file, "--set", "train.steps=30"}).exit_code, 0);
  const std::string whole = read_text(file);
  for (const std::size_t length : {whole.size() / 2, whole.size() - 1000, std::size_t{100}}) {
    write_text(file, whole.substr(0, length));
    for (const char* command : {"show", "resume"}) expect_unreadable({command, file}, file);
    expect_unreadable({"export", file, "--metrics", "--out", path("m.csv")}, file);
    expect_unreadable({"probe", file, "--probe", "gini"}, file);
    EXPECT_TRUE(read_text(file) == whole.substr(0, length)) << "the damaged file was changed";
  }
}

TEST_F(Damage, something_else_is_no_run_file) {
  write_text(path("b.grok"), "this is a text\n");
  expect_unreadable({"show", path("b.grok")}, "b.grok");
  write_text(path("empty.grok"), "");
  expect_unreadable({"show", path("empty.grok")}, "empty.grok");
}

TEST_F(Damage, a_safetensors_header_that_lies_is_refused) {
  const auto probe = [&](const std::string& bytes) {
    write_text(path("w.safetensors"), bytes);
    expect_unreadable({"probe", "--weights", path("w.safetensors"), "--spec", "quick", "--probe",
                       "gini", "--json"},
                      "w.safetensors");
  };
  const auto with_length = [](std::uint64_t n, const std::string& rest) {
    std::string out(8, '\0');
    std::memcpy(out.data(), &n, 8);
    return out + rest;
  };
  const std::string header = R"({"embed.W_E":{"dtype":"F32","shape":[54,64],"data_offsets":[0,13824]}})";
  probe(with_length(1ull << 60, header));
  probe(with_length(header.size(), header));  // no data behind it
  probe(with_length(header.size(), header) + std::string(13824, '\0'));  // other tensors are missing
  probe(with_length(3, "{{{"));
  probe("short");
}

}  // namespace
}  // namespace grok::testing
