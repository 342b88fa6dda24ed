#include "grok/lab/compare.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "grok/base/error.h"
#include "grok/lab/fork.h"
#include "grok/spec/suggest.h"

namespace grok {
namespace {

// Losses and accuracies, as far as runs have them.
constexpr std::array usual_names{"train_loss", "batch_loss", "test_loss", "train_accuracy",
                                 "test_accuracy"};

// Said otherwise already, or of no consequence.
bool is_told(const ValueDifference& difference) {
  const std::string& key = difference.key;
  return key.starts_with("fork.") || key == "started" || key == "n_threads";
}

std::vector<ValueDifference> untold_differences(const std::string& a, const std::string& b) {
  std::vector<ValueDifference> out = differences(a, b);
  std::erase_if(out, is_told);
  return out;
}

std::string kinship_of(const RunFile& a, const RunFile& b) {
  const auto name = [](const RunFile& file) { return file.path().filename().string(); };
  const auto text = [&](const RunFile& child, const RunFile& other) -> std::string {
    const auto origin = origin_of(child);
    if (!origin) return "";
    const bool is_other = origin->parent == other.spec_digest();
    return name(child) + " was forked from " + (is_other ? name(other) : origin->parent_file) +
           " at step " + std::to_string(origin->step);
  };
  const std::string of_a = text(a, b), of_b = text(b, a);
  return of_a + (of_a.empty() || of_b.empty() ? "" : "; ") + of_b;
}

// The metrics of either run.
std::set<std::string> names_in(const RunFile& a, const RunFile& b) {
  std::set<std::string> out;
  for (const RunFile* run : {&a, &b})
    for (std::string& name : run->metric_names()) out.insert(std::move(name));
  return out;
}

std::string why_there_is_none(const RunFile& a, const RunFile& b, const std::string& name) {
  for (const RunFile* run : {&a, &b})
    for (const std::string& array : run->array_metric_names())
      if (array == name) return name + " is an array; only single numbers are set side by side";
  const std::set<std::string> names = names_in(a, b);
  const std::vector<std::string> known(names.begin(), names.end());
  return "neither run has a metric named " + name + suggestion(name, known);
}

std::vector<std::string> usual_metrics(const RunFile& a, const RunFile& b) {
  const std::set<std::string> known = names_in(a, b);
  std::vector<std::string> out;
  for (const char* name : usual_names)
    if (known.contains(name)) out.emplace_back(name);
  return out;
}

std::vector<MetricPair> pairs_of(const RunFile& a, const RunFile& b,
                                 const std::vector<std::string>& names) {
  std::map<std::pair<std::int64_t, std::size_t>, MetricPair> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::vector<MetricPoint> of_a = a.metric(names[i]), of_b = b.metric(names[i]);
    if (of_a.empty() && of_b.empty())
      throw Error(ErrorCode::usage, "compare: " + why_there_is_none(a, b, names[i]));
    std::map<std::int64_t, double> at;
    for (const MetricPoint& point : of_b) at[point.step] = point.value;
    for (const MetricPoint& point : of_a)
      if (const auto found = at.find(point.step); found != at.end())
        out[{point.step, i}] = {point.step, names[i], point.value, found->second};
  }
  std::vector<MetricPair> list;
  for (auto& [key, pair] : out) list.push_back(std::move(pair));
  return list;
}

void find_exactly(const RunFile& a, const RunFile& b, const CompareRequest& request,
                  Comparison& out) {
  try {
    ThreadPool pool(request.n_threads > 0 ? request.n_threads : n_cores());
    Replayer of_a(a, pool), of_b(b, pool);
    const auto exact = exact_parting(of_a, of_b, out.parting, request.stop);
    if (exact) out.parting = *exact;
    out.was_broken_off = !exact;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported) throw;
    out.why_inexact = error.what();
  }
}

}  // namespace

Comparison compare_runs(const std::filesystem::path& a, const std::filesystem::path& b,
                        const CompareRequest& request) {
  const RunFile of_a = RunFile::open(a, Access::read), of_b = RunFile::open(b, Access::read);
  Comparison out{.a = summarize(of_a), .b = summarize(of_b)};
  out.spec = untold_differences(out.a.spec_json, out.b.spec_json);
  out.manifest = untold_differences(out.a.manifest_json, out.b.manifest_json);
  out.kinship = kinship_of(of_a, of_b);
  out.metrics =
      pairs_of(of_a, of_b, request.metrics.empty() ? usual_metrics(of_a, of_b) : request.metrics);
  out.parting = recorded_parting(of_a, of_b);
  if (!out.parting.is_exact && request.is_exact) find_exactly(of_a, of_b, request, out);
  return out;
}

}  // namespace grok
