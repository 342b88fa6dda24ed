// The updates of optimizers, and filters of gradients, on the weights of the canonical network:
// beside the time that their bytes take at the bandwidth of a copy, and their operations at the
// peak.

#include <map>

#include "bench/cases.h"
#include "bench/copy.h"
#include "bench/kernel_rows.h"
#include "bench/measure.h"
#include "bench/peak.h"
#include "grok/kernels/newton_schulz.h"
#include "grok/train/trainer.h"

namespace grok::bench {
namespace {

/// Per weight: floats read and written, and operations, a root or a quotient as one.
struct PerWeight {
  double floats, flops;
};

// Of an optimizer: the gradient, the weight twice, and each memory twice. Muon's matrices: the
// gradient and its mean (5 in all), what is made orthogonal and its norm (3), the weight (3); the
// products are counted apart. Line search, one trial and no evaluation: weights and gradients kept
// (4), the slope (1), weights moved (3).
const std::map<std::string_view, PerWeight> optimizer_costs{
    {"adam", {7, 14}}, {"adamw", {7, 12}}, {"line_search", {8, 5}},
    {"lion", {5, 10}}, {"muon", {11, 12}}, {"sgd", {3, 2}}};

// Of a filter: gradient in and out, what it remembers twice. Those that go to other weights keep
// them (2), move them (2 or 3), take the gradients (2) and go back (2); the evaluation is left out.
const std::map<std::string_view, PerWeight> filter_costs{
    {"clip_norm", {3, 3}},    {"gradient_noise", {2, 80}},     {"grokfast_ema", {4, 6}},
    {"grokfast_ma", {8, 5}},  {"orthogonal_gradient", {5, 9}}, {"sam", {10, 5}},
    {"weight_noise", {8, 80}}};

// Weights, gradients and state as in the middle of a run.
class Update {
 public:
  Update(const Params& section, Weights weights, ThreadPool& pool)
      : pool_(pool),
        weights_(std::move(weights)),
        state_(first_optimizer_state(section, weights_)),
        rule_(section, weights_, state_, pool.n_threads()) {
    for (const auto& [name, w] : weights_) {
      Tensor& g = gradients_.emplace_back(w.shape);
      for (std::size_t i = 0; i < g.data.size(); ++i)
        g.data[i] = static_cast<float>(static_cast<double>(i % 101) * 1e-8 - 5e-7);
    }
    for (const Tensor& g : gradients_) spans_.push_back(g.span());
  }

  void run() {
    LossSurface surface;
    surface.evaluate = [](void*) noexcept { return -1e30; };  // falls enough for any trial
    surface.gradients = spans_;
    rule_.apply(step_++, surface, pool_);
  }

 private:
  ThreadPool& pool_;
  Weights weights_;
  NamedTensors state_;
  UpdateRule rule_;
  std::vector<Tensor> gradients_;
  std::vector<ConstFloats> spans_;
  std::int64_t step_ = 0;
};

Params section_of(const OptimizerDef& def, const Params& given) {
  const Params train{{"seed", std::int64_t{0}}, {"steps", std::int64_t{1'000'000}}};
  Params out = checked_params(def.schema(), given, train);
  out.set("name", std::string(def.name));
  return out;
}

// The products of Muon: of each weight that it takes for a matrix, which are those whose momentum
// it keeps.
double product_flops(const Params& section, const Weights& weights) {
  double out = 0;
  for (const auto& [name, state] : first_optimizer_state(section, weights)) {
    const Shape& s = state.shape;
    if (!name.starts_with("muon.momentum.")) continue;
    const int last = s.rank() - 1;
    out += newton_schulz_flops({last == 2 ? s[0] : 1, s[last - 1], s[last]},
                               static_cast<int>(section.integer("newton_schulz_steps")));
  }
  return out;
}

Json row_of(const std::string& name, double bytes, double flops, ThreadPool& pool,
            const Options& options, const std::function<void()>& work) {
  Copy copy(bytes);
  const std::function<double()> contestants[] = {per_call(pool, work),
                                                 per_call(pool, [&] { copy.run(pool); })};
  const Neighbours neighbours;
  const auto found = alternate(options.n_rounds, contestants);
  const double ms = median(found[0]), copy_ms = median(found[1]);
  const double peak = measured_peak_gflops(pool);
  return {{"kind", "optimizer"},
          {"name", name},
          {"threads", pool.n_threads()},
          {"us", ms * 1e3},
          {"flops", flops},
          {"bytes", bytes},
          {"gb_per_s", bytes / ms * 1e-6},
          {"copy_gb_per_s", bytes / copy_ms * 1e-6},
          {"peak_gflops", peak},
          {"bar_ratio", ms / (copy_ms + flops / peak * 1e-6)},
          {"rounds", options.n_rounds},
          {"noisy", is_scattered(found[0]) || (pool.n_threads() > 1 && neighbours.are_noisy())}};
}

}  // namespace

void add_optimizers(const Options& options, ThreadPool& pool, Json& rows) {
  const RunSpec spec = spec_of(cases()[0]);
  const Weights weights = first_checkpoint(spec, tasks::data_of(spec.task)).weights;
  const auto n = static_cast<double>(n_weights(weights));
  const auto add = [&](std::string name, PerWeight cost, double more_flops, const Params& section) {
    if (!options.wants(name)) return;
    Update update(section, weights, pool);
    rows.push_back(row_of(name, 4 * cost.floats * n, cost.flops * n + more_flops, pool, options,
                          [&] { update.run(); }));
  };
  for (const OptimizerDef* def : optim::catalog())
    add(std::string(def->name), optimizer_costs.at(def->name),
        product_flops(section_of(*def, {}), weights), section_of(*def, {}));
  const PerWeight sgd = optimizer_costs.at("sgd");
  for (const FilterDef* def : filters::catalog()) {
    const PerWeight cost = filter_costs.at(def->name);
    std::string name = "sgd, ";
    name += def->name;
    add(name, {cost.floats + sgd.floats, cost.flops + sgd.flops}, 0,
        section_of(optim::sgd(), {{"filters", Texts{std::string(def->name)}}}));
  }
}

}  // namespace grok::bench
