#include "grok/spec/expectation.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/spec/fake_schema.h"
#include "grok/spec/parse_spec.h"

namespace grok {
namespace {

// A folder of specs of its own for each test.
class SpecFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = testing::TempDir() + "grok_spec_files_" +
             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder);
    folders = {folder};
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder + "/" + name + ".toml") << text;
  }
  RunSpec load(const std::string& name, const std::vector<std::string>& overrides = {}) {
    return load_spec(name, folders, overrides, fake::spec_schema());
  }
  template <class F>
  static std::string message_of(F&& f) {
    try {
      f();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  std::string folder;
  std::vector<std::string> folders;
};

TEST_F(SpecFiles, extend_one_another_key_by_key) {
  write("base", fake::sound);
  write("middle", "extends = \"base\"\n[task]\np = 7\n");
  write("top", "extends = \"middle\"\n[train]\nsteps = 12\n");
  RunSpec expected = load("base");
  expected.task.set("p", std::int64_t{7});
  expected.train.set("steps", std::int64_t{12});
  EXPECT_EQ(load("top"), expected);
  EXPECT_EQ(load("top", {"task.p=11"}).task.integer("p"), 11);
}

// A typo stands before the name in the order of keys, and is still this file's own.
TEST_F(SpecFiles, say_a_mistake_that_comes_with_another_name) {
  write("base", fake::sound + std::string("[terms.x]\nname = \"other\"\nstrange = 1\n"));
  write("top",
        "extends = \"base\"\n[terms.x]\nname = \"excluded\"\nweight = 1\nfrequences = [3]\n");
  const std::string message = message_of([&] { load("top"); });
  EXPECT_NE(message.find("terms.x.frequences: unknown key"), std::string::npos) << message;
  EXPECT_EQ(message.find("strange"), std::string::npos) << "yields with the former name";
  write("top",
        "extends = \"base\"\n[terms.x]\nname = \"excluded\"\nweight = 1\nfrequencies = [3]\n");
  EXPECT_EQ(load("top").terms.integers("x.frequencies"), Integers{3});
}

TEST_F(SpecFiles, name_the_file_in_which_a_mistake_stands) {
  write("base", fake::sound_with("p = 113", "p = 1"));
  write("top", "extends = \"base\"\n[train]\nsteps = 0\n");
  const std::string message = message_of([&] { load("top"); });
  EXPECT_NE(message.find("base.toml:"), std::string::npos) << message;
  EXPECT_NE(message.find("top.toml:3: train.steps"), std::string::npos) << message;
}

TEST_F(SpecFiles, that_extend_themselves_or_nothing_are_refused) {
  write("ring", "extends = \"ring\"\n");
  EXPECT_NE(message_of([&] { load("ring"); }).find("circle"), std::string::npos);
  write("lost", "extends = \"nobody\"\n");
  EXPECT_NE(message_of([&] { load("lost"); }).find("lost.toml: extends: no preset named"),
            std::string::npos);
  write("gone", "extends = \"gone/base.toml\"\n");
  EXPECT_NE(message_of([&] { load("gone"); }).find("gone.toml: extends: there is no file"),
            std::string::npos);
  write("odd", "extends = 3\n");
  EXPECT_NE(message_of([&] { load("odd"); }).find("expected the name of a spec, found 3"),
            std::string::npos);
  EXPECT_NE(message_of([&] { fake::parse("extends = \"quick\"\n"); }).find("only a spec that is a"),
            std::string::npos);
}

constexpr const char* two_figures =
    "[[expect]]\nfirst_step = \"test_loss < 1.0\"\npublished = 7583\nwithin = [3000, 15000]\n"
    "source = \"a paper\"\n"
    "[[expect]]\nvalue = \"batch_loss\"\nat = 300\nindex = 2\npublished = 0.158\n"
    "within = [0.1, 0.2]\nsource = \"another\"\n";

TEST_F(SpecFiles, hold_the_figures_that_their_runs_should_come_to) {
  write("base", fake::sound + std::string(two_figures));
  EXPECT_NO_THROW(load("base"));
  const auto found = load_expectations("base", folders);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(text_of(found[0]), "first step with test_loss < 1.0");
  Expectation of_array = found[0];
  of_array.index = 3;
  EXPECT_EQ(text_of(of_array), "first step with test_loss[3] < 1.0");
  EXPECT_EQ(found[0].published, 7583);
  EXPECT_TRUE(found[0].holds(3000) && found[0].holds(15000) && !found[0].holds(15001));
  EXPECT_EQ(text_of(found[1]), "batch_loss[2] at step 300");
  EXPECT_EQ(found[1].source, "another");
  // Those of the spec that is extended are not this one's.
  write("top", "extends = \"base\"\n");
  EXPECT_TRUE(load_expectations("top", folders).empty());
}

TEST_F(SpecFiles, refuse_figures_that_say_too_little_or_too_much) {
  const auto refusal = [&](const std::string& table) {
    write("base", fake::sound + ("[[expect]]\n" + table + "source = \"s\"\n"));
    return message_of([&] { load_expectations("base", folders); });
  };
  const std::string bounds = "published = 1\nwithin = [0, 2]\n";
  EXPECT_EQ(refusal("final = \"test_loss\"\n" + bounds), "");
  EXPECT_NE(refusal(bounds).find("expected one of first_step"), std::string::npos);
  EXPECT_NE(refusal("final = \"a\"\nmost = \"a\"\n" + bounds).find("expected one of"),
            std::string::npos);
  EXPECT_NE(refusal("first_step = \"test_loss\"\n" + bounds).find("METRIC < NUMBER"),
            std::string::npos);
  EXPECT_NE(refusal("value = \"a\"\n" + bounds).find("a value needs at"), std::string::npos);
  EXPECT_NE(refusal("final = \"a\"\npublished = 1\nwithin = [2, 0]\n").find("lower end first"),
            std::string::npos);
  EXPECT_NE(refusal("final = \"a\"\nwithin = [0, 2]\n").find("expect.published: missing"),
            std::string::npos);
  EXPECT_NE(refusal("final = \"a\"\ncolour = 3\n" + bounds).find("unknown key"), std::string::npos);
}

TEST_F(SpecFiles, hold_studies_of_many_runs) {
  write("base",
        fake::sound + std::string("[[study]]\nquestion = \"Sooner?\"\nevent = \"grok_step\"\n"
                                  "seeds = \"0:19\"\nchanged = [\"train.steps=7\"]\n"));
  EXPECT_NO_THROW(load("base"));
  const std::vector<Study> found = load_studies("base", folders);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].question, "Sooner?");
  EXPECT_EQ(found[0].seeds, "0:19");
  EXPECT_TRUE(found[0].control.empty());
  EXPECT_EQ(name_of_group(found[0].control), "as it is");
  EXPECT_EQ(name_of_group(found[0].changed), "train.steps=7");
  write("base", fake::sound + std::string("[[study]]\nquestion = \"?\"\nevent = \"grok_step\"\n"
                                          "seeds = \"0:1\"\n"));
  EXPECT_NE(message_of([&] { load_studies("base", folders); }).find("expected other overrides"),
            std::string::npos);
  write("base", fake::sound + std::string("[[study]]\nquestion = \"?\"\nchanged = [\"a\"]\n"));
  EXPECT_NE(message_of([&] { load_studies("base", folders); }).find("study.event: missing"),
            std::string::npos);
}

}  // namespace
}  // namespace grok
