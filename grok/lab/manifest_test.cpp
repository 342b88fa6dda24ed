#include "grok/lab/manifest.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/kernels/target.h"
#include "grok/plan/program.h"

namespace grok {
namespace {

TEST(manifest, says_all_that_may_decide_a_runs_bits) {
  const nlohmann::json manifest = nlohmann::json::parse(manifest_json(3));
  EXPECT_EQ(manifest.at("grokscope"), grokscope_version());
  EXPECT_EQ(manifest.at("plan_version"), plan_version);
  EXPECT_EQ(manifest.at("target"), std::string(active_target()));
  EXPECT_EQ(manifest.at("n_threads"), 3);
  EXPECT_EQ(manifest.at("denormals_flushed"), true);
  for (const char* key : {"compiler", "sqlite", "highway"})
    EXPECT_FALSE(manifest.at(key).get<std::string>().empty()) << key;
  EXPECT_TRUE(manifest.at("revision").is_string());  // empty outside a git checkout
}

TEST(manifest, names_the_flag_without_which_bits_would_move) {
  const nlohmann::json manifest = nlohmann::json::parse(manifest_json(1));
  const std::string flags = manifest.at("flags");
  EXPECT_NE(flags.find("-ffp-contract=off"), std::string::npos) << flags;
  EXPECT_EQ(flags.find("-Wall"), std::string::npos) << flags;
}

TEST(manifest, gives_the_time_in_utc) {
  const std::string started = nlohmann::json::parse(manifest_json(1)).at("started");
  ASSERT_EQ(started.size(), 20u);
  EXPECT_EQ(started[10], 'T');
  EXPECT_EQ(started.back(), 'Z');
}

}  // namespace
}  // namespace grok
