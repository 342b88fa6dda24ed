// Every preset: each pass alone, and all together, leave loss and gradients what the graph as
// written gives, interpreted in double.

#include <gtest/gtest.h>

#include "grok/lab/spec_schema.h"
#include "grok/plan/pass.h"
#include "grok/spec/parse_spec.h"
#include "tests/support/graph_check.h"

namespace grok {
namespace {

TEST(Presets, passes_keep_loss_and_gradients) {
  const std::vector<std::string> folders{GROKSCOPE_SPECS_DIR};
  for (const std::string& name : preset_names(folders)) {
    const RunSpec spec = load_spec(name, folders, {}, spec_schema());
    const TaskData task = tasks::data_of(spec.task);
    const Weights weights = first_weights(spec, task);
    const DoubleTensors expected = interpret(training_graph(spec, task), in_double(weights));
    std::vector<std::vector<std::string>> choices{{}};
    for (const Pass* pass : pass_catalog()) choices.push_back({std::string(pass->name)});
    for (const auto& passes : choices) {
      const Graph rewritten = optimized_training_graph(spec, task, passes);
      EXPECT_LT(difference(run_program(rewritten, weights, 2), expected), 1e-5)
          << name << ": " << (passes.empty() ? "all passes" : passes[0]);
    }
  }
}

}  // namespace
}  // namespace grok
