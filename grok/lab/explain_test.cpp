#include "grok/lab/explain.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "grok/lab/testing.h"
#include "grok/train/trainer.h"
#include "tests/support/expect_error.h"

namespace grok {
namespace {

using testing::tiny_spec;

TEST(explain, ends_with_the_program_that_the_trainer_runs) {
  const RunSpec spec = tiny_spec();
  const Explanation e = explain(spec, {});
  ThreadPool pool(1);
  const TaskData task = tasks::data_of(spec.task);
  const Trainer trainer(spec, task, pool);
  const Graph& graph = trainer.program().graph();
  ASSERT_EQ(static_cast<NodeId>(e.program.size()), graph.size());
  for (NodeId id = 0; id < graph.size(); ++id)
    EXPECT_EQ(e.program[static_cast<std::size_t>(id)], line_of(graph, id));
  EXPECT_EQ(e.arena_bytes, trainer.program().arena_bytes());
  EXPECT_EQ(e.step.last().flops, cost_of(graph).flops);
}

TEST(explain, shows_every_pass_of_both_rounds_and_what_they_save) {
  const Explanation e = explain(tiny_spec(), {});
  const auto is_algebra = [](const Pass* p) { return p->stage == Stage::algebra; };
  const auto all = pass_catalog();
  EXPECT_EQ(std::ssize(e.forward.passes), std::count_if(all.begin(), all.end(), is_algebra));
  EXPECT_EQ(e.step.passes.size(), pass_catalog().size());
  EXPECT_LT(e.forward.last().flops, e.forward.written.flops);
  EXPECT_LT(e.step.last().flops, e.unoptimized_step.flops);
}

TEST(explain, runs_only_the_passes_that_are_named) {
  const std::vector<std::string> one{"dead_nodes"};
  const Explanation e = explain(tiny_spec(), one);
  ASSERT_EQ(e.step.passes.size(), 1u);
  EXPECT_EQ(e.step.passes[0].name, "dead_nodes");
  for (const char* unknown : {"magic", ""}) {
    const std::vector<std::string> names{"dead_nodes", unknown};
    EXPECT_TRUE(fails_with(ErrorCode::usage, "unique_rows", [&] { explain(tiny_spec(), names); }));
  }
}

TEST(explain, none_runs_no_pass_and_stands_alone) {
  const std::vector<std::string> none{"none"};
  const Explanation e = explain(tiny_spec(), none);
  EXPECT_TRUE(e.forward.passes.empty());
  EXPECT_TRUE(e.step.passes.empty());
  EXPECT_EQ(e.step.last().flops, e.unoptimized_step.flops);
  const std::vector<std::string> both{"none", "dead_nodes"};
  EXPECT_TRUE(fails_with(ErrorCode::usage, "alone", [&] { explain(tiny_spec(), both); }));
}

TEST(explain, savings_of_all_passes_add_up_to_what_they_save_together) {
  const PassTable table = explain(tiny_spec(), {}).forward;
  Cost sum;
  for (std::size_t i = 0; i < table.passes.size(); ++i) {
    const Cost saved = table.saved(i);
    sum.n_ops += saved.n_ops;
    sum.flops += saved.flops;
    sum.bytes += saved.bytes;
  }
  // Whole numbers below 2^53: exact in double.
  EXPECT_EQ(sum.n_ops, table.written.n_ops - table.last().n_ops);
  EXPECT_EQ(sum.flops, table.written.flops - table.last().flops);
  EXPECT_EQ(sum.bytes, table.written.bytes - table.last().bytes);
  for (std::size_t i = 0; i < table.passes.size(); ++i)
    EXPECT_TRUE(table.passes[i].name != "dead_positions" || table.saved(i).flops > 0);
}

TEST(explain, foretells_the_size_of_the_run_file) {
  const TemporaryDirectory folder;
  const RunSpec spec = tiny_spec({"train.steps=400", "record.every=5"});
  const Explanation e = explain(spec, {});
  run(spec, folder / "a.grok", {.n_threads = 1});
  const RunFile file = RunFile::open(folder / "a.grok", Access::read);
  EXPECT_EQ(e.n_keyframes, static_cast<std::int64_t>(file.keyframe_steps().size()));
  EXPECT_EQ(e.n_records, static_cast<std::int64_t>(file.metric("train_loss").size()));
  const auto found = static_cast<double>(std::filesystem::file_size(folder / "a.grok"));
  EXPECT_NEAR(static_cast<double>(e.file_bytes) / found, 1, 0.1);
}

}  // namespace
}  // namespace grok
