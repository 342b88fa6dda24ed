#include "grok/serve/handlers.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/foreign.h"
#include "grok/serve/arrays.h"
#include "grok/serve/circuit.h"
#include "grok/serve/decimate.h"
#include "grok/serve/json_text.h"
#include "grok/serve/page.h"

namespace grok::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t largest_step = std::int64_t{1} << 53;
constexpr std::size_t most_names = 128;
/// Numbers of one array over time; more steps are left out.
constexpr std::size_t most_numbers = 4'000'000;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Json json_of(const RunEntry& entry) {
  return {{"id", entry.id},
          {"name", entry.name},
          {"bytes", entry.n_bytes},
          {"modified_ms", entry.modified_ms}};
}

Json events_json(const std::vector<Event>& events) {
  Json out = Json::array();
  for (const Event& event : events) {
    Json detail = foreign_json<Json>(event.detail);
    if (detail.is_discarded()) detail = event.detail;
    out.push_back({{"step", event.step}, {"kind", event.kind}, {"detail", std::move(detail)}});
  }
  return out;
}

Axis axis_of(const Request& request) {
  if (!request.has("axis") || request.text("axis") == "log") return Axis::log;
  if (request.text("axis") == "linear") return Axis::linear;
  throw Error(ErrorCode::usage,
              "parameter axis: expected log or linear, found \"" + request.text("axis") + "\"");
}

std::vector<double> as_doubles(std::span<const std::int64_t> steps,
                               std::span<const std::size_t> kept) {
  std::vector<double> out;
  for (const std::size_t i : kept) out.push_back(static_cast<double>(steps[i]));
  return out;
}

void add_curve(Arrays& out, const std::string& name, const Curve& curve, std::size_t n_points,
               Axis axis) {
  const std::vector<std::size_t> kept = decimate(curve.steps, curve.values, n_points, axis);
  std::vector<double> values;
  for (const std::size_t i : kept) values.push_back(curve.values[i]);
  const auto n = static_cast<std::int64_t>(kept.size());
  out.add(name + ".steps", {n}, as_doubles(curve.steps, kept));
  out.add(name + ".values", {n}, values);
}

Reply binary(const Arrays& arrays) {
  return {.type = "application/octet-stream", .body = arrays.encode()};
}

Reply page(const PageFile* file) {
  if (!file) throw Error(ErrorCode::not_found, "the page has no such file");
  return {.type = std::string(file->type), .body = std::string(file->gzipped), .encoding = "gzip"};
}

}  // namespace

Reply page_root(Scope&, const Request&, const Matched&) {
  return page(find_page_file("index.html"));
}

Reply page_file(Scope&, const Request&, const Matched& matched) {
  return page(find_page_file(matched[0]));
}

Reply list_runs(Scope& scope, const Request&, const Matched&) {
  Json runs = Json::array();
  for (const RunEntry& entry : scope.roots.list()) runs.push_back(json_of(entry));
  return {.body = json_text(Json{{"now_ms", now_ms()}, {"runs", std::move(runs)}})};
}

Reply show_run(Scope& scope, const Request&, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  const std::shared_ptr<const RunData> data = scope.runs.get(entry.path);
  Json metrics = Json::object();
  for (const auto& [name, curve] : data->curves) metrics[name] = curve.steps.size();
  Json out = json_of(entry);
  out["now_ms"] = now_ms();
  out["summary"] = Json::parse(summary_json(data->summary));
  out["events"] = events_json(data->events);
  out["metrics"] = std::move(metrics);
  out["arrays"] = data->array_names;
  out["keyframes"] = data->keyframes;
  return {.body = json_text(out)};
}

Reply run_metrics(Scope& scope, const Request& request, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  const auto n_points = static_cast<std::size_t>(request.integer_or("points", 8, 20000, 2000));
  const Axis axis = axis_of(request);
  const std::vector<std::string> names = request.list("names", most_names);
  const std::shared_ptr<const RunData> data = scope.runs.get(entry.path);
  Arrays out;
  for (const auto& [name, curve] : data->curves)
    if (std::find(names.begin(), names.end(), name) != names.end())
      add_curve(out, name, curve, n_points, axis);
  return binary(out);
}

Reply run_array(Scope& scope, const Request& request, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  const auto n_points = static_cast<std::size_t>(request.integer_or("points", 2, 20000, 600));
  const Axis axis = axis_of(request);
  const RunFile file = RunFile::open(entry.path, Access::read);
  const std::vector<ArrayPoint> points = file.array_metric(request.text("name"));
  if (points.empty())
    throw Error(ErrorCode::not_found, entry.name + ": no array named " + request.text("name"));
  const Shape shape = points.front().values.shape;
  std::vector<std::int64_t> steps;
  for (const ArrayPoint& point : points) {
    if (point.values.shape != shape)
      throw Error(ErrorCode::unsupported, entry.name + ": the array " + request.text("name") +
                                              " changes its shape, from " + shape.to_string() +
                                              " to " + point.values.shape.to_string());
    steps.push_back(point.step);
  }
  const std::size_t n_numbers = std::max<std::size_t>(1, points.front().values.data.size());
  const std::size_t n_room = std::max<std::size_t>(2, most_numbers / n_numbers);
  const std::vector<std::size_t> kept = spread(steps, std::min(n_points, n_room), axis);
  std::vector<double> values;
  for (const std::size_t i : kept)
    values.insert(values.end(), points[i].values.data.begin(), points[i].values.data.end());
  std::vector<std::int64_t> sizes{static_cast<std::int64_t>(kept.size())};
  for (int axis_of_shape = 0; axis_of_shape < shape.rank(); ++axis_of_shape)
    sizes.push_back(shape[axis_of_shape]);
  Arrays out;
  out.add("steps", {sizes[0]}, as_doubles(steps, kept));
  out.add_f32("values", sizes, values);
  return binary(out);
}

Reply run_live(Scope& scope, const Request& request, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  // A browser that was cut off says what it has seen, and nothing before it is sent again.
  Request resumed = request;
  if (!request.last_event_id.empty()) resumed.target.query["after"] = request.last_event_id;
  const std::int64_t after = resumed.integer_or("after", -1, largest_step, -1);
  return {.type = "text/event-stream", .stream = [&scope, entry, after](EventStream& stream) {
            scope.live.follow(entry.path, after, stream);
          }};
}

Reply run_state(Scope& scope, const Request& request, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  const std::int64_t step = request.integer("step", 0, largest_step);
  return {.type = "text/event-stream", .stream = [&scope, entry, step](EventStream& stream) {
            const auto tell = [&](std::int64_t done, std::int64_t total) {
              stream.send("progress", json_text(Json{{"done", done}, {"total", total}}));
            };
            const auto is_wanted = [&] { return !scope.is_stopping && stream.is_open(); };
            const auto state = scope.states.bring_back(entry.path, step, is_wanted, tell);
            if (state)
              stream.send("done", json_text(Json{{"step", step}, {"parts", parts_of(*state)}}));
          }};
}

Reply run_circuit(Scope& scope, const Request& request, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  const std::int64_t step = request.integer("step", 0, largest_step);
  const std::shared_ptr<const State> state = scope.states.kept(entry.path, step);
  if (!state)
    throw Error(ErrorCode::not_found,
                "step " + std::to_string(step) + " is not at hand; ask for it at .../state first");
  return binary(circuit_arrays(*state, request.text("part"), request));
}

Reply run_race(Scope& scope, const Request& request, const Matched& matched) {
  const RunEntry entry = scope.roots.get(matched[0]);
  const std::shared_ptr<const Race> race =
      scope.races.get(entry.path, [&] { return !scope.is_stopping; });
  if (!race) throw Error(ErrorCode::unavailable, "the server stops");
  const std::int64_t neuron = request.integer("neuron", 0, race->n_neurons - 1);
  const auto n = static_cast<std::ptrdiff_t>(2 * race->n_frequencies);
  std::vector<double> steps;
  std::vector<float> waves;
  for (const auto& [step, all] : race->waves) {
    steps.push_back(static_cast<double>(step));
    const auto begin = all->begin() + neuron * n;
    waves.insert(waves.end(), begin, begin + n);
  }
  const auto n_steps = static_cast<std::int64_t>(steps.size());
  Arrays out;
  out.add("steps", {n_steps}, steps);
  out.add_f32("waves", {n_steps, race->n_frequencies, 2}, ConstFloats(waves));
  return binary(out);
}

}  // namespace grok::serve
