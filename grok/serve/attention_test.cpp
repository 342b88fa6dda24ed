#include "grok/serve/attention.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/testing.h"
#include "grok/store/safetensors.h"

namespace grok::serve {
namespace {

class OwnExample : public ::testing::Test {
 protected:
  OwnExample() { run(grok::testing::tiny_spec(), path_, {.n_threads = 1}); }

  std::vector<double> ask(std::map<std::string, std::string> query, const std::string& name) {
    const auto state = states_.bring_back(path_, 120, [] { return true; }, {});
    Request request;
    request.target.query = std::move(query);
    const std::string bytes = attention_arrays(*state, request).encode();
    const auto file = parse_safetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "x");
    const auto& data = file.tensors.at(name).data;
    return {data.begin(), data.end()};
  }

  TemporaryDirectory folder_;
  std::filesystem::path path_ = folder_ / "tiny.grok";
  States states_{1};
};

// The same tokens, asked for by index and by name.
TEST_F(OwnExample, that_is_one_of_the_sample_looks_where_the_sample_does) {
  const std::vector<double> tokens = ask({{"example", "3"}}, "tokens");
  ASSERT_EQ(tokens.size(), 3U);
  std::string text;
  for (const double t : tokens)
    text += (text.empty() ? "" : ",") + std::to_string(static_cast<int>(t));
  EXPECT_EQ(ask({{"tokens", text}}, "tokens"), tokens);
  const std::vector<double> expected = ask({{"example", "3"}}, "pattern");
  const std::vector<double> found = ask({{"tokens", text}}, "pattern");
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-6) << i;
  // What it predicts has the probability that the loss of the right answer says, if it is right.
  const std::vector<double> label = ask({{"example", "3"}}, "labels"),
                            loss = ask({{"example", "3"}}, "loss"),
                            predicted = ask({{"tokens", text}}, "predicted"),
                            probability = ask({{"tokens", text}}, "probability");
  if (predicted == label)
    EXPECT_NEAR(probability[0], std::exp(-loss[0]), 1e-5);
  else
    EXPECT_GE(probability[0], std::exp(-loss[0]) - 1e-5);
}

TEST_F(OwnExample, that_does_not_fit_is_refused) {
  for (const char* tokens : {"1,2", "1,2,3,4", "1,2,99", "1,2,-1", "1,2,x", "", "1,,2"})
    EXPECT_THROW(ask({{"tokens", tokens}}, "pattern"), Error) << tokens;
}

}  // namespace
}  // namespace grok::serve
