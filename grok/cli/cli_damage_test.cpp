// Files that are torn, or lie: exit code 3, one clear message, no crash.

#include <cstdint>
#include <cstring>
#include <sys/resource.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/program.h"
#include "grok/store/run_file.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

// While it lives, this process and those that it starts can write no file beyond this size.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
};

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

// Small and quick: what is tested here is files, not training.
const std::vector<std::string> few_steps{"--set", "train.steps=30",    "--set", "task.p=11",
                                         "--set", "model.d_model=16",  "--set", "model.d_head=4",
                                         "--set", "record.probes=none"};

std::vector<std::string> train_to(const std::string& file) {
  std::vector<std::string> words{"train", "quick", "--out", file};
  words.insert(words.end(), few_steps.begin(), few_steps.end());
  return words;
}

TEST_F(Damage, a_truncated_run_file_is_refused_by_every_command) {
  const std::string file = path("a.grok");
  ASSERT_EQ(grokscope(train_to(file)).exit_code, 0);
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
  for (const char* command : {"show", "resume"}) {
    expect_unreadable({command, path("empty.grok")}, "empty.grok");
    expect_unreadable({command, folder_.path().string()}, "is a directory");
  }
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
  const std::string header =
      R"({"embed.W_E":{"dtype":"F32","shape":[54,64],"data_offsets":[0,13824]}})";
  probe(with_length(1ull << 60, header));
  probe(with_length(header.size(), header));  // no data behind it
  probe(with_length(header.size(), header) +
        std::string(13824, '\0'));  // other tensors are missing
  probe(with_length(3, "{{{"));
  probe("short");
}

// A limit on the size of files stands in for a full disk: SQLite meets both as a failed write.
TEST_F(Damage, a_full_disk_ends_the_run_but_not_what_was_recorded) {
  const std::string file = path("a.grok");
  std::vector<std::string> train = train_to(file);
  train.insert(train.end(), {"--set", "train.steps=2000", "--set", "record.keyframe_every=10"});
  const Outcome stopped = [&] {
    const FileSizeLimit limit(1 << 20);
    return grokscope(train);
  }();
  EXPECT_EQ(stopped.exit_code, 1);
  EXPECT_NE(stopped.err.find(file), std::string::npos) << stopped.err;
  const Outcome show = grokscope({"show", file, "--json"});
  ASSERT_EQ(show.exit_code, 0) << show.err;
  const auto kept = nlohmann::json::parse(show.out);
  EXPECT_TRUE(kept.at("ending").is_null());
  EXPECT_GT(kept.at("steps"), 10);
  EXPECT_EQ(grokscope({"resume", file}).exit_code, 0);
}

TEST_F(Damage, one_writer_at_a_time) {
  const std::string file = path("a.grok");
  ASSERT_EQ(grokscope(train_to(file)).exit_code, 0);
  const RunFile held = RunFile::open(file, Access::read_write);
  const Outcome second = grokscope({"resume", file});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find(file), std::string::npos) << second.err;
  EXPECT_EQ(grokscope({"show", file}).exit_code, 0);
}

TEST_F(Damage, an_empty_name_is_no_file) {
  for (const char* command : {"train", "export", "fork", "report", "reproduce", "sweep"}) {
    const Outcome o = grokscope({command, "quick", "--out", ""});
    EXPECT_EQ(o.exit_code, 2) << command;
    EXPECT_NE(o.err.find("--out: is empty: a path was expected"), std::string::npos) << o.err;
  }
}

TEST_F(Damage, export_writes_over_no_run_and_leaves_nothing_half_written) {
  const std::string file = path("a.grok");
  ASSERT_EQ(grokscope(train_to(file)).exit_code, 0);
  const std::string whole = read_text(file);
  EXPECT_EQ(grokscope({"export", file, "--metrics", "--out", file}).exit_code, 2);
  EXPECT_TRUE(read_text(file) == whole);
  const Outcome nowhere = grokscope({"export", file, "--metrics", "--out", path("no/m.csv")});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_NE(nowhere.err.find("no/m.csv"), std::string::npos) << nowhere.err;
  EXPECT_EQ(grokscope({"export", file, "--weights", "7000", "--out", path("w")}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(path("w")));
}

TEST_F(Damage, output_that_cannot_be_written_is_an_error) {
  const Outcome o = grokscope_to("/dev/full", {"list", "probes"});
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_NE(o.err.find("could not be written"), std::string::npos) << o.err;
}

}  // namespace
}  // namespace grok::testing
