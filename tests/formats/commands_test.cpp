// Bad files given to the program as a user gives them: an exit code and a message, no crash, and
// the file stays as it is.

#include <gtest/gtest.h>

#include "grok/cli/program.h"
#include "grok/lab/foreign.h"
#include "grok/lab/spec_schema.h"
#include "grok/lab/summary.h"
#include "tests/formats/edit_run.h"
#include "tests/formats/run_file_corpus.h"
#include "tests/formats/safetensors_corpus.h"
#include "tests/formats/tiny_run.h"
#include "tests/support/temporary_directory.h"

namespace grok::formats {
namespace {

using testing::grokscope;
using testing::Outcome;

class command : public ::testing::Test {
 protected:
  void expect_sane(const Outcome& outcome, const BadFile& file, const std::string& name) const {
    EXPECT_LE(outcome.exit_code, 3) << name << ", " << file.what << ": " << outcome.err;
    EXPECT_EQ(outcome.err.find("mistake in grokscope"), std::string::npos)
        << name << ", " << file.what << ": " << outcome.err;
    EXPECT_EQ(outcome.err.find("out of memory"), std::string::npos) << name << ", " << file.what;
    if (outcome.exit_code == 0) return;
    EXPECT_EQ(outcome.err.rfind("grokscope: ", 0), 0u) << name << ", " << file.what << outcome.err;
    EXPECT_NE(outcome.err.find(path.string()), std::string::npos)
        << name << ", " << file.what << ": " << outcome.err;
    EXPECT_LT(outcome.err.size(), 2500u) << name << ", " << file.what;
    EXPECT_EQ(outcome.out, "") << name << ", " << file.what;
  }
  void expect_unchanged(const BadFile& file, const std::string& name) const {
    EXPECT_TRUE(read_text(path) == file.bytes)
        << name << ", " << file.what << ": the file was changed";
  }

  // What the library says when `read` is done to the file at `path`; empty if nothing is wrong.
  template <class F>
  std::string what_is_wrong(F&& read) const {
    try {
      read(RunFile::open(path, Access::read));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TemporaryDirectory directory;
  std::filesystem::path path = directory / "bad.grok";
};

TEST_F(command, of_any_kind_refuses_bad_run_files_and_leaves_them_alone) {
  const std::string file = path.string(), out = (directory / "out").string();
  const std::string good = (directory / "good.grok").string();
  write_text(good, tiny_run_bytes());
  const std::vector<std::vector<std::string>> commands = {
      {"show", file},
      {"resume", file},
      {"probe", file, "--probe", "gini", "--steps", "all"},
      {"export", file, "--weights", "last", "--out", out},
      {"show", file, "--json"},
      {"export", file, "--metrics", "--out", out},
      {"replay", file, "--json"},
      {"compare", file, good, "--quick"}};
  // One command to each file: all of them to all would take a minute.
  std::size_t i = 0;
  for (const BadFile& bad : bad_run_files()) {
    write_text(path, bad.bytes);
    const auto& words = commands[i++ % commands.size()];
    const Outcome outcome = grokscope(words);
    expect_sane(outcome, bad, words[0]);
    // A run that is whole but for what resume does not read is closed anew, or goes on.
    if (outcome.exit_code != 0 || words[0] != "resume") expect_unchanged(bad, words[0]);
    const std::string wrong = what_is_wrong([&](const RunFile& f) {
      if (words[0] == "show") summarize(f);
      if (words[0] == "resume" || words[0] == "probe" || words[0] == "replay")
        naming_file(f, [&] { stored_spec(f.spec_json()); });
    });
    if (wrong.empty()) continue;
    EXPECT_EQ(outcome.err, "grokscope: " + wrong + "\n") << words[0] << ", " << bad.what;
    EXPECT_NE(outcome.exit_code, 0) << words[0] << ", " << bad.what;
  }
}

TEST_F(command, export_of_an_array_refuses_bad_run_files_and_leaves_them_alone) {
  const std::string out = (directory / "out").string();
  std::size_t i = 0;
  for (const BadFile& bad : bad_run_files()) {
    if (i++ % 4) continue;  // the reader has seen them all
    write_text(path, bad.bytes);
    const std::vector<std::string> words{
        "export", path.string(), "--array", "embedding_spectrum", "--out", out};
    const Outcome outcome = grokscope(words);
    expect_sane(outcome, bad, "export --array");
    expect_unchanged(bad, "export --array");
    EXPECT_EQ(std::filesystem::exists(out), outcome.exit_code == 0) << bad.what;
    std::filesystem::remove(out);
  }
}

TEST_F(command, show_prints_a_manifest_of_any_depth) {
  const std::string nested = std::string(100'000, '[') + std::string(100'000, ']');
  write_text(path, tiny_run_bytes());
  forge_run(path, "UPDATE manifest SET json = '{\"compiler\":" + nested + "}'");
  EXPECT_EQ(grokscope({"show", path.string()}).exit_code, 0);
  EXPECT_EQ(grokscope({"show", path.string(), "--json"}).exit_code, 0);
}

TEST_F(command, resume_and_probe_refuse_weights_of_another_model) {
  write_text(path, tiny_run_bytes());
  forge_run(path,
            "UPDATE keyframe SET data = CAST(replace(data, CAST('weights.embed' AS BLOB), "
            "CAST('weights.amber' AS BLOB)) AS BLOB); DELETE FROM event");
  const BadFile file{"weights of another model", read_text(path), "", ErrorCode::damaged};
  const Outcome probe = grokscope({"probe", path.string(), "--probe", "gini"});
  expect_sane(probe, file, "probe");
  EXPECT_EQ(probe.exit_code, 3);
  const Outcome resume = grokscope({"resume", path.string()});
  expect_sane(resume, file, "resume");
  EXPECT_EQ(resume.exit_code, 3);
}

TEST_F(command, probe_survives_bad_weights) {
  std::size_t i = 0;
  for (const BadFile& file : bad_safetensors()) {
    if (i++ % 3) continue;  // the parser has seen them all
    write_text(path, file.bytes);
    const Outcome outcome = grokscope(
        {"probe", "--weights", path.string(), "--spec", "quick", "--probe", "gini", "--json"});
    expect_sane(outcome, file, "probe");
    EXPECT_EQ(outcome.exit_code, 3) << file.what;
  }
}

}  // namespace
}  // namespace grok::formats
