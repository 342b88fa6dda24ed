// PyTorch as a peer does the very work that ours does: from the same weights and examples, step
// after step, it finds the same losses. So unlike work is never compared.

#include <cmath>
#include <cstdlib>

#include <gtest/gtest.h>

#include "bench/cases.h"
#include "bench/step_case.h"
#include "bench/torch_peer.h"
#include "grok/train/trainer.h"
#include "tests/support/temporary_directory.h"

namespace grok::bench {
namespace {

// A peer that cannot start because its own files are broken must not pass as one that is absent.
bool has_torch() {
  return std::system(
             "/usr/bin/python3 -c 'import sys, importlib.util as u;"
             " sys.exit(u.find_spec(\"torch\") is None)' 2>/dev/null") == 0;
}

// Few examples, since no shape depends on how many; and the whole learning rate from the start, so
// that optimizers show.
RunSpec small(RunSpec spec) {
  spec.optim.set("warmup_steps", std::int64_t{0});
  if (!spec.train.is_text("batch")) spec.train.set("batch", std::int64_t{8});
  return spec;
}

// Before the first four updates.
std::vector<double> our_losses(const StepCase& c) {
  ThreadPool pool(1);
  Trainer trainer(c.spec, c.task, pool);
  std::vector<double> out(4);
  for (double& loss : out) loss = trainer.step();
  return out;
}

class Torch {
 public:
  std::vector<double> losses(const StepCase& c) {
    const auto file = folder_ / (c.name + ".safetensors");
    write_for_peer(c, file);
    std::vector<double> out(4, NAN);
    if (peer_)
      peer_->ask("open " + file.string());
    else if (auto started = start_torch(file, 1, ""))
      peer_.emplace(std::move(*started));
    else
      return out;
    for (double& loss : out) loss = peer_->ask("loss").value_or(NAN);
    return out;
  }

 private:
  TemporaryDirectory folder_;
  std::optional<Peer> peer_;
};

// The largest difference of a step, relative to its loss; NaN if a loss is.
double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double off = std::abs(a[i] / b[i] - 1);
    if (!(off <= worst)) worst = off;
  }
  return worst;
}

constexpr double tolerance = 1e-5;

TEST(peer, pytorch_finds_the_losses_that_ours_does) {
  if (!has_torch()) GTEST_SKIP() << "no python3-torch";
  Torch torch;
  const StepCase size = step_case("p23_d32", small(spec_of(cases().back())));
  EXPECT_LT(difference(our_losses(size), torch.losses(size)), tolerance);
  for (const TaskCase& c : task_cases()) {
    const StepCase step = step_case(c.name, small(spec_of(c)));
    EXPECT_LT(difference(our_losses(step), torch.losses(step)), tolerance) << c.name;
  }
}

TEST(peer, another_step_would_show) {
  if (!has_torch()) GTEST_SKIP() << "no python3-torch";
  Torch torch;
  const StepCase same = step_case("same", small(spec_of(TaskCase{"virtual-heads"})));
  const std::vector<double> ours = our_losses(same);
  const auto off = [&](auto change) {
    StepCase other = same;
    change(other);
    return difference(ours, torch.losses(other));
  };
  EXPECT_LT(off([](StepCase&) {}), tolerance);
  EXPECT_GT(off([](StepCase& c) { c.spec.model.set("residual_multiplier", 1.001); }), tolerance);
  EXPECT_GT(off([](StepCase& c) { c.spec.model.set("causal", false); }), tolerance);
  EXPECT_GT(off([](StepCase& c) { c.spec.optim.set("weight_decay", 0.9); }), tolerance);
  EXPECT_GT(off([](StepCase& c) { c.spec.optim.set("betas", Reals{0.8, 0.98}); }), tolerance);
  EXPECT_GT(off([](StepCase& c) { c.task.first_answer = c.task.n_ctx - 2; }), tolerance);
  EXPECT_GT(off([](StepCase& c) { std::swap(c.batches[0], c.batches[1]); }), tolerance);
}

}  // namespace
}  // namespace grok::bench
