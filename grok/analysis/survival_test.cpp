#include "grok/analysis/survival.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/base/rng.h"

namespace grok {
namespace {

using Runs = std::vector<Lifetime>;

Runs runs(const std::vector<std::int64_t>& events, const std::vector<std::int64_t>& censored = {}) {
  Runs out;
  for (const std::int64_t step : censored) out.push_back({step, true});
  for (const std::int64_t step : events) out.push_back({step, false});
  return out;
}

// Weeks of remission of 42 children with leukaemia (Freireich et al. 1963), the example of many
// textbooks: 21 under 6-mercaptopurine, of whom 12 are censored, and 21 under a placebo.
const Runs treated =
    runs({6, 6, 6, 7, 10, 13, 16, 22, 23}, {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35});
const Runs placebo = runs({1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23});

TEST(KaplanMeier, is_that_of_the_textbooks) {
  const SurvivalCurve curve = kaplan_meier(treated);
  EXPECT_EQ(curve.steps, (std::vector<std::int64_t>{6, 7, 10, 13, 16, 22, 23}));
  EXPECT_EQ(curve.at_risk, (std::vector<std::int64_t>{21, 17, 15, 12, 11, 7, 6}));
  const std::vector<double> survival{0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448};
  const std::vector<double> errors{0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346};
  for (std::size_t i = 0; i < survival.size(); ++i) {
    EXPECT_NEAR(curve.survival[i], survival[i], 6e-4) << i;
    EXPECT_NEAR(curve.survival[i] * std::sqrt(curve.greenwood[i]), errors[i], 6e-5) << i;
  }
}

TEST(KaplanMeier, without_censoring_is_the_share_that_is_left) {
  const SurvivalCurve curve = kaplan_meier(runs({10, 20, 20, 40}));
  EXPECT_EQ(curve.steps, (std::vector<std::int64_t>{10, 20, 40}));
  EXPECT_EQ(curve.survival, (std::vector<double>{0.75, 0.25, 0}));
  EXPECT_TRUE(std::isinf(curve.greenwood[2]));
  EXPECT_TRUE(kaplan_meier({}).steps.empty());
}

TEST(SurvivalQuantile, is_that_of_the_textbooks) {
  const SurvivalQuantile of_treated = survival_quantile(kaplan_meier(treated), 0.5, 0.95);
  EXPECT_EQ(of_treated.step, 23);
  EXPECT_EQ(of_treated.low, 13);
  EXPECT_EQ(of_treated.high, std::nullopt);
  const SurvivalQuantile of_placebo = survival_quantile(kaplan_meier(placebo), 0.5, 0.95);
  EXPECT_EQ(of_placebo.step, 8);
  EXPECT_EQ(of_placebo.low, 4);
  EXPECT_EQ(of_placebo.high, 11);
}

TEST(SurvivalQuantile, of_an_even_number_is_in_the_middle) {
  EXPECT_EQ(survival_quantile(kaplan_meier(runs({10, 20, 30, 70})), 0.5, 0.9).step, 25);
  EXPECT_EQ(survival_quantile(kaplan_meier(runs({10, 20, 30})), 0.5, 0.9).step, 20);
  EXPECT_EQ(survival_quantile(kaplan_meier(runs({10, 20, 30, 70})), 0.25, 0.9).step, 15);
}

TEST(SurvivalQuantile, is_none_while_fewer_have_had_the_event) {
  const SurvivalQuantile q = survival_quantile(kaplan_meier(runs({10}, {50, 50, 50})), 0.5, 0.9);
  EXPECT_EQ(q.step, std::nullopt);
  EXPECT_EQ(q.high, std::nullopt);
  EXPECT_THROW(survival_quantile({}, 1, 0.9), ContractBroken);
  EXPECT_EQ(survival_quantile({}, 0.5, 0.9).step, std::nullopt);
}

TEST(SurvivalQuantile, of_runs_that_are_all_alike_is_that_step) {
  const SurvivalQuantile q =
      survival_quantile(kaplan_meier(runs({300, 300, 300, 300, 300, 300})), 0.5, 0.9);
  EXPECT_EQ(q.step, 300);
  EXPECT_EQ(q.low, 300);
  EXPECT_EQ(q.high, 300);
}

// With three runs all are on one side of the true median in one case of four.
TEST(SurvivalQuantile, of_few_runs_has_no_ends) {
  const SurvivalQuantile q = survival_quantile(kaplan_meier(runs({100, 200, 300})), 0.5, 0.9);
  EXPECT_EQ(q.step, 200);
  EXPECT_EQ(q.low, std::nullopt);
  EXPECT_EQ(q.high, std::nullopt);
}

// Of n distinct times the interval holds the true median with the chance that a binomial says,
// which is at least what is asked for.
TEST(SurvivalQuantile, holds_the_median_as_often_as_it_says) {
  const Rng rng(0, "median");
  std::uint64_t used = 0;
  for (const int n : {2, 3, 5, 6, 9, 20}) {
    int n_held = 0;
    for (int draw = 0; draw < 2000; ++draw) {
      Runs some;
      for (int i = 0; i < n; ++i)
        some.push_back({static_cast<std::int64_t>(rng.below(used++, 2'000'000)), false});
      const SurvivalQuantile q = survival_quantile(kaplan_meier(some), 0.5, 0.9);
      n_held += (!q.low || *q.low <= 1'000'000) && (!q.high || *q.high >= 1'000'000);
    }
    EXPECT_GE(n_held, 0.87 * 2000) << n;
  }
}

TEST(LogRank, is_that_of_the_textbooks) {
  const LogRank test = log_rank(treated, placebo).value();
  EXPECT_NEAR(test.chi_squared, 16.79, 0.005);
  EXPECT_NEAR(test.p_value, 4.17e-5, 0.01e-5);
  EXPECT_EQ(test.observed_a, 9);
  EXPECT_EQ(test.observed_b, 21);
  EXPECT_NEAR(test.expected_a, 19.25, 0.005);
  EXPECT_NEAR(test.expected_b, 10.75, 0.005);
  EXPECT_LE(log_rank_permutation(treated, placebo, 999).value(), 0.002);
}

TEST(LogRank, does_not_care_which_group_is_first) {
  EXPECT_NEAR(log_rank(treated, placebo)->chi_squared, log_rank(placebo, treated)->chi_squared,
              1e-12);
  EXPECT_NEAR(log_rank(treated, treated)->p_value, 1, 1e-12);
}

TEST(LogRank, says_nothing_without_an_event_that_tells) {
  EXPECT_FALSE(log_rank(runs({}, {5, 5}), runs({}, {5, 5})));
  EXPECT_FALSE(log_rank(runs({5}), Runs{}));
  EXPECT_FALSE(log_rank_permutation(runs({}, {5, 5}), runs({}, {5, 5}), 9));
}

// Three against three, wholly apart: of the 20 ways to part six runs, two are as far apart.
TEST(LogRank, by_relabelling_is_exact_for_few_runs) {
  const double p = log_rank_permutation(runs({1, 2, 3}), runs({11, 12, 13}), 20000).value();
  EXPECT_NEAR(p, 0.1, 0.008);
}

TEST(MedianRatio, compares_the_later_half) {
  const MedianRatio r = median_ratio(runs({99, 99, 99}), runs({299, 299, 299}), 0.9, 200).value();
  EXPECT_NEAR(r.ratio, 3, 1e-12);
  EXPECT_NEAR(r.low.value(), 3, 1e-12);
  EXPECT_NEAR(r.high.value(), 3, 1e-12);
  const MedianRatio open =
      median_ratio(runs({9, 19, 29, 39}), runs({19, 59, 99}, {100, 100}), 0.9, 500).value();
  EXPECT_FALSE(open.high) << "half of the second group may never come to it";
  EXPECT_TRUE(open.low);
  EXPECT_FALSE(median_ratio(runs({9, 9}), runs({}, {100}), 0.9, 10));
}

}  // namespace
}  // namespace grok
