// Every preset: each pass alone, and all together, leave loss and gradients what the graph as
// written gives, interpreted in double, to 1e-5 of the gradient's norm. Label "science": the plain
// loops of the widest models take minutes.

#include <gtest/gtest.h>

#include "grok/lab/spec_schema.h"
#include "grok/plan/pass.h"
#include "grok/spec/parse_spec.h"
#include "tests/support/first_bindings.h"

namespace grok {
namespace {

const std::vector<std::string> folders{GROKSCOPE_SPECS_DIR};

class Presets : public testing::TestWithParam<std::string> {};

TEST_P(Presets, passes_keep_loss_and_gradients) {
  const RunSpec spec = load_spec(GetParam(), folders, {}, spec_schema());
  const TaskData task = tasks::data_of(spec.task);
  const Weights weights = first_weights(spec, task);
  const Bindings bindings = first_bindings(spec, task);
  const DoubleTensors expected = interpret(training_graph(spec, task), bindings);
  std::vector<std::vector<std::string>> choices{{}};
  for (const Pass* pass : pass_catalog()) choices.push_back({std::string(pass->name)});
  for (const auto& passes : choices) {
    const Graph rewritten = optimized_training_graph(spec, task, passes);
    EXPECT_LT(difference_of_whole(run_program(rewritten, weights, bindings, 2), expected), 1e-5)
        << (passes.empty() ? "all passes" : passes[0]);
  }
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  std::string out = info.param;
  for (char& c : out)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return out;
}

INSTANTIATE_TEST_SUITE_P(all, Presets, testing::ValuesIn(preset_names(folders)), name_of);

}  // namespace
}  // namespace grok
