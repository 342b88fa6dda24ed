#include "grok/lab/sweep_plan.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/lab/sweep_grid.h"
#include "grok/lab/sweep_names.h"
#include "grok/lab/testing.h"
#include "grok/spec/split_values.h"

namespace grok {
namespace {

using testing::tiny_request;

SweepPlan plan(const std::vector<std::string>& grid, const std::string& seeds = "") {
  return plan_sweep(tiny_request(grid, seeds));
}

std::vector<std::string> names_of(const SweepPlan& plan) {
  std::vector<std::string> out;
  for (const SweepRun& run : plan.runs) out.push_back(run.name);
  return out;
}

std::string refusal_of(const SweepRequest& request) {
  try {
    plan_sweep(request);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    return error.what();
  }
  return "not refused";
}

std::string refusal(const std::vector<std::string>& grid, const std::string& seeds = "") {
  return refusal_of(tiny_request(grid, seeds));
}

TEST(sweep_plan, has_every_combination_in_the_order_of_the_grid_with_the_seeds_fastest) {
  const SweepPlan p = plan({"optim.lr=1e-2,0.003", "optim.weight_decay=0,1"}, "3:4");
  EXPECT_EQ(names_of(p),
            (std::vector<std::string>{
                "lr=0.01,weight_decay=0.0,seed=3", "lr=0.01,weight_decay=0.0,seed=4",
                "lr=0.01,weight_decay=1.0,seed=3", "lr=0.01,weight_decay=1.0,seed=4",
                "lr=0.003,weight_decay=0.0,seed=3", "lr=0.003,weight_decay=0.0,seed=4",
                "lr=0.003,weight_decay=1.0,seed=3", "lr=0.003,weight_decay=1.0,seed=4"}));
  EXPECT_EQ(p.runs[5].spec,
            testing::tiny_spec({"optim.lr=0.003", "optim.weight_decay=0", "train.seed=4"}));
}

TEST(sweep_plan, without_grid_and_seeds_is_the_spec_itself) {
  const SweepPlan p = plan({});
  EXPECT_EQ(names_of(p), std::vector<std::string>{"tiny"});
  EXPECT_EQ(p.runs[0].spec, testing::tiny_spec());
}

TEST(sweep_plan, one_seed_is_one_run) { EXPECT_EQ(plan({}, "7:7").runs.size(), 1u); }

TEST(sweep_plan, refuses_values_of_which_one_combination_does_not_hold_together) {
  // Of the four pairs of numbers mod 2 a tenth is none.
  EXPECT_NE(refusal({"task.p=2,11", "task.train_fraction=0.1,0.6"})
                .find("--grid task.train_fraction=0.1: task.train_fraction: leaves no example"),
            std::string::npos);
}

TEST(sweep_plan, refuses_a_stop_rule_that_is_none) {
  EXPECT_NE(refusal({"train.stop_when='test_loss < 1/2','test_loss < 0.5'"})
                .find("--grid train.stop_when='test_loss < 1/2': train.stop_when: expected METRIC"),
            std::string::npos);
}

TEST(sweep_plan, tells_of_many_mistakes_some) {
  std::string grid = "optim.lr=-1";
  for (int i = 2; i <= 25; ++i) grid += ",-" + std::to_string(i);
  const std::string text = refusal({grid});
  EXPECT_NE(text.find("optim.lr=-20:"), std::string::npos) << text;
  EXPECT_EQ(text.find("optim.lr=-21:"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\nand 5 more")) << text;
}

TEST(sweep_plan, names_all_mistakes_at_once_and_each_once) {
  SweepRequest request = tiny_request(
      {"optim.lr=fast,1e-3", "optim.weight_dekay=0,1", "task.p", "model.d_mlp=8,,16"}, "5:1");
  request.overrides = {"train.steps=0"};
  const std::string text = refusal_of(request);
  for (const char* line :
       {"--grid optim.lr=fast: optim.lr: expected a number above 0, found \"fast\"",
        "--grid optim.weight_dekay=0: optim.weight_dekay: unknown key; did you mean weight_decay?",
        "--grid task.p: expected section.key=value,value", "--grid model.d_mlp=8,,16: model.d_mlp",
        "--seeds 5:1: expected A:B", "--set train.steps=0: train.steps"}) {
    const std::size_t at = text.find(line);
    EXPECT_NE(at, std::string::npos) << line << "\n" << text;
    EXPECT_EQ(text.find(line, at + 1), std::string::npos) << line;
  }
}

TEST(sweep_plan, refuses_a_key_or_a_run_that_is_given_twice) {
  EXPECT_NE(refusal({"optim.lr=1e-3", "optim.lr=1e-2"}).find("optim.lr"), std::string::npos);
  EXPECT_NE(refusal({"train.seed=1,2"}, "1:2").find("train.seed: given by --grid too"),
            std::string::npos);
  EXPECT_NE(refusal({"optim.lr=1e-3,0.001"}).find("twice"), std::string::npos);
  SweepRequest request = tiny_request({"optim.lr=1e-3"}, "");
  request.overrides = {"optim.lr=2"};
  EXPECT_NE(refusal_of(request).find("given by --set too"), std::string::npos);
}

TEST(sweep_plan, refuses_more_runs_than_it_can_lay_out) {
  EXPECT_NE(refusal({"optim.weight_decay=0,1"}, "0:99999").find("100000"), std::string::npos);
  EXPECT_NE(refusal({}, "0:9000000000000000000").find("too many"), std::string::npos);
}

TEST(sweep_plan, warns_of_seeds_that_change_nothing) {
  EXPECT_EQ(plan({}, "0:1").warning, "");
  SweepRequest request = tiny_request({}, "0:1");
  request.overrides = {"task.split_seed=0", "model.init_seed=0"};
  EXPECT_NE(plan_sweep(request).warning.find("model.init_seed"), std::string::npos);
}

TEST(sweep_names, hold_nothing_that_is_awkward_in_a_path_and_stay_apart) {
  const SweepPlan p = plan({"train.stop_when=test_loss < 1e-3,test_loss > 1e-3",
                            "optim.betas=[0.9,0.98],[0.9, 0.999]"});
  for (const SweepRun& run : p.runs)
    EXPECT_EQ(run.name.find_first_of(" <>[]\"'/"), std::string::npos) << run.name;
  std::vector<std::string> names = names_of(p);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST(sweep_names, give_the_section_where_two_keys_end_alike) {
  EXPECT_EQ(short_keys({"task.name", "model.name", "optim.lr"}),
            (std::vector<std::string>{"task.name", "model.name", "lr"}));
}

TEST(split_values, separates_nothing_inside_brackets_or_quotes) {
  EXPECT_EQ(split_values("1, 2,[3,[4,5]],\"a,b\",'c,d'"),
            (std::vector<std::string>{"1", "2", "[3,[4,5]]", "\"a,b\"", "'c,d'"}));
  EXPECT_EQ(split_values("a,"), (std::vector<std::string>{"a", ""}));
}

}  // namespace
}  // namespace grok
