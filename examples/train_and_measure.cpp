// The library in fifty lines: train a small network on addition mod 23 until it has memorised, and
// watch three progress measures. `grokscope train` does this and keeps everything in a file.

#include <cstdio>

#include "grok/lab/spec_schema.h"
#include "grok/probes/probe.h"
#include "grok/spec/parse_spec.h"
#include "grok/train/trainer.h"

using namespace grok;

namespace {

constexpr const char* text = R"(
[task]
name = "modular_addition"
p = 23
train_fraction = 0.6

[model]
name = "transformer"
d_model = 32
d_head = 8
d_mlp = 64

[loss]
name = "cross_entropy"

[optim]
name = "adamw"
lr = 3e-3

[train]
steps = 1000
)";

}  // namespace

int main() {
  const RunSpec spec = parse_spec(text, "example", {}, spec_schema());
  const TaskData task = tasks::data_of(spec.task);
  ThreadPool pool(n_cores());
  Trainer trainer(spec, task, pool);
  const std::vector<std::string> names{"loss_and_accuracy", "gini", "weight_norms"};
  ProbeSet probes(spec.model, task, names, pool);

  std::printf("%6s %12s %12s %10s %10s\n", "step", "train_loss", "test_loss", "gini.W_E",
              "sum w^2");
  for (int step = 0; step <= 1000; ++step) {
    if (step % 100 == 0) {
      const Measurements got = probes.measure(trainer.weights());
      std::printf("%6d %12.3g %12.3g %10.3f %10.1f\n", step, *got.metric("train_loss"),
                  *got.metric("test_loss"), *got.metric("gini.W_E"),
                  *got.metric("sum_squared_weights"));
    }
    trainer.step();
  }
}
