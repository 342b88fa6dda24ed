#include "grok/lab/run_changes.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "grok/base/error.h"
#include "grok/spec/suggest.h"

namespace grok {
namespace {

std::string index_text(const Shape& shape, std::int64_t at) {
  std::string out;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const std::string number = std::to_string(at % shape[axis]);
    out = out.empty() ? number : number + "," + out;
    at /= shape[axis];
  }
  return out;
}

std::string known_name(const RunFile& file, const std::string& base) {
  std::vector<std::string> known = file.metric_names();
  const std::vector<std::string> arrays = file.array_metric_names();
  known.insert(known.end(), arrays.begin(), arrays.end());
  return file.path().string() + ": no metric " + base + suggestion(base, known);
}

// Every number of an array metric by its name, in the order of the largest array.
std::vector<NamedCurve> array_curves(const RunFile& file, const std::string& base) {
  std::vector<NamedCurve> out;
  std::map<std::string, std::size_t> place;
  for (const ArrayPoint& point : file.array_metric(base)) {
    if (point.is_replayed) continue;
    const Shape& shape = point.values.shape;
    if (shape.n_elements() > most_series)
      throw Error(ErrorCode::usage, file.path().string() + ": array metric " + base + " has " +
                                        std::to_string(shape.n_elements()) +
                                        " numbers, each a series of its own; at most " +
                                        std::to_string(most_series) + " are looked at");
    for (std::int64_t i = 0; i < shape.n_elements(); ++i) {
      const std::string index = index_text(shape, i);
      const std::string name = index.empty() ? base : base + "[" + index + "]";
      const auto [found, is_new] = place.try_emplace(name, out.size());
      if (is_new) out.push_back({.name = name});
      Curve& curve = out[found->second].curve;
      curve.steps.push_back(point.step);
      curve.values.push_back(point.values.data[static_cast<std::size_t>(i)]);
    }
  }
  return out;
}

std::string without_spaces(std::string text) {
  std::erase(text, ' ');
  return text;
}

// "a" of "a[2]".
std::string before_bracket(const std::string& name) {
  return {name.begin(), std::ranges::find(name, '[')};
}

}  // namespace

std::vector<NamedCurve> curves_named(const RunFile& file, const std::string& asked) {
  const std::string name = without_spaces(asked);
  const std::string base = before_bracket(name);
  if (Curve curve = curve_of(file, name); !curve.steps.empty()) return {{name, std::move(curve)}};
  std::vector<NamedCurve> all = array_curves(file, base);
  if (all.empty() && base != name && !curve_of(file, base).steps.empty())
    throw Error(ErrorCode::usage, file.path().string() + ": " + base +
                                      " is a single number, which has no " +
                                      name.substr(base.size()));
  if (all.empty()) throw Error(ErrorCode::usage, known_name(file, base));
  if (base == name) return all;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const NamedCurve& c) { return c.name == name; });
  if (found == all.end())
    throw Error(ErrorCode::usage, file.path().string() + ": no number " + name + "; they are " +
                                      all.front().name + " to " + all.back().name);
  return {*found};
}

std::vector<std::string> usual_metrics(const RunFile& file) {
  const std::vector<std::string> names = file.metric_names();
  std::vector<std::string> out;
  for (const char* name :
       {"train_loss", "batch_loss", "test_loss", "train_accuracy", "test_accuracy"})
    if (std::find(names.begin(), names.end(), name) != names.end()) out.emplace_back(name);
  return out;
}

std::vector<SeriesChanges> changes_in(const RunFile& file, const std::vector<std::string>& metrics,
                                      const ChangeOptions& options) {
  std::vector<SeriesChanges> out;
  for (const std::string& metric : metrics)
    for (const NamedCurve& c : curves_named(file, metric))
      out.push_back({.name = c.name,
                     .first_step = c.curve.steps.front(),
                     .last_step = c.curve.steps.back(),
                     .found = phase_changes(c.curve.series(), options)});
  return out;
}

}  // namespace grok
