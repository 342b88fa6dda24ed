#include "grok/serve/report.h"

#include <algorithm>
#include <zlib.h>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include "grok/base/error.h"
#include "grok/base/threads.h"
#include "grok/serve/circuit.h"
#include "grok/serve/handlers.h"
#include "grok/serve/json_text.h"
#include "grok/serve/page.h"

namespace grok::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t points_of_a_curve = 1000, points_of_an_array = 300;
/// More steps of it are left out, so that no array is larger than this.
constexpr std::int64_t most_numbers = 100'000;

std::string base64(const std::string& bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()),
                                static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string unzipped(std::string_view gzipped) {
  z_stream stream{};
  constexpr int gzip_window = 15 + 16;
  GROK_REQUIRE(inflateInit2(&stream, gzip_window) == Z_OK, "zlib does not start");
  std::string out, part(1 << 16, '\0');
  stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(gzipped.data()));
  stream.avail_in = static_cast<unsigned>(gzipped.size());
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<unsigned char*>(part.data());
    stream.avail_out = static_cast<unsigned>(part.size());
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(part, 0, part.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  GROK_REQUIRE(status == Z_STREAM_END, "the page's file is not what was packed");
  return out;
}

std::string page_text(std::string_view name) { return unzipped(find_page_file(name)->gzipped); }

Request asking(std::map<std::string, std::string> query) {
  Request out;
  out.method = "GET";
  out.target.query = std::move(query);
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ',';
    out += name;
  }
  return out;
}

// All metrics, some at a time, since a request names only so many.
Json metrics_of(Scope& scope, const std::string& id, const Json& run) {
  constexpr std::size_t at_once = 100;
  std::vector<std::string> names, part;
  for (const auto& [name, count] : run["metrics"].items()) names.push_back(name);
  Json out = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    part.push_back(names[i]);
    if (part.size() < at_once && i + 1 < names.size()) continue;
    const Request request =
        asking({{"names", joined(part)}, {"points", std::to_string(points_of_a_curve)}});
    out.push_back(base64(run_metrics(scope, request, {id}).body));
    part.clear();
  }
  return out;
}

Json arrays_of(Scope& scope, const std::string& id, const RunEntry& entry, const Json& run) {
  Json out = Json::object();
  const RunFile file = RunFile::open(entry.path, Access::read);
  for (const std::string name : run["arrays"]) {
    const std::vector<ArrayPoint> points = file.array_metric(name);
    const auto is_alike = [&](const ArrayPoint& point) {
      return point.values.shape == points.front().values.shape;
    };
    if (points.empty() || !std::all_of(points.begin(), points.end(), is_alike)) continue;
    const auto n = static_cast<std::int64_t>(points.front().values.data.size());
    const std::int64_t n_points = std::clamp(most_numbers / std::max<std::int64_t>(1, n),
                                             std::int64_t{2}, points_of_an_array);
    const Request request = asking({{"name", name}, {"points", std::to_string(n_points)}});
    out[name] = base64(run_array(scope, request, {id}).body);
  }
  return out;
}

// The neuron that the page shows first: the purest, the first if several.
std::string first_neuron(const State& state) {
  const Arrays arrays = circuit_arrays(state, "neurons", {});
  const std::vector<double> explained = arrays.doubles("explained");
  const auto best = std::max_element(explained.begin(), explained.end());
  return std::to_string(best - explained.begin());
}

// Frequencies whose circles are drawn: the key ones, or the strongest of a run without.
std::string circles(const State& state, const Json& run) {
  std::vector<std::string> out{"1"};
  for (const int k : run["summary"]["key_frequencies"]) out.push_back(std::to_string(k));
  if (out.size() == 1) {
    const std::vector<double> spectrum =
        circuit_arrays(state, "embedding", asking({{"k", "1"}})).doubles("spectrum");
    std::vector<std::size_t> order(spectrum.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return spectrum[a] > spectrum[b]; });
    for (std::size_t i = 0; i < std::min<std::size_t>(3, order.size()); ++i)
      out.push_back(std::to_string(order[i] + 1));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return joined(out);
}

// Null where the weights are not to be had: of a run whose examples are made of other files.
std::shared_ptr<const State> state_at(Scope& scope, const RunEntry& entry, std::int64_t step) {
  try {
    return scope.states.bring_back(entry.path, step, [] { return true; }, {});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unsupported) throw;
    return nullptr;
  }
}

Json circuit_of(Scope& scope, const RunEntry& entry, const Json& run) {
  if (run["keyframes"].empty()) return nullptr;
  const std::int64_t step = run["keyframes"].back();
  const auto state = state_at(scope, entry, step);
  if (!state) return nullptr;
  const std::vector<std::string> names = parts_of(*state);
  Json parts = Json::object(), race = nullptr;
  for (const std::string& name : names) {
    std::map<std::string, std::string> query;
    if (name == "embedding") query["k"] = circles(*state, run);
    if (name == "neuron") {
      query["neuron"] = first_neuron(*state);
      race = base64(run_race(scope, asking(query), {entry.id}).body);
    }
    parts[name] = base64(circuit_arrays(*state, name, asking(query)).encode());
  }
  return {{"step", step}, {"parts", std::move(parts)}, {"race", std::move(race)}};
}

// As text within <script>, where "</" would end it.
std::string script_text(const Json& json) {
  std::string out;
  for (const char c : json_text(json)) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace

std::string report_html(const std::filesystem::path& path, const ReportOptions& options) {
  Scope scope({path}, options.n_threads > 0 ? options.n_threads : n_cores());
  const std::vector<RunEntry> entries = scope.roots.list();
  if (entries.empty())
    throw Error(ErrorCode::not_found, path.string() + ": there is no such run file");
  const RunEntry& entry = entries.front();
  const Json run = Json::parse(show_run(scope, {}, {entry.id}).body);
  const Json all = {{"run", run},
                    {"metrics", metrics_of(scope, entry.id, run)},
                    {"arrays", arrays_of(scope, entry.id, entry, run)},
                    {"circuit", circuit_of(scope, entry, run)}};
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
      "'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:\">\n"
      "<title>grokscope</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>";
  out += page_text("app.css");
  out +=
      "</style>\n</head>\n<body>\n<div id=\"app\"></div>\n<script type=\"application/json\" "
      "id=\"report\">";
  out += script_text(all);
  out += "</script>\n<script type=\"module\">";
  out += page_text("app.js");
  out += "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace grok::serve
