#include "tests/support/catalog_specs.h"

#include <set>

#include "grok/filters/filter.h"
#include "grok/schedules/lr_schedule.h"
#include "grok/tasks/generated.h"
#include "grok/terms/terms.h"
#include "tests/support/small_spec.h"

namespace grok {
namespace {

Value n(std::int64_t x) { return x; }
Value word(const char* x) { return std::string(x); }

RunSpec spec_of(const char* task, const Params& task_params, const char* model,
                const Params& model_params, const char* loss = "cross_entropy") {
  RunSpec spec = small_spec();
  spec.task = named(task, tasks::find(task)->schema(), task_params, spec.train);
  spec.model = named(model, models::find(model)->schema(), model_params, spec.train);
  spec.loss = named(loss, losses::find(loss)->schema(), {}, spec.train);
  if (is_endless(spec.task)) spec.train.set("batch", n(6));
  return spec;
}

// Widths that no vector divides.
Params small_transformer(const Params& more = {}) {
  Params out{{"d_model", n(12)}, {"n_heads", n(2)}, {"d_head", n(6)}, {"d_mlp", n(18)}};
  for (const auto& [key, value] : more) out.set(key, value);
  return out;
}

Params small_mlp(const Params& more = {}) {
  Params out{{"d_mlp", n(18)}};
  for (const auto& [key, value] : more) out.set(key, value);
  return out;
}

const Params few_tests{{"n_test", n(5)}};
const Params pairs{{"p", n(7)}, {"layout", word("pizza")}, {"train_fraction", 0.6}};

Params with(Params params, const Params& more) {
  for (const auto& [key, value] : more) params.set(key, value);
  return params;
}

}  // namespace

std::vector<CatalogSpec> specs_of_all_tasks() {
  const Params attention = small_transformer({{"attn_only", true}, {"n_layers", n(2)}});
  const auto of = [](const char* task, const Params& params, const char* model,
                     const Params& model_params, const char* loss = "cross_entropy") {
    return CatalogSpec{task, spec_of(task, params, model, model_params, loss)};
  };
  std::vector<CatalogSpec> out{
      of("modular_addition", {{"p", n(7)}, {"train_fraction", 0.6}}, "transformer",
         small_transformer()),
      of("modular_arithmetic",
         {{"p", n(7)}, {"operation", word("division")}, {"layout", word("openai")}}, "transformer",
         small_transformer()),
      of("group_composition", {{"n", n(3)}}, "transformer", small_transformer()),
      of("list_operation", {}, "transformer", small_transformer()),
      of("sparse_parity", with(few_tests, {{"n_bits", n(9)}, {"k", n(2)}, {"n_train", n(20)}}),
         "mlp", small_mlp()),
      of("boolean", with(few_tests, {{"n_bits", n(9)}, {"n_train", n(20)}}), "mlp", small_mlp()),
      of("digit_addition", with(few_tests, {{"n_digits", n(2)}}), "transformer",
         small_transformer()),
      of("repeated_subsequence", few_tests, "transformer", attention),
      of("induction", few_tests, "transformer", attention),
      of("skip_trigram", few_tests, "attention_table", {}),
      of("virtual_heads", few_tests, "transformer", attention),
      of("teacher_student", {{"d_in", n(9)}, {"n_test", n(5)}}, "deep_linear", {{"d_hidden", n(5)}},
         "squared_error"),
      of("text", {{"length", n(25)}}, "transformer", attention)};
  return out;
}

std::vector<CatalogSpec> specs_of_all_models() {
  std::vector<CatalogSpec> out;
  const auto add = [&](const std::string& name, RunSpec spec) {
    out.push_back({name, std::move(spec)});
  };
  const ModelDef& transformer = models::transformer();
  for (const Field& field : transformer.schema().fields) {
    const auto of = [&](const Value& value) {
      Params model = small_transformer({{field.name, value}, {"n_layers", n(2)}});
      Params task{{"p", n(7)}, {"train_fraction", 0.6}};
      return spec_of("modular_addition", task, "transformer", model);
    };
    for (const std::string& w : field.words) add(field.name + " = " + w, of(w));
    if (field.type == FieldType::flag) add(field.name, of(true));
  }
  add("not causal", spec_of("modular_addition", {{"p", n(7)}}, "transformer",
                            small_transformer({{"causal", false}})));
  for (const double rate : {0.0, 0.4})
    add("attention_rate " + std::to_string(rate),
        spec_of("modular_arithmetic", pairs, "transformer",
                small_transformer({{"attention_rate", rate}, {"causal", false}})));
  add("residual_multiplier", spec_of("modular_addition", {{"p", n(7)}}, "transformer",
                                     small_transformer({{"residual_multiplier", 2.0}})));
  add("dropout", spec_of("modular_addition", {{"p", n(7)}}, "transformer",
                         small_transformer({{"dropout", 0.3}})));
  for (const char* variant : {"alpha", "beta", "gamma", "delta", "x"})
    add(variant, spec_of("modular_arithmetic", pairs, "pizza_linear",
                         {{"variant", word(variant)}, {"d_model", n(10)}}));
  for (const char* act : {"relu", "square"})
    add(std::string("mlp ") + act, spec_of("modular_arithmetic", pairs, "mlp",
                                           small_mlp({{"act", word(act)}}), "squared_error"));
  add("analytic", spec_of("modular_arithmetic", pairs, "mlp",
                          small_mlp({{"act", word("square")},
                                     {"biases", false},
                                     {"init", word("gromov_analytic")}})));
  add("two hidden layers",
      spec_of("modular_arithmetic", pairs, "mlp", small_mlp({{"n_layers", n(2)}})));
  add("product", spec_of("teacher_student", {{"d_in", n(9)}, {"n_test", n(5)}}, "product_model",
                         {{"exponents", Integers{2, 1}}}, "squared_error"));
  for (const char* loss : {"cross_entropy", "squared_error"}) {
    RunSpec batched = spec_of("modular_addition", {{"p", n(7)}, {"train_fraction", 0.6}},
                              "transformer", small_transformer(), loss);
    batched.train.set("batch", n(8));
    add(std::string("batches, ") + loss, batched);
  }
  for (const LossDef* loss : losses::catalog())
    for (const Field& field : loss->schema().fields)
      for (const std::string& w : field.words) {
        RunSpec spec = spec_of("modular_arithmetic", pairs, "mlp", small_mlp());
        spec.loss = named(loss->name.data(), loss->schema(), {{field.name, w}}, spec.train);
        add(std::string(loss->name) + ", " + w, spec);
      }
  add("label_smoothing",
      spec_of("modular_arithmetic", pairs, "mlp", small_mlp(), "label_smoothing"));
  return out;
}

std::vector<CatalogSpec> specs_of_all_optimizers() {
  std::vector<CatalogSpec> out;
  const auto add = [&](const std::string& name, const OptimizerDef& def, const Params& params) {
    RunSpec spec = spec_of("modular_arithmetic", pairs, "transformer", small_transformer());
    spec.optim = named(std::string(def.name).c_str(), def.schema(), params, spec.train);
    out.push_back({name, std::move(spec)});
  };
  for (const OptimizerDef* def : optim::catalog()) add(std::string(def->name), *def, {});
  const OptimizerDef& sgd = optim::sgd();
  add("momentum", sgd, {{"momentum", 0.9}});
  add("nesterov", sgd, {{"momentum", 0.9}, {"nesterov", true}});
  const OptimizerDef& adamw = optim::adamw();
  add("to the initial weights", adamw, {{"weight_decay_to", word("initial")}});
  add("l2", adamw, {{"weight_decay_kind", word("l2")}});
  add("decay of some", adamw, {{"weight_decay_on", Texts{"*.mlp.W_*", "unembed.W_U"}}});
  for (const FilterDef* filter : filters::catalog())
    add(std::string(filter->name), adamw, {{"filters", Texts{std::string(filter->name)}}});
  add("several filters", adamw, {{"filters", Texts{"sam", "grokfast_ema", "clip_norm"}}});
  for (const LrScheduleDef* schedule : schedules::catalog()) {
    // Without a warm-up, which a few steps would not get beyond.
    Params params{{"schedule", std::string(schedule->name)}, {"warmup_steps", std::int64_t{0}}};
    if (schedule->name == "steps") params.set("steps.at", Integers{2, 4});
    add(std::string(schedule->name), adamw, params);
  }
  return out;
}

std::vector<CatalogSpec> specs_of_all_terms() {
  std::vector<CatalogSpec> out;
  const auto add = [&](const TermDef& def, const std::string& name, const Params& given) {
    RunSpec spec = spec_of("modular_addition", {{"p", n(7)}, {"train_fraction", 0.6}},
                           "transformer", small_transformer());
    Params params = with({{"weight", 0.3}}, given);
    spec.terms.set_part("x", named(def.name.data(), def.schema(), params, spec.train));
    // Beside a second one, of the other sign.
    spec.terms.set_part(
        "y-2", named("restricted", terms::restricted().schema(), {{"weight", -0.1}}, spec.train));
    out.push_back({std::string(def.name) + ", " + name, spec});
  };
  for (const TermDef* def : terms::catalog()) {
    add(*def, "given frequencies", {{"frequencies", Integers{1, 3}}});
    for (const Field& field : def->schema().fields)
      for (const std::string& w : field.words) add(*def, field.name + " = " + w, {{field.name, w}});
  }
  return out;
}

std::vector<CatalogSpec> catalog_specs() {
  std::vector<CatalogSpec> out = specs_of_all_tasks();
  for (CatalogSpec& spec : specs_of_all_models()) out.push_back(std::move(spec));
  for (CatalogSpec& spec : specs_of_all_optimizers()) out.push_back(std::move(spec));
  for (CatalogSpec& spec : specs_of_all_terms()) out.push_back(std::move(spec));
  return out;
}

}  // namespace grok
