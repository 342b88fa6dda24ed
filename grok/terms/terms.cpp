#include "grok/terms/terms.h"

#include <algorithm>
#include <vector>

#include "grok/base/catalog.h"
#include "grok/ops/catalog.h"
#include "grok/spec/run_spec.h"

namespace grok::terms {
namespace {

TermSite site_of(const Term& term, const TaskData& task, const Params& model) {
  return {task, model, term.params, term.label};
}

bool keeps_state(const Term& term, const TermSite& site) {
  return term.def->read && term.def->state_shape(site).rank() > 0;
}

NodeId state_input(Graph& g, const Term& term, const TermSite& site) {
  if (!keeps_state(term, site)) return no_node;
  return g.input("terms." + term.label, {term.def->state_shape(site), DType::f32});
}

}  // namespace

std::vector<Term> all_of(const Params& section) {
  std::vector<Term> out;
  for (const std::string& label : term_labels(section)) {
    Params params = section.part(label);
    const TermDef& def = entry_of(catalog(), "term", params.text("name"));
    out.push_back({label, std::move(params), &def});
  }
  return out;
}

void require(const Params& section, const TaskData& task, const Params& model) {
  for (const Term& term : all_of(section)) term.def->require(site_of(term, task, model));
}

bool read_examples(const Params& section) {
  const std::vector<Term> all = all_of(section);
  return std::any_of(all.begin(), all.end(),
                     [](const Term& term) { return term.def->reads_examples(term.params); });
}

NodeId add(Graph& g, const Params& section, const TaskData& task, const Params& model,
           NodeId all_answers, NodeId loss) {
  for (const Term& term : all_of(section)) {
    const TermSite site = site_of(term, task, model);
    const NodeId value = term.def->value({site, g, all_answers, state_input(g, term, site)});
    g.output("term." + term.label, value);
    const double weight = term.params.real("weight");
    if (weight == 0) continue;
    loss = g.add(ops::add(), {loss, g.add(ops::scale(), {value}, {{"factor", weight}})});
  }
  return loss;
}

NamedTensors read(const Params& section, const TaskData& task, const Params& model,
                  const Weights& weights, ThreadPool& pool) {
  NamedTensors out;
  for (const Term& term : all_of(section)) {
    const TermSite site = site_of(term, task, model);
    if (keeps_state(term, site)) out.add(term.label, term.def->read(site, weights, pool));
  }
  return out;
}

void reread(std::span<const Term> terms, const TaskData& task, const Params& model,
            std::int64_t step, const Weights& weights, ThreadPool& pool, NamedTensors& state) {
  for (const Term& term : terms) {
    Tensor* const kept = state.find(term.label);
    if (!kept || step % term.params.integer("reread_every") != 0) continue;
    const Tensor fresh = term.def->read(site_of(term, task, model), weights, pool);
    std::copy(fresh.data.begin(), fresh.data.end(), kept->data.begin());
  }
}

}  // namespace grok::terms
