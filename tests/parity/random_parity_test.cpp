// PyTorch's and Python's random streams against the weights and splits of the published runs.

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/analysis/cross_entropy.h"
#include "grok/base/python_random.h"
#include "grok/base/torch_random.h"
#include "grok/store/safetensors.h"
#include "tests/support/reference_data.h"

namespace grok {
namespace {

// The order in which the published code draws its tensors, and one over the square of their spread.
struct Drawn {
  const char* name;
  double variance_divisor;
};
constexpr Drawn drawn[] = {
    {"embed.W_E", 128},         {"pos_embed.W_pos", 128},    {"blocks.0.attn.W_K", 128},
    {"blocks.0.attn.W_Q", 128}, {"blocks.0.attn.W_V", 128},  {"blocks.0.attn.W_O", 128},
    {"blocks.0.mlp.W_in", 128}, {"blocks.0.mlp.W_out", 128}, {"unembed.W_U", 114}};

class InitParity : public testing::TestWithParam<int> {};

TEST_P(InitParity, torchs_stream_gives_the_published_initial_weights) {
  const auto file =
      reference_file("inits/modadd_d128_init_seed" + std::to_string(GetParam()) + ".safetensors");
  if (!file) GTEST_SKIP() << "no reference files";
  const NamedTensors want = read_safetensors(*file).tensors;
  TorchRandom random(static_cast<std::uint64_t>(GetParam()));
  for (const Drawn& d : drawn) {
    const Tensor& tensor = want.at(d.name);
    std::vector<float> got(tensor.data.size());
    random.randn(got);
    float worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const float scaled = got[i] / std::sqrt(static_cast<float>(d.variance_divisor));
      worst = std::max(worst, std::fabs(scaled - tensor.data[i]));
    }
    EXPECT_LE(worst, 1e-7f) << d.name;
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, InitParity, testing::Values(0, 1));

TEST(SplitParity, pythons_shuffle_gives_the_published_splits) {
  const auto file = reference_file("splits_p113.json");
  if (!file) GTEST_SKIP() << "no reference files";
  const auto splits = nlohmann::json::parse(std::ifstream(*file)).at("splits");
  for (const auto& [name, split] : splits.items()) {
    auto pairs = all_rows(113 * 113);
    PythonRandom(std::stoull(name.substr(4))).shuffle(std::span(pairs));  // "seed3_frac0.3"
    pairs.resize(split.at("n_train").get<std::size_t>());
    std::vector<bool> want(113 * 113), got(113 * 113);
    for (const std::int32_t i : pairs) got[static_cast<std::size_t>(i)] = true;
    const std::string hex = split.at("train_mask_hex_msb_first");
    for (std::size_t i = 0; i < want.size(); ++i) {
      const int digit = std::stoi(hex.substr(i / 4, 1), nullptr, 16);
      want[i] = (digit >> (3 - i % 4) & 1) != 0;
    }
    EXPECT_EQ(got, want) << name;
  }
}

}  // namespace
}  // namespace grok
