// Each optimizer against its formula: ten steps in plain double loops, written from the papers.

#include <algorithm>
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "grok/optim/testing.h"

namespace grok {
namespace {

using namespace grok::testing;

using Array = std::vector<double>;

/// One weight in double, and what is remembered of it.
struct Slot {
  std::string name;
  Shape shape;
  Array w, g, first;
  std::map<std::string, Array> memory;

  Array& remembered(const std::string& key) {
    Array& out = memory[key];
    out.resize(w.size());
    return out;
  }
};

double loss_and_gradients(std::vector<Slot>& slots) {
  double loss = 0;
  for (Slot& s : slots)
    for (std::size_t i = 0; i < s.w.size(); ++i) {
      const double way = s.w[i] - Quadratic::target(i);
      loss += Quadratic::curvature(i) * way * way / 2;
      s.g[i] = Quadratic::curvature(i) * way;
    }
  return loss;
}

using Step = std::function<void(const Params&, int step, std::vector<Slot>&)>;

void adam_of(const Params& p, double lr, double decay, bool is_l2, bool to_first, int step,
             Slot& s) {
  const Reals betas = p.reals("betas");
  Array &m = s.remembered("m"), &v = s.remembered("v");
  for (std::size_t i = 0; i < s.w.size(); ++i) {
    const double way = s.w[i] - (to_first ? s.first[i] : 0);
    const double g = s.g[i] + (is_l2 ? decay * way : 0);
    if (!is_l2) s.w[i] -= lr * decay * way;
    m[i] = betas[0] * m[i] + (1 - betas[0]) * g;
    v[i] = betas[1] * v[i] + (1 - betas[1]) * g * g;
    const double m_hat = m[i] / (1 - std::pow(betas[0], step + 1));
    const double v_hat = v[i] / (1 - std::pow(betas[1], step + 1));
    s.w[i] -= lr * m_hat / (std::sqrt(v_hat) + p.real("eps"));
  }
}

void adam_step_of(const Params& p, bool is_l2, int step, std::vector<Slot>& slots) {
  const Texts on = p.texts("weight_decay_on");
  for (Slot& s : slots) {
    const bool decays = on.empty() || on == Texts{s.name};
    adam_of(p, p.real("lr"), decays ? p.real("weight_decay") : 0, is_l2,
            p.text("weight_decay_to") == "initial", step, s);
  }
}

void adam_step(const Params& p, int step, std::vector<Slot>& slots) {
  adam_step_of(p, true, step, slots);
}

void adamw_step(const Params& p, int step, std::vector<Slot>& slots) {
  adam_step_of(p, p.text("weight_decay_kind") == "l2", step, slots);
}

void sgd_step(const Params& p, int, std::vector<Slot>& slots) {
  const double momentum = p.real("momentum");
  for (Slot& s : slots) {
    Array& v = s.remembered("v");
    for (std::size_t i = 0; i < s.w.size(); ++i) {
      const double g = s.g[i] + p.real("weight_decay") * s.w[i];
      v[i] = momentum * v[i] + g;
      s.w[i] -= p.real("lr") * (p.flag("nesterov") ? g + momentum * v[i] : v[i]);
    }
  }
}

void lion_step(const Params& p, int, std::vector<Slot>& slots) {
  const Reals betas = p.reals("betas");
  for (Slot& s : slots) {
    Array& m = s.remembered("m");
    for (std::size_t i = 0; i < s.w.size(); ++i) {
      const double u = betas[0] * m[i] + (1 - betas[0]) * s.g[i];
      const double sign = u > 0 ? 1 : u < 0 ? -1 : 0;
      s.w[i] -= p.real("lr") * (sign + p.real("weight_decay") * s.w[i]);
      m[i] = betas[1] * m[i] + (1 - betas[1]) * s.g[i];
    }
  }
}

/// Of one matrix [rows, columns], as X (a + b X^T X + c (X^T X)^2): for either shape the same.
Array orthogonalized(Array x, std::size_t rows, std::size_t columns, std::int64_t n_steps) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  for (double& v : x) v /= std::sqrt(squares) + 1e-7;
  for (std::int64_t step = 0; step < n_steps; ++step) {
    Array gram(columns * columns), factor(columns * columns), out(x.size());
    for (std::size_t i = 0; i < columns; ++i)
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t k = 0; k < rows; ++k)
          gram[i * columns + j] += x[k * columns + i] * x[k * columns + j];
    for (std::size_t i = 0; i < columns; ++i)
      for (std::size_t j = 0; j < columns; ++j) {
        double square = 0;
        for (std::size_t k = 0; k < columns; ++k)
          square += gram[i * columns + k] * gram[k * columns + j];
        factor[i * columns + j] =
            (i == j ? 3.4445 : 0) - 4.7750 * gram[i * columns + j] + 2.0315 * square;
      }
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j)
        for (std::size_t k = 0; k < columns; ++k)
          out[i * columns + j] += x[i * columns + k] * factor[k * columns + j];
    x = out;
  }
  return x;
}

void muon_step(const Params& p, int step, std::vector<Slot>& slots) {
  const double keep = p.real("momentum"), lr = p.real("lr"), decay = p.real("weight_decay");
  for (Slot& s : slots) {
    if (s.shape.rank() < 2) {
      adam_of(p, p.real("adamw_lr"), decay, false, false, step, s);
      continue;
    }
    Array &m = s.remembered("m"), u(s.w.size());
    for (std::size_t i = 0; i < m.size(); ++i) {
      m[i] = keep * m[i] + (1 - keep) * s.g[i];
      u[i] = p.flag("nesterov") ? keep * m[i] + (1 - keep) * s.g[i] : m[i];
    }
    const int last = s.shape.rank() - 1;
    const auto rows = static_cast<std::size_t>(s.shape[last - 1]);
    const auto columns = static_cast<std::size_t>(s.shape[last]);
    const double scale =
        std::sqrt(std::max(1.0, static_cast<double>(columns) / static_cast<double>(rows)));
    for (std::size_t at = 0; at < s.w.size(); at += rows * columns) {
      const auto begin = u.begin() + static_cast<std::ptrdiff_t>(at);
      const Array o = orthogonalized({begin, begin + static_cast<std::ptrdiff_t>(rows * columns)},
                                     rows, columns, p.integer("newton_schulz_steps"));
      for (std::size_t i = 0; i < o.size(); ++i)
        s.w[at + i] = (1 - lr * decay) * s.w[at + i] - lr * scale * o[i];
    }
  }
}

void line_search_step(const Params& p, int, std::vector<Slot>& slots) {
  double& next = slots[0].remembered("next")[0];
  if (next == 0) next = p.real("lr");
  const double before = loss_and_gradients(slots);
  const std::vector<Slot> kept = slots;
  double slope = 0;
  for (const Slot& s : kept)
    for (const double g : s.g) slope += g * g;
  for (double t = next;; t *= p.real("shrink")) {
    for (std::size_t k = 0; k < slots.size(); ++k)
      for (std::size_t i = 0; i < slots[k].w.size(); ++i)
        slots[k].w[i] = kept[k].w[i] - t * kept[k].g[i];
    if (loss_and_gradients(slots) > before - p.real("sufficient") * t * slope) continue;
    next = t * p.real("grow");
    return;
  }
}

const std::map<std::string_view, Step>& formulas() {
  static const std::map<std::string_view, Step> all{
      {"adam", adam_step}, {"adamw", adamw_step}, {"line_search", line_search_step},
      {"lion", lion_step}, {"muon", muon_step},   {"sgd", sgd_step}};
  return all;
}

/// Settings beside the defaults, which change the formula.
std::vector<Params> variants(std::string_view name) {
  const Value initial = std::string("initial");
  if (name == "adam")
    return {{}, {{"weight_decay", 0.3}}, {{"weight_decay", 0.3}, {"weight_decay_to", initial}}};
  if (name == "adamw")
    return {{},
            {{"weight_decay_to", initial}},
            {{"weight_decay_on", Texts{"b"}}},
            {{"weight_decay_kind", std::string("l2")}},
            {{"weight_decay_kind", std::string("l2")}, {"weight_decay_to", initial}}};
  if (name == "muon") return {{}, {{"nesterov", false}, {"weight_decay", 0.5}}};
  if (name == "sgd")
    return {
        {}, {{"momentum", 0.8}, {"weight_decay", 0.2}}, {{"momentum", 0.8}, {"nesterov", true}}};
  return {{}};
}

TEST(Formulas, are_what_each_optimizer_computes_for_ten_steps) {
  for (const OptimizerDef* def : optim::catalog()) {
    ASSERT_TRUE(formulas().contains(def->name)) << def->name << " has no formula here";
    for (Params given : variants(def->name)) {
      SCOPED_TRACE(std::string(def->name) + ", " + std::to_string(given.size()) + " settings");
      if (!def->compares_losses) given.set("lr", 0.02);
      given.set("warmup_steps", std::int64_t{0});
      const Params params = section(*def, given);
      std::vector<Slot> slots;
      for (const auto& [name, w] : Quadratic::first()) {
        const Array values(w.data.begin(), w.data.end());
        slots.push_back({name, w.shape, values, Array(values.size()), values, {}});
      }
      Training training(params);
      for (int step = 0; step < 10; ++step) {
        loss_and_gradients(slots);
        formulas().at(def->name)(params, step, slots);
        training.train(step, step + 1);
      }
      for (const Slot& s : slots) {
        const auto& found = training.weights().at(s.name).data;
        double moved = 0;
        for (std::size_t i = 0; i < s.w.size(); ++i) {
          ASSERT_NEAR(found[i], s.w[i], 2e-5) << s.name << " " << i;
          moved = std::max(moved, std::fabs(s.w[i] - s.first[i]));
        }
        EXPECT_GT(moved, 0.005) << s.name;
      }
    }
  }
}

}  // namespace
}  // namespace grok
