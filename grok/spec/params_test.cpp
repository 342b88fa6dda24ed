#include "grok/spec/params.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

TEST(Params, gives_each_value_by_its_type) {
  const Params params{{"p", 113},
                      {"lr", 1e-3},
                      {"name", "adamw"},
                      {"on", true},
                      {"betas", Reals{0.9}},
                      {"sizes", Integers{3}},
                      {"probes", Texts{"gini"}}};
  EXPECT_EQ(params.integer("p"), 113);
  EXPECT_EQ(params.real("lr"), 1e-3);
  EXPECT_EQ(params.text("name"), "adamw");
  EXPECT_TRUE(params.flag("on"));
  EXPECT_EQ(params.reals("betas"), Reals{0.9});
  EXPECT_EQ(params.integers("sizes"), Integers{3});
  EXPECT_EQ(params.texts("probes"), Texts{"gini"});
  EXPECT_TRUE(params.is_text("name"));
  EXPECT_FALSE(params.is_text("p"));
  EXPECT_FALSE(params.is_text("missing"));
}

TEST(Params, a_wrong_type_or_a_missing_key_breaks_the_contract) {
  const Params params{{"p", 113}, {"lr", 1e-3}};
  EXPECT_THROW(params.integer("lr"), ContractBroken);
  EXPECT_THROW(params.real("p"), ContractBroken);
  EXPECT_THROW(params.text("p"), ContractBroken);
  EXPECT_THROW(params.reals("lr"), ContractBroken);
  EXPECT_THROW(params.flag("missing"), ContractBroken);
}

TEST(Params, an_empty_list_serves_every_kind_of_list) {
  const Params params{{"list", Texts{}}};
  EXPECT_TRUE(params.reals("list").empty());
  EXPECT_TRUE(params.integers("list").empty());
  EXPECT_TRUE(params.texts("list").empty());
}

TEST(RealText, is_the_shortest_and_always_a_real) {
  EXPECT_EQ(real_text(1), "1.0");
  EXPECT_EQ(real_text(-40), "-40.0");
  EXPECT_EQ(real_text(0.1), "0.1");
  EXPECT_EQ(real_text(1e-8), "1e-08");
  EXPECT_EQ(real_text(1e22), "1e+22");
  EXPECT_EQ(real_text(0.1 + 0.2), "0.30000000000000004");
}

TEST(JsonText, escapes_strings_and_writes_lists) {
  EXPECT_EQ(json_text("a\"b\\\n"), R"("a\"b\\\n")");
  EXPECT_EQ(json_text(Reals{1, 0.5}), "[1.0,0.5]");
  EXPECT_EQ(json_text(Integers{1, 2}), "[1,2]");
  EXPECT_EQ(json_text(Texts{}), "[]");
}

}  // namespace
}  // namespace grok
