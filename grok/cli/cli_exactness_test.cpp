// Same spec, same bits: whatever the number of threads, AVX2 or AVX-512, g++ or clang. The digest
// below is one for all builds; a change that moves it raises the plan version and says so.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/cli/program.h"
#include "grok/kernels/target.h"
#include "tests/support/temporary_directory.h"

namespace grok::testing {
namespace {

constexpr const char* digest_after_200_steps =
    "3b402d9252d45115cc5ae1012f93b0678617e8fa6ff24919a8e160862fed4290";

std::string digest_of_run(const std::string& threads, const std::vector<std::string>& environment) {
  const TemporaryDirectory folder;
  const std::string file = (folder.path() / "a.grok").string();
  // Probes and keyframes change no weight, and would take longer than the steps.
  const Outcome o =
      grokscope({"train", "quick", "--out", file, "--threads", threads, "--json", "--set",
                 "train.steps=200", "--set", "record.probes=none", "--set", "record.every=200",
                 "--set", "record.log_points_per_octave=0", "--set", "record.keyframes=ends"},
                environment);
  EXPECT_EQ(o.exit_code, 0) << o.err;
  return nlohmann::json::parse(o.out).at("weights_digest");
}

TEST(Exactness, any_number_of_threads_gives_the_golden_bits) {
  if (active_target() == "portable") GTEST_SKIP() << "bits are promised for fused multiply-add";
  for (const char* threads : {"1", "2", "4", "8"})
    EXPECT_EQ(digest_of_run(threads, {}), digest_after_200_steps) << threads << " threads";
}

TEST(Exactness, avx2_and_avx512_give_the_golden_bits) {
  for (const std::string_view target : available_targets()) {
    if (target == "portable") continue;
    EXPECT_EQ(digest_of_run("2", {"GROKSCOPE_TARGET=" + std::string(target)}),
              digest_after_200_steps)
        << target;
  }
}

// The comparison is shown to catch a difference: the portable target rounds each product.
TEST(Exactness, another_arithmetic_gives_other_bits) {
  EXPECT_NE(digest_of_run("2", {"GROKSCOPE_TARGET=portable"}), digest_after_200_steps);
}

TEST(Exactness, an_unknown_target_is_refused) {
  const Outcome o = grokscope({"train", "quick", "--out", "never.grok"}, {"GROKSCOPE_TARGET=mmx"});
  EXPECT_EQ(o.exit_code, 1);
  EXPECT_NE(o.err.find("mmx"), std::string::npos) << o.err;
}

}  // namespace
}  // namespace grok::testing
