// A fork is its parent up to a step, and what was changed from there on.

#include "grok/lab/fork.h"

#include <set>

#include <gtest/gtest.h>

#include "grok/lab/closing.h"
#include "grok/lab/compare.h"
#include "grok/lab/curves.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/replay.h"
#include "grok/lab/replayer.h"
#include "grok/lab/testing.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

namespace fs = std::filesystem;
using testing::tiny_spec;

class forked_run : public ::testing::Test {
 protected:
  forked_run() { run(tiny_spec(), parent, {.n_threads = 1}); }

  RunResult fork(std::int64_t step, std::vector<std::string> overrides,
                 std::vector<std::string> edits = {}, const RunOptions& options = {1}) const {
    return fork_run(parent, {step, std::move(overrides), std::move(edits)}, child, options);
  }
  ::testing::AssertionResult refuses(ErrorCode code, const std::string& words, std::int64_t step,
                                     std::vector<std::string> overrides,
                                     std::vector<std::string> edits = {}) const {
    auto result = fails_with(code, words, [&] { fork(step, overrides, edits); });
    if (fs::exists(child)) return ::testing::AssertionFailure() << "a file was left behind";
    return result;
  }
  static RunFile open(const fs::path& path) { return RunFile::open(path, Access::read); }
  static std::string last_digest(const fs::path& path) {
    const RunFile file = open(path);
    return file.keyframe_digest(file.keyframe_steps().back());
  }

  TemporaryDirectory folder;
  fs::path parent = folder / "parent.grok", child = folder / "child.grok";
};

TEST_F(forked_run, without_a_change_has_its_parents_bits) {
  const RunResult result = fork(37, {});
  EXPECT_EQ(result.first_step, 37);
  EXPECT_EQ(result.ending, Ending::done);
  EXPECT_EQ(last_digest(child), last_digest(parent));
  const RunFile a = open(parent), b = open(child);
  EXPECT_EQ(recorded_parting(a, b).step, std::nullopt);
  // From step 37 on it has all that its parent has, and a record of 37 itself.
  const std::vector<MetricPoint> losses = b.metric("test_loss");
  EXPECT_EQ(losses.front().step, 37);
  EXPECT_EQ(losses.back().step, 120);
  EXPECT_TRUE(is_closed(b));
}

TEST_F(forked_run, stands_alone) {
  fork(37, {"optim.weight_decay=0"});
  const std::string digest = last_digest(child);
  fs::remove(parent);
  EXPECT_TRUE(replay(child, {}).is_complete);
  EXPECT_EQ(open(child).keyframe_steps().front(), 37);
  EXPECT_EQ(last_digest(child), digest);
}

// A term of the loss begins with the fork, and so does what it keeps.
TEST_F(forked_run, may_be_trained_on_a_term_from_there_on) {
  fork(37, {"terms.excluded.weight=0.1"});
  EXPECT_TRUE(replay(child, {}).is_complete);
  EXPECT_NE(last_digest(child), last_digest(parent));
  const auto terms_at = [](const fs::path& path, std::int64_t step) {
    return checkpoint_of(open(path).keyframe(step)).terms;
  };
  EXPECT_EQ(terms_at(parent, 50).size(), 0u);
  EXPECT_EQ(terms_at(child, 37).size(), 1u);
  // Of a run that has it, a fork without a change goes on with what its parent kept.
  const fs::path grandchild = folder / "grandchild.grok";
  fork_run(child, {63, {}, {}}, grandchild, {1});
  EXPECT_EQ(last_digest(grandchild), last_digest(child));
}

TEST_F(forked_run, goes_on_like_any_other) {
  fork(37, {"optim.lr=3e-3"});
  const std::string expected = last_digest(child);
  fs::remove(child);
  testing::StopAt stopper(64);
  EXPECT_EQ(fork(37, {"optim.lr=3e-3"}, {}, {1, &stopper, &stopper.flag}).ending,
            Ending::interrupted);
  EXPECT_EQ(resume(child, {.n_threads = 2}).ending, Ending::done);
  EXPECT_EQ(last_digest(child), expected);
  EXPECT_EQ(fork(37, {"optim.lr=3e-3"}).first_step, 120);  // and is not made twice
}

TEST_F(forked_run, is_its_spec) {
  fork(37, {}, {"remove_frequency:frequency=2"});
  const RunFile file = open(child);
  const RunSpec spec = stored_spec(file.spec_json());
  EXPECT_EQ(spec_digest(spec), file.spec_digest());
  EXPECT_NE(file.spec_digest(), open(parent).spec_digest());
  EXPECT_EQ(spec.fork.text("parent"), open(parent).spec_digest());
  EXPECT_EQ(spec.fork.texts("edits"), Texts{R"(remove_frequency:frequency=2,of="embedding")"});
  const Origin origin = origin_of(file).value();
  EXPECT_EQ(origin.step, 37);
  EXPECT_EQ(origin.parent_file, "parent.grok");
  EXPECT_FALSE(origin_of(open(parent)).has_value());
}

TEST_F(forked_run, may_train_on_other_examples) {
  fork(37, {"task.train_fraction=0.8"});
  EXPECT_EQ(open(child).metric("all_loss").front().value,  // the same weights on all pairs
            [&] {
              replay(parent, {.from = 37, .to = 37, .probes = {"loss_and_accuracy"}, .every = 1});
              for (const MetricPoint& p : open(parent).metric("all_loss"))
                if (p.step == 37) return p.value;
              return -1.0;
            }());
  EXPECT_NE(last_digest(child), last_digest(parent));
}

TEST_F(forked_run, extends_a_run_that_came_to_its_limit) {
  EXPECT_EQ(fork(120, {"train.steps=150"}).step, 150);
  const fs::path longer = folder / "longer.grok";
  run(tiny_spec({"train.steps=150"}), longer, {.n_threads = 1});
  EXPECT_EQ(last_digest(child), last_digest(longer));
}

TEST_F(forked_run, keeps_frozen_weights_and_passes_them_on) {
  fork(37, {}, {"freeze:tensors=[embed.W_E]"});
  const RunFile file = open(child);
  const Weights first = weights_at(file, 37), last = weights_at(file, 120);
  EXPECT_EQ(first.at("embed.W_E"), last.at("embed.W_E"));
  EXPECT_NE(first.at("unembed.W_U"), last.at("unembed.W_U"));
  EXPECT_TRUE(replay(child, {}).is_complete);
  const fs::path still = folder / "still.grok", again = folder / "again.grok";
  fork_run(child, {50, {}, {}}, still, {.n_threads = 1});
  EXPECT_EQ(weights_at(open(still), 120).at("embed.W_E"), first.at("embed.W_E"));
  fork_run(child, {50, {}, {"thaw"}}, again, {.n_threads = 1});
  EXPECT_NE(weights_at(open(again), 120).at("embed.W_E"), first.at("embed.W_E"));
}

TEST_F(forked_run, takes_a_tensor_from_any_step_of_another_run) {
  const fs::path donor = folder / "donor.grok";
  run(tiny_spec({"train.seed=3"}), donor, {.n_threads = 1});
  fork(37, {}, {"swap_tensor:tensor=embed.W_E,run='" + donor.string() + "',step=61"});
  EXPECT_EQ(weights_at(open(child), 37).at("embed.W_E"),
            weights_at(open(donor), 61).at("embed.W_E"));
  // The donor is known by what it is, not by where it lay.
  EXPECT_NE(open(child).spec_json().find(open(donor).spec_digest()), std::string::npos);
  EXPECT_EQ(open(child).spec_json().find("donor.grok"), std::string::npos);
  fs::remove(child);
  fork(37, {}, {"swap_tensor:tensor=embed.W_E,run='" + donor.string() + "',step=last"});
  EXPECT_EQ(weights_at(open(child), 37).at("embed.W_E"),
            weights_at(open(donor), 120).at("embed.W_E"));
  EXPECT_NE(open(child).spec_json().find("step=120"), std::string::npos);
}

TEST_F(forked_run, refuses_what_cannot_be_and_leaves_no_file) {
  EXPECT_TRUE(refuses(ErrorCode::not_found, "no step 121; the run has steps 0 to 120", 121,
                      {"train.steps=200"}));
  EXPECT_TRUE(refuses(ErrorCode::usage, "embed.W_E [12, 16] where the fork would have", 10,
                      {"model.d_model=32", "model.d_head=16"}));
  EXPECT_TRUE(refuses(ErrorCode::usage, "task.p", 10, {"task.p=-1"}));
  EXPECT_TRUE(
      refuses(ErrorCode::usage, "model.init_seed has no effect", 10, {"model.init_seed=4"}));
  EXPECT_TRUE(refuses(ErrorCode::usage, "leaves nothing to train after step 100", 100,
                      {"train.steps=100"}));
  EXPECT_TRUE(refuses(ErrorCode::usage, "unknown edit", 10, {}, {"remove_frequenzy:frequency=1"}));
  EXPECT_TRUE(refuses(ErrorCode::usage, "from 1 to 5", 10, {}, {"remove_frequency:frequency=6"}));
  EXPECT_TRUE(refuses(ErrorCode::not_found, "none.grok", 10, {},
                      {"swap_tensor:tensor=embed.W_E,run='none.grok',step=0"}));
}

TEST_F(forked_run, that_is_interrupted_before_it_begins_leaves_no_file) {
  const std::atomic<bool> stop = true;
  EXPECT_EQ(fork(37, {}, {}, {.n_threads = 1, .stop = &stop}).ending, Ending::interrupted);
  EXPECT_FALSE(fs::exists(child));
}

// Its parent memorized before step 90: the fork must not claim it for itself.
TEST_F(forked_run, does_not_claim_what_its_parent_had_learnt) {
  const auto learnt = phases_of(open(parent)).memorized_step;
  ASSERT_TRUE(learnt && *learnt < 110) << "choose a spec that memorizes";
  fork(110, {"train.steps=200"});
  EXPECT_EQ(phases_of(open(child)).memorized_step, std::nullopt);
  for (const Event& event : open(child).events("phase_change")) EXPECT_GT(event.step, 110);
}

TEST_F(forked_run, overwrites_no_other_run) {
  run(tiny_spec({"train.seed=5"}), child, {.n_threads = 1});
  const std::string before = last_digest(child);
  EXPECT_TRUE(fails_with(ErrorCode::usage, "holds a run of another spec", [&] { fork(10, {}); }));
  EXPECT_EQ(last_digest(child), before);
}

TEST_F(forked_run, tells_another_fork_from_itself) {
  fork(10, {});
  EXPECT_TRUE(fails_with(ErrorCode::usage, "fork.step is 10 there and 11 here; nothing was changed",
                         [&] { fork(11, {}); }));
}

TEST_F(forked_run, is_compared_with_its_parent) {
  fork(37, {"optim.weight_decay=0.5"});
  const Comparison c = compare_runs(parent, child, {.n_threads = 1});
  EXPECT_EQ(c.kinship, "child.grok was forked from parent.grok at step 37");
  EXPECT_EQ(c.parting.step, 38);  // the first update that knows of it
  EXPECT_EQ(c.parting.last_same, 37);
  EXPECT_TRUE(c.parting.is_exact);
  ASSERT_EQ(c.spec.size(), 1u);
  EXPECT_EQ(c.spec[0].key, "optim.weight_decay");
  EXPECT_EQ(c.spec[0].a, "1.0");
  EXPECT_EQ(c.spec[0].b, "0.5");
  EXPECT_FALSE(c.metrics.empty());
  EXPECT_FALSE(compare_runs(parent, child, {.is_exact = false}).parting.is_exact);
}

TEST(compare, finds_the_step_at_which_two_equal_beginnings_part) {
  const TemporaryDirectory folder;
  run(tiny_spec(), folder / "a.grok", {.n_threads = 1});
  fork_run(folder / "a.grok", {83, {}, {"add_noise:norm=1e-3"}}, folder / "b.grok",
           {.n_threads = 1});
  fork_run(folder / "a.grok", {20, {}, {}}, folder / "c.grok", {.n_threads = 1});
  const auto parts = [&](const char* x, const char* y) {
    return compare_runs(folder / x, folder / y, {.n_threads = 1}).parting;
  };
  EXPECT_EQ(parts("b.grok", "c.grok").step, 83);
  EXPECT_EQ(parts("b.grok", "c.grok").what, "embed.W_E");
  EXPECT_EQ(parts("a.grok", "c.grok").step, std::nullopt);
  EXPECT_EQ(parts("a.grok", "c.grok").last_same, 120);
}

// What the optimizer remembers is no weight: they part with the update that uses it.
TEST(compare, tells_weights_from_what_the_optimizer_remembers) {
  const TemporaryDirectory folder;
  run(tiny_spec(), folder / "a.grok", {.n_threads = 1});
  fork_run(folder / "a.grok", {50, {}, {"reset_moments"}}, folder / "b.grok", {.n_threads = 1});
  const Parting p = compare_runs(folder / "a.grok", folder / "b.grok", {.n_threads = 1}).parting;
  EXPECT_EQ(p.last_same, 50);  // of which both have a keyframe, with other moments
  EXPECT_EQ(p.step, 51);
}

// Nothing but replaying tells: neither has a keyframe where the other has one.
TEST(compare, looks_between_keyframes_to_the_last_step_that_both_have) {
  const TemporaryDirectory folder;
  run(tiny_spec(), folder / "a.grok", {.n_threads = 1});
  fork_run(folder / "a.grok", {53, {"train.steps=57", "optim.lr=1e-3"}, {}}, folder / "b.grok",
           {1});
  fork_run(folder / "a.grok", {53, {"train.steps=57"}, {}}, folder / "c.grok", {1});
  fork_run(folder / "a.grok", {61, {}, {}}, folder / "d.grok", {1});
  const auto parts = [&](const char* x, const char* y, bool is_exact = true) {
    return compare_runs(folder / x, folder / y, {.is_exact = is_exact, .n_threads = 1}).parting;
  };
  EXPECT_EQ(parts("a.grok", "b.grok").step, 54);
  EXPECT_EQ(parts("a.grok", "b.grok", false).step, std::nullopt);
  EXPECT_FALSE(parts("a.grok", "b.grok", false).is_exact);
  EXPECT_EQ(parts("a.grok", "c.grok").step, std::nullopt);
  EXPECT_EQ(parts("a.grok", "c.grok").last_same, 57);
  const Parting none = parts("c.grok", "d.grok");  // steps 53 to 57, and from 61 on
  EXPECT_EQ(none.last_same, std::nullopt);
  EXPECT_EQ(none.step, std::nullopt);
  EXPECT_TRUE(none.is_exact);
}

// Measures with the key frequencies of the end say nothing of the beginning.
TEST(compare, is_not_led_by_measures_of_what_came_later) {
  const TemporaryDirectory folder;
  const std::vector<std::string> groks{"train.steps=400", "task.train_fraction=0.8"};
  auto more = groks;
  more.emplace_back("optim.weight_decay=3");
  run(tiny_spec(groks), folder / "a.grok", {.n_threads = 1});
  run(tiny_spec(more), folder / "b.grok", {.n_threads = 1});
  const Parting p = compare_runs(folder / "a.grok", folder / "b.grok", {.n_threads = 1}).parting;
  EXPECT_EQ(p.last_same, 1);  // the first update has rate 0
  EXPECT_EQ(p.step, 2);
}

std::set<std::string> names_compared(const std::vector<std::string>& overrides,
                                     const std::vector<std::string>& metrics = {}) {
  const TemporaryDirectory folder;
  run(tiny_spec(overrides), folder / "a.grok", {.n_threads = 1});
  const Comparison c = compare_runs(folder / "a.grok", folder / "a.grok",
                                    {.metrics = metrics, .is_exact = false, .n_threads = 1});
  std::set<std::string> out;
  for (const MetricPair& pair : c.metrics) out.insert(pair.name);
  return out;
}

TEST(compare, without_names_sets_side_by_side_what_the_runs_have) {
  const std::set<std::string> usual{"train_loss", "test_loss", "train_accuracy", "test_accuracy"};
  EXPECT_EQ(names_compared({"train.steps=5"}), usual);
  EXPECT_EQ(names_compared({"train.steps=5", "task.train_fraction=1"}),
            (std::set<std::string>{"train_loss", "train_accuracy"}));
  const std::vector<std::string> endless{"train.steps=5", "task.name=skip_trigram", "task.length=9",
                                         "task.n_test=20", "train.batch=16"};
  const std::set<std::string> found = names_compared(endless);
  EXPECT_TRUE(found.contains("batch_loss") && found.contains("test_loss"));
  EXPECT_FALSE(found.contains("train_loss"));
  EXPECT_TRUE(fails_with(ErrorCode::usage, "neither run has a metric named train_loss", [&] {
    names_compared(endless, {"train_loss"});
  })) << "a name that was asked for";
}

TEST(compare, names_each_metric_once_where_one_is_not_there) {
  try {
    names_compared({"train.steps=5"}, {"qqqqqqqq"});
    FAIL();
  } catch (const Error& error) {
    const std::string text = error.what();
    const std::size_t at = text.find(" train_loss");
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_EQ(text.find(" train_loss", at + 1), std::string::npos) << text;
  }
}

TEST(compare, of_runs_with_other_seeds_begins_to_differ_at_the_start) {
  const TemporaryDirectory folder;
  run(tiny_spec(), folder / "a.grok", {.n_threads = 1});
  run(tiny_spec({"train.seed=1"}), folder / "b.grok", {.n_threads = 1});
  const Comparison c = compare_runs(folder / "a.grok", folder / "b.grok", {.n_threads = 1});
  EXPECT_EQ(c.parting.step, 0);
  EXPECT_EQ(c.kinship, "");
  EXPECT_TRUE(fails_with(ErrorCode::usage, "neither run has a metric named x", [&] {
    compare_runs(folder / "a.grok", folder / "b.grok", {.metrics = {"x"}});
  }));
}

}  // namespace
}  // namespace grok
