#include "grok/terms/frequencies.h"

#include <algorithm>

#include "grok/analysis/fourier.h"
#include "grok/base/error.h"
#include "grok/models/spectra.h"

namespace grok::terms {
namespace {

[[noreturn]] void refuse(const TermSite& site, const std::string& key, const std::string& why) {
  throw Error(ErrorCode::usage,
              "terms." + site.label + (key.empty() ? "" : "." + key) + ": " + why);
}

std::size_t modulus(const TermSite& site) { return static_cast<std::size_t>(*site.task.modulus); }

Tensor mask(const TermSite& site, const Weights& weights, ThreadPool& pool, float constant) {
  Tensor out(mask_shape(site));
  out.data[0] = constant;
  for (const int k : key_frequencies(site.task, site.model, weights, pool)) {
    const auto row = static_cast<std::size_t>(2 * k);
    out.data[row - 1] = out.data[row] = 1;
  }
  return out;
}

}  // namespace

Field weight_field() {
  return {.name = "weight",
          .type = FieldType::real,
          .meaning =
              "Factor of the term in the loss, of either sign; 0: it is measured, and not "
              "trained on."};
}

Field frequencies_field() {
  return {.name = "frequencies",
          .type = FieldType::integers,
          .default_value = Value{std::string("key")},
          .range = at_least(1),
          .words = {"key", "all"},
          .meaning =
              "Frequencies k of the waves 2 pi k x / p: a list, all, or the key frequencies "
              "that the network has at the time."};
}

Field reread_field() {
  return integer_field("reread_every", 100, from_to(1, 1e9),
                       "Steps between two readings of the key frequencies off the weights.");
}

void require_frequencies(const TermSite& site) {
  if (!has_odd_modulus(site.task))
    refuse(site, "",
           "the task is no function mod an odd p with one answer per example, so that it "
           "has no frequencies");
  if (are_key(site)) {
    if (!has_modular_embedding(site.task, site.model) || !has_modular_mlp(site.task, site.model))
      refuse(site, "frequencies",
             "key frequencies are read off an embedding and an MLP, of which the model has not "
             "both; name frequencies, or \"all\"");
    return;
  }
  const std::vector<int> chosen = fixed_frequencies(site);
  const int most = n_frequencies(*site.task.modulus);
  if (chosen.empty()) refuse(site, "frequencies", "expected at least one");
  for (const int k : chosen)
    if (k > most || std::count(chosen.begin(), chosen.end(), k) > 1)
      refuse(site, "frequencies",
             "expected different numbers from 1 to " + std::to_string(most) + ", found " +
                 std::to_string(k) + (k > most ? "" : " twice"));
}

bool are_key(const TermSite& site) {
  return site.params.is_text("frequencies") && site.params.text("frequencies") == "key";
}

std::vector<int> fixed_frequencies(const TermSite& site) {
  std::vector<int> out;
  if (!site.params.is_text("frequencies")) {
    for (const std::int64_t k : site.params.integers("frequencies"))
      out.push_back(static_cast<int>(std::min<std::int64_t>(k, 1 << 30)));
  } else if (!are_key(site)) {
    for (int k = 1; k <= n_frequencies(*site.task.modulus); ++k) out.push_back(k);
  }
  return out;
}

Shape mask_shape(const TermSite& site) {
  return are_key(site) ? Shape{static_cast<std::int64_t>(modulus(site))} : Shape{};
}

Tensor mask_of_waves(const TermSite& site, const Weights& weights, ThreadPool& pool) {
  return mask(site, weights, pool, 0);
}

Tensor mask_of_waves_and_constant(const TermSite& site, const Weights& weights, ThreadPool& pool) {
  return mask(site, weights, pool, 1);
}

}  // namespace grok::terms
