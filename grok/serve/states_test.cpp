#include "grok/serve/states.h"

#include <gtest/gtest.h>

#include "grok/analysis/neurons.h"
#include "grok/base/error.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/replayer.h"
#include "grok/lab/testing.h"
#include "grok/probes/parts.h"
#include "grok/probes/probe.h"
#include "grok/serve/circuit.h"
#include "grok/store/safetensors.h"

namespace grok::serve {
namespace {

const auto always = [] { return true; };

class BroughtBack : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryDirectory;
    run(grok::testing::tiny_spec({"record.keyframes=every"}), path(), {.n_threads = 1});
  }
  static void TearDownTestSuite() { delete folder_; }
  static std::filesystem::path path() { return folder_->path() / "tiny.grok"; }
  std::shared_ptr<const State> at(std::int64_t step) {
    return states_.bring_back(path(), step, always, {});
  }
  static std::vector<double> values_of(const Arrays& arrays, const std::string& name) {
    const std::string bytes = arrays.encode();
    const auto file = parse_safetensors(std::as_bytes(std::span(bytes.data(), bytes.size())), "x");
    const auto& data = file.tensors.at(name).data;
    return {data.begin(), data.end()};
  }

  static TemporaryDirectory* folder_;
  States states_{1};
};
TemporaryDirectory* BroughtBack::folder_ = nullptr;

TEST_F(BroughtBack, steps_have_the_bits_of_a_replay_at_keyframes_and_between) {
  const RunFile file = RunFile::open(path(), Access::read);
  for (const std::int64_t step : {0, 7, 25, 61, 120})
    EXPECT_EQ(weights_digest(at(step)->weights()), weights_digest(weights_at(file, step, 1)))
        << step;
}

TEST_F(BroughtBack, steps_are_kept_the_last_few_of_them) {
  const auto first = at(3);
  EXPECT_EQ(states_.kept(path(), 3), first);
  EXPECT_EQ(at(3), first);
  EXPECT_EQ(states_.kept(path(), 4), nullptr);
  for (std::int64_t step = 10; step < 10 + static_cast<std::int64_t>(States::most_kept); ++step)
    at(step);
  EXPECT_EQ(states_.kept(path(), 3), nullptr);
}

TEST_F(BroughtBack, steps_are_not_those_of_a_run_that_lay_there_before) {
  const TemporaryDirectory folder;
  const auto place = folder / "a.grok";
  const auto train = [&](const char* seed) {
    std::filesystem::remove(place);
    run(grok::testing::tiny_spec({seed, "train.steps=20"}), place, {.n_threads = 1});
    return weights_digest(states_.bring_back(place, 20, always, {})->weights());
  };
  EXPECT_NE(train("train.seed=1"), train("train.seed=2"));
}

TEST_F(BroughtBack, steps_that_nobody_waits_for_are_broken_off) {
  int n_asked = 0;
  const auto state = states_.bring_back(path(), 24, [&] { return ++n_asked < 1; }, {});
  EXPECT_EQ(state, nullptr);
  EXPECT_GE(n_asked, 1);
  EXPECT_EQ(states_.kept(path(), 24), nullptr);
  EXPECT_NE(at(24), nullptr);
}

TEST_F(BroughtBack, steps_tell_how_far_they_are) {
  std::int64_t done = 0, total = 0;
  states_.bring_back(path(), 49, always, [&](std::int64_t d, std::int64_t t) {
    EXPECT_GE(d, done);
    done = d;
    total = t;
  });
  EXPECT_GE(done, 1);
  EXPECT_EQ(total, 24);  // from the keyframe at 25
}

TEST_F(BroughtBack, steps_that_the_run_does_not_have_are_refused) { EXPECT_THROW(at(121), Error); }

TEST_F(BroughtBack, pictures_show_what_probes_measure) {
  const auto state = at(120);
  ThreadPool pool(1);
  ProbeSet probes(state->spec().model, state->task(), {}, pool);
  const Measurements measured = probes.measure(state->weights());
  Request request;
  request.target.query = {{"k", "1,5"}, {"neuron", "3"}};
  const auto expect_same = [&](const std::string& part, const std::string& ours,
                               const std::string& theirs) {
    const std::vector<double> values = values_of(circuit_arrays(*state, part, request), ours);
    const DoubleTensor& expected = *measured.array(theirs);
    ASSERT_EQ(values.size(), expected.data.size()) << theirs;
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_NEAR(values[i], expected.data[i], 1e-6 * (1 + std::fabs(expected.data[i]))) << theirs;
  };
  expect_same("embedding", "spectrum", "embedding_spectrum");
  expect_same("neurons", "frequency", "neuron_frequency");
  expect_same("neurons", "explained", "neuron_explained");
  expect_same("logits", "cos_coefficients", "cos_coefficients");
}

TEST_F(BroughtBack, a_neuron_has_the_frequency_that_the_probe_finds) {
  const auto state = at(120);
  const std::vector<double> explained =
      values_of(circuit_arrays(*state, "neurons", {}), "explained");
  ThreadPool pool(1);
  for (const std::size_t neuron : {0u, 5u, 31u}) {
    Request request;
    request.target.query = {{"neuron", std::to_string(neuron)}};
    const std::vector<double> activation =
        values_of(circuit_arrays(*state, "neuron", request), "activation");
    const std::vector<float> alone(activation.begin(), activation.end());
    EXPECT_NEAR(dominant_frequencies(neuron_spectrum(alone, 11, 1, pool))[0].explained,
                explained[neuron], 1e-6)
        << neuron;
  }
}

TEST_F(BroughtBack, heads_look_as_far_as_the_probe_says) {
  const auto state = at(120);
  ThreadPool pool(1);
  const std::vector<std::string> names{"attention_to_tokens"};
  ProbeSet probes(state->spec().model, state->task(), names, pool);
  const DoubleTensor expected = *probes.measure(state->weights()).array("attention_to_tokens");
  const std::vector<double> to_first =
      values_of(circuit_arrays(*state, "heads", {}), "to_first");  // [1, 2, 11, 11]
  ASSERT_EQ(to_first.size(), 2U * 121U);
  for (std::size_t head = 0; head < 2; ++head) {
    double mean = 0;
    for (std::size_t i = 0; i < 121; ++i) mean += to_first[head * 121 + i] / 121;
    EXPECT_NEAR(mean, expected.data[head * 3], 1e-6);  // [1, 2, 3]: to a
  }
}

TEST_F(BroughtBack, a_picture_that_does_not_exist_or_a_wrong_parameter_is_said_so) {
  const auto state = at(0);
  EXPECT_EQ(parts_of(*state), (std::vector<std::string>{"embedding", "neurons", "neuron", "logits",
                                                        "heads", "attention"}));
  Request request;
  EXPECT_THROW(circuit_arrays(*state, "nothing", request), Error);
  EXPECT_THROW(circuit_arrays(*state, "neuron", request), Error);
  request.target.query = {{"k", "6"}, {"neuron", "32"}};  // of 5 frequencies, 32 neurons
  EXPECT_THROW(circuit_arrays(*state, "embedding", request), Error);
  EXPECT_THROW(circuit_arrays(*state, "neuron", request), Error);
  request.target.query = {{"k", "5,5"}};
  EXPECT_NO_THROW(circuit_arrays(*state, "embedding", request)) << "asked for twice, given once";
}

}  // namespace
}  // namespace grok::serve
