#include "grok/lab/spec_schema.h"

#include <algorithm>
#include <array>

#include "grok/base/error.h"
#include "grok/lab/batch_loss.h"
#include "grok/losses/loss.h"
#include "grok/models/model.h"
#include "grok/optim/optimizer.h"
#include "grok/probes/probe.h"
#include "grok/spec/fork_schema.h"
#include "grok/spec/train_schema.h"
#include "grok/tasks/generated.h"
#include "grok/terms/terms.h"

namespace grok {
namespace {

// Metrics that every run records at every recorded step, and the one that a probe adds.
constexpr std::array always_recorded{"train_loss",    "test_loss",    "all_loss",  "train_accuracy",
                                     "test_accuracy", "all_accuracy", "batch_loss"};
constexpr const char* weight_norm_metric = "sum_squared_weights";

template <class Def>
CatalogSchema catalog_schema(std::span<const Def* const> catalog) {
  CatalogSchema out;
  for (const Def* def : catalog) out.names.emplace_back(def->name);
  out.schema = [catalog](std::string_view name) {
    const auto found =
        std::find_if(catalog.begin(), catalog.end(), [&](const Def* d) { return d->name == name; });
    GROK_REQUIRE(found != catalog.end(), "no entry named " + std::string(name));
    return &(*found)->schema();
  };
  return out;
}

bool measures(const RunSpec& spec, std::string_view probe) {
  const std::vector<std::string> names = probes_of(spec);
  return std::find(names.begin(), names.end(), probe) != names.end();
}

void check_spec(const RunSpec& spec, Mistakes& mistakes) {
  if (spec.train.is_text("batch") && is_endless(spec.task))
    mistakes.add("train.batch",
                 "expected a number of examples per step, found \"full\": the task " +
                     spec.task.text("name") +
                     " has no end of examples unless task.data is \"finite\"");
  if (!spec.train.is_text("batch") && optim::of(spec.optim).compares_losses)
    mistakes.add("train.batch", "expected \"full\": the optimizer " + spec.optim.text("name") +
                                    " holds losses against each other");
  const std::string& rule = spec.train.text("stop_when");
  if (rule.starts_with("train_") && is_endless(spec.task))
    mistakes.add("train.stop_when",
                 "an endless task has no training split to measure; name batch_loss or test_loss");
  if (rule.starts_with("batch_loss") && !records_batch_loss(spec))
    mistakes.add("train.stop_when",
                 "batch_loss is not recorded where it is the same as train_loss; name that");
  if (rule.starts_with(weight_norm_metric) && !measures(spec, "weight_norms"))
    mistakes.add("train.stop_when", "needs the probe weight_norms, which record.probes leaves out");
}

SpecSchema make_schema() {
  SpecSchema out;
  out.task = catalog_schema(tasks::catalog());
  out.model = catalog_schema(models::catalog());
  out.loss = catalog_schema(losses::catalog());
  out.terms = catalog_schema(terms::catalog());
  out.optim = catalog_schema(optim::catalog());
  for (const ProbeDef* probe : probes::catalog()) out.probe_names.emplace_back(probe->name);
  out.stop_metrics.assign(always_recorded.begin(), always_recorded.end());
  out.stop_metrics.emplace_back(weight_norm_metric);
  out.check = check_spec;
  return out;
}

// The section's keys, checked against the schema of the entry that it names.
Params checked_section(const std::string& section, const CatalogSchema& catalog,
                       const Params& given, const Params& train) {
  const bool is_named = given.contains("name") && given.is_text("name");
  const std::string name = is_named ? given.text("name") : "";
  if (std::find(catalog.names.begin(), catalog.names.end(), name) == catalog.names.end())
    throw Error(ErrorCode::unsupported,
                "this version of grokscope has no " + section + " named \"" + name + "\"");
  Params rest;
  for (const auto& [key, value] : given)
    if (key != "name") rest.set(key, value);
  Params out = checked_params(*catalog.schema(name), rest, train);
  out.set("name", name);
  return out;
}

Params checked_terms(const CatalogSchema& catalog, const Params& given, const Params& train) {
  Params out;
  for (const std::string& label : term_labels(given)) {
    if (!is_term_label(label) || given.contains(label))
      throw Error(ErrorCode::usage, "terms: no section for " + json_text(label));
    out.set_part(label, checked_section("term", catalog, given.part(label), train));
  }
  return out;
}

RunSpec checked_spec(const RunSpec& given) {
  const SpecSchema& schema = spec_schema();
  RunSpec out = given;
  out.train = checked_params(train_schema(), given.train);
  out.record = checked_params(record_schema(), given.record);
  out.task = checked_section("task", schema.task, given.task, out.train);
  out.model = checked_section("model", schema.model, given.model, out.train);
  out.loss = checked_section("loss", schema.loss, given.loss, out.train);
  out.terms = checked_terms(schema.terms, given.terms, out.train);
  out.optim = checked_section("optim", schema.optim, given.optim, out.train);
  if (!given.fork.empty()) out.fork = checked_params(fork_schema(), given.fork);
  Mistakes mistakes;
  check_spec(out, mistakes);
  mistakes.throw_if_any();
  return out;
}

}  // namespace

const SpecSchema& spec_schema() {
  static const SpecSchema schema = make_schema();
  return schema;
}

RunSpec completed_spec(RunSpec spec) {
  const TaskDef* task = tasks::find(spec.task.text("name"));
  if (task && task->complete) task->complete(spec.task);
  return spec;
}

RunSpec stored_spec(std::string_view canonical_json) {
  const RunSpec given = from_canonical_json(canonical_json);
  try {
    return checked_spec(given);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::usage) throw;
    throw Error(ErrorCode::damaged, std::string("the stored spec is not sound:\n") + error.what());
  }
}

std::vector<std::string> probes_of(const RunSpec& spec) {
  std::vector<std::string> out{"loss_and_accuracy"};
  const auto add = [&](std::string_view name) {
    if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
  };
  if (!spec.record.is_text("probes")) {
    for (const std::string& name : spec.record.texts("probes")) add(name);
  } else if (spec.record.text("probes") == "default") {
    for (const ProbeDef* probe : probes::catalog())
      if (probe->by_default) add(probe->name);
  }
  return out;
}

}  // namespace grok
