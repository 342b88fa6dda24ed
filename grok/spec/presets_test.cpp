#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/spec/fake_schema.h"
#include "grok/spec/parse_spec.h"
#include "grok/spec/schedule.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

namespace grok {
namespace {

const std::vector<std::string> dirs = {"/nowhere", GROK_SPECS_DIR};

RunSpec load(const std::string& spec) { return load_spec(spec, dirs, {}, fake::spec_schema()); }

// The known values are those of the paper's code, in shared/reference/FACTS.md.
TEST(Presets, nanda_mainline_is_the_papers_run) {
  const RunSpec spec = load("nanda-mainline");
  EXPECT_EQ(spec.task.integer("p"), 113);
  EXPECT_EQ(spec.task.real("train_fraction"), 0.3);
  EXPECT_EQ(spec.task.text("split_rng"), "python");
  EXPECT_EQ(spec.model.text("init_rng"), "torch");
  EXPECT_EQ(spec.model.integer("d_mlp"), 512);
  EXPECT_EQ(spec.optim.real("lr"), 1e-3);
  EXPECT_EQ(spec.optim.reals("betas"), (Reals{0.9, 0.98}));
  EXPECT_EQ(spec.optim.real("weight_decay"), 1.0);
  EXPECT_EQ(spec.optim.integer("warmup_steps"), 10);
  EXPECT_TRUE(is_recorded(spec, 100));
  EXPECT_TRUE(is_keyframe(spec, 39500));
}

// Presets of other tasks are checked where the real catalogues are known.
TEST(Presets, of_modular_addition_are_listed_and_sound) {
  const std::vector<std::string> names = preset_names(dirs);
  for (const std::string name : {"modular-addition", "nanda-mainline", "quick"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
    EXPECT_NO_THROW(load(name)) << name;
  }
}

TEST(Presets, a_seed_moves_split_and_weights_together) {
  const std::vector<std::string> seed = {"train.seed=5"};
  const RunSpec own = load_spec("modular-addition", dirs, seed, fake::spec_schema());
  EXPECT_EQ(own.task.integer("split_seed"), 5);
  EXPECT_EQ(own.model.integer("init_seed"), 5);
  const RunSpec paper = load_spec("nanda-mainline", dirs, seed, fake::spec_schema());
  EXPECT_EQ(paper.task.integer("split_seed"), 0);
}

TEST(LoadSpec, a_missing_preset_or_file_is_named) {
  const auto message = [](const std::string& spec) -> std::string {
    try {
      load(spec);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::not_found);
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(
      message("quik"),
      "no preset named \"quik\"; did you mean quick? (the path of a spec ends in .toml or has a "
      "slash)");
  EXPECT_EQ(message("no/such.toml"), "no/such.toml: no such file");
  const std::string near = GROK_SPECS_DIR "/quik.toml";
  EXPECT_EQ(message(near), near + ": no such file; did you mean " GROK_SPECS_DIR "/quick.toml?");
  // Who misspells a file is not told of all presets; who names one that is far from any, is.
  EXPECT_EQ(message("quick.tom"),
            "no preset named \"quick.tom\"; did you mean the preset quick? (the path of a spec "
            "ends in .toml or has a slash)");
  EXPECT_EQ(message("nothing.alike"),
            "no preset named \"nothing.alike\"; grokscope list presets names those that there are "
            "(the path of a spec ends in .toml or has a slash)");
  EXPECT_NE(message("nothing").find("known: addition-5digit-finite, "), std::string::npos);
}

TEST(LoadSpec, a_run_file_is_no_spec) {
  const auto refused = [](const std::string& spec) {
    return fails_with(ErrorCode::usage, spec + ": is a run file, where a spec was expected",
                      [&] { load(spec); });
  };
  const TemporaryDirectory folder;
  EXPECT_TRUE(refused("none-of-that-name.grok"));
  const std::string run = folder / "a.grok";
  write_text(run, std::string("SQLite format 3\0", 16) + "pages");
  EXPECT_TRUE(refused(run));
}

TEST(LoadSpec, reads_a_file_by_its_path_and_says_so) {
  const std::string path = testing::TempDir() + "grok_load_spec_test.toml";
  std::ofstream(path) << fake::sound_with("p = 113", "p = 1");
  try {
    load(path);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), path + ":3: task.p: expected an integer of at least 2, found 1");
  }
  std::ofstream(path) << fake::sound;
  EXPECT_EQ(load(path), fake::parse(fake::sound));
  std::remove(path.c_str());
  EXPECT_THROW(load(testing::TempDir() + "/."), Error);
}

}  // namespace
}  // namespace grok
