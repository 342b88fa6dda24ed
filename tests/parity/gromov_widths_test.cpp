// How wide Gromov's solution in closed form must be: the accuracy over all pairs at widths of some
// multiples of p, mean of five draws of the phases.
//
//   expected  own calculation with NumPy from the paper's formula, recorded in
//   reference/published.md
//             (T2). Single draws differ by some hundredths at small widths
//   source    Gromov 2023, arXiv:2301.02679

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "grok/models/answers.h"
#include "grok/probes/probe.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

double mean_accuracy(std::int64_t p, std::int64_t width) {
  ThreadPool pool(2);
  const Params task_params =
      named("modular_arithmetic", tasks::modular_arithmetic().schema(),
            {{"operation", std::string("addition")}, {"layout", std::string("pizza")}, {"p", p}},
            {{"seed", std::int64_t{0}}});
  const TaskData task = tasks::data_of(task_params);
  const std::vector<std::string> probes{"loss_and_accuracy"};
  double sum = 0;
  for (std::int64_t seed = 0; seed < 5; ++seed) {
    const Params model = named("mlp", models::mlp().schema(),
                               {{"init", std::string("gromov_analytic")},
                                {"act", std::string("square")},
                                {"biases", false},
                                {"d_mlp", width}},
                               {{"seed", seed}});
    ProbeSet set(model, task, probes, pool);
    const Weights weights = models::mlp().init(model, model_sizes(task));
    sum += *set.measure(weights).metric("all_accuracy");
  }
  return sum / 5;
}

TEST(GromovWidths, at_97_twice_p_is_enough_and_p_falls_short_by_half_a_per_cent) {
  EXPECT_NEAR(mean_accuracy(97, 97 / 4), 0.426, 0.06);
  EXPECT_NEAR(mean_accuracy(97, 97 / 2), 0.881, 0.03);
  EXPECT_NEAR(mean_accuracy(97, 97), 0.9950, 0.003);
  EXPECT_EQ(mean_accuracy(97, 2 * 97), 1);
}

TEST(GromovWidths, small_moduli_need_more) {
  EXPECT_NEAR(mean_accuracy(59, 59), 0.965, 0.03);
  EXPECT_NEAR(mean_accuracy(59, 2 * 59), 0.9998, 1e-3);
  EXPECT_EQ(mean_accuracy(59, 3 * 59), 1);
  EXPECT_NEAR(mean_accuracy(23, 23), 0.710, 0.06);
  EXPECT_NEAR(mean_accuracy(23, 2 * 23), 0.941, 0.03);
  EXPECT_NEAR(mean_accuracy(23, 4 * 23), 0.997, 4e-3);
}

}  // namespace
}  // namespace grok
