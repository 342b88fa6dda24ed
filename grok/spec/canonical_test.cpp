#include <clocale>
#include <locale>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/spec/fake_schema.h"
#include "grok/spec/run_spec.h"

namespace grok {
namespace {

using fake::parse;
using fake::sound_with;

constexpr const char* sound_json =
    R"({"loss":{"name":"cross_entropy","precision":"float64"},)"
    R"("model":{"act":"relu","biases":true,"d_head":32,"d_mlp":512,"d_model":128,"init":"nanda",)"
    R"("init_rng":"philox","init_seed":7,"layer_norm":"none","n_heads":4,"n_layers":1,)"
    R"("name":"transformer"},)"
    R"("optim":{"betas":[0.9,0.98],"eps":1e-08,"lr":0.001,"name":"adamw","warmup_steps":10,)"
    R"("weight_decay":1.0},)"
    R"("record":{"every":100,"keyframe_every":1000,"keyframes":"log","log_points_per_octave":4,)"
    R"("probes":"default"},)"
    R"("task":{"name":"modular_addition","p":113,"split_rng":"philox","split_seed":7,)"
    R"("train_fraction":0.3},)"
    R"("train":{"batch":"full","seed":7,"steps":1000,"stop_when":""}})";

TEST(CanonicalJson, is_sorted_complete_and_has_no_spaces) {
  EXPECT_EQ(canonical_json(parse(fake::sound)), sound_json);
}

// printf '%s' '{"loss":...}' | sha256sum, with the text above.
TEST(SpecDigest, is_the_sha256_of_the_canonical_json) {
  EXPECT_EQ(spec_digest(parse(fake::sound)),
            "925cdbb69e77502301899661ae41cc030ad203a08d422e59aaddaa96ef804ca8");
}

TEST(SpecDigest, does_not_depend_on_how_the_spec_is_written) {
  const std::string digest = spec_digest(parse(fake::sound));
  const std::string other =
      "# the same, written otherwise\n"
      "train = {seed = 0x7, steps = 1_000}\n"
      "loss.name = 'cross_entropy'\n"
      "[optim]   # keys in another order\n"
      "weight_decay = 1\n"
      "lr   = 0.00100\n"
      "name = \"adamw\"\n"
      "[model]\n"
      "name = \"transformer\"\n"
      "[task]\n"
      "train_fraction = 3e-1\n"
      "p = 113\n"
      "split_seed = 7\n"
      "name = \"modular_addition\"\n";
  EXPECT_EQ(spec_digest(parse(other)), digest);
  EXPECT_EQ(spec_digest(parse(fake::sound, {"optim.weight_decay=1.0"})), digest);
  EXPECT_EQ(spec_digest(parse(fake::sound, {"record.probes=default"})), digest);
}

TEST(SpecDigest, changes_with_every_value) {
  const std::string digest = spec_digest(parse(fake::sound));
  for (const char* change :
       {"task.p=97", "model.d_mlp=256", "loss.precision=float32", "optim.lr=0.0010000000000000002",
        "train.seed=8", "record.every=50", "optim.betas=[0.9,0.999]", "optim.name=sgd"})
    EXPECT_NE(spec_digest(parse(fake::sound, {change})), digest) << change;
}

TEST(SpecDigest, takes_minus_zero_as_zero) {
  EXPECT_EQ(spec_digest(parse(fake::sound, {"optim.weight_decay=-0.0"})),
            spec_digest(parse(fake::sound, {"optim.weight_decay=0"})));
}

TEST(CanonicalJson, round_trips) {
  const std::vector<std::vector<std::string>> variants = {
      {},
      {"optim.lr=0.1", "optim.eps=5e-324", "optim.weight_decay=1.7976931348623157e308"},
      {"optim.weight_decay=123456789012345680000.0"},
      {"train.seed=9223372036854775807", "record.probes=[gini, weight_norms]"},
      {"record.probes=[]", "train.stop_when=test_loss < 1e-6"},
      {"model.act=\"a\\\"b\\\\c\\n\\u00e9\\u0001\""}};
  for (const std::vector<std::string>& overrides : variants) {
    const RunSpec spec = parse(fake::sound, overrides);
    const std::string text = canonical_json(spec);
    EXPECT_EQ(from_canonical_json(text), spec) << text;
    EXPECT_EQ(canonical_json(from_canonical_json(text)), text);
  }
}

TEST(CanonicalJson, refuses_what_is_not_canonical) {
  const auto refuses = [](const std::string& text) {
    try {
      from_canonical_json(text);
      return false;
    } catch (const Error& error) {
      return error.code() == ErrorCode::damaged;
    }
  };
  const std::string sound = sound_json;
  EXPECT_FALSE(refuses(sound));
  EXPECT_TRUE(refuses(""));
  EXPECT_TRUE(refuses("[]"));
  EXPECT_TRUE(refuses("{}"));
  EXPECT_TRUE(refuses(sound + " "));
  EXPECT_TRUE(refuses(sound.substr(0, sound.size() / 2)));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"0.001", "1e-3"},
           {"1.0}", "1.00}"},
           {"\"every\":100", "\"every\":null"},
           {"\"every\":100", "\"every\":{}"},
           {"\"every\":100", "\"every\":99999999999999999999"},
           {"[0.9,0.98]", "[0.9,1]"},
           {"\"every\":100", "\"every\":100,\"every\":100"},
           {"{\"loss\"", "{\"extra\":{},\"loss\""}}) {
    std::string text = sound;
    EXPECT_TRUE(refuses(text.replace(text.find(from), from.size(), to))) << to;
  }
}

struct DecimalComma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

// The C++ locale can be made up; one of the C library's is tried too where the machine has one.
TEST(CanonicalJson, does_not_depend_on_the_locale) {
  const std::string c_locale = std::setlocale(LC_ALL, nullptr);
  const std::locale cpp_locale = std::locale::global(std::locale({}, new DecimalComma));
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8"})
    if (std::setlocale(LC_ALL, name)) break;
  const std::string text = canonical_json(parse(fake::sound));
  const RunSpec back = from_canonical_json(text);
  const std::string mistake = fake::mistakes_in(sound_with("steps = 1000", "steps = 0"));
  std::locale::global(cpp_locale);
  std::setlocale(LC_ALL, c_locale.c_str());
  EXPECT_EQ(text, sound_json);
  EXPECT_EQ(back.optim.real("lr"), 1e-3);
  EXPECT_EQ(mistake, "a.toml:13: train.steps: expected an integer from 1 to 1000000000, found 0");
}

}  // namespace
}  // namespace grok
