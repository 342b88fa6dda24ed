#include "bench/report.h"

#include <charconv>
#include <cstdio>

#include "grok/base/threads.h"
#include "grok/lab/manifest.h"

namespace grok::bench {
namespace {

bool read(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out > 0;
}

bool read_list(std::string_view text, std::vector<int>& out) {
  out.clear();
  while (true) {
    const std::size_t comma = text.find(',');
    int n = 0;
    if (!read(text.substr(0, comma), n)) return false;
    out.push_back(n);
    if (comma == text.npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::string cell(const Json& row, const Column& column) {
  const auto at = row.find(column.key);
  if (at == row.end() || at->is_null()) return "-";
  if (at->is_boolean()) return at->get<bool>() ? "yes" : "";
  if (!at->is_number()) return at->get<std::string>();
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.*f", column.decimals, at->get<double>() * column.scale);
  return buffer;
}

void print_table(const Json& rows, std::span<const Column> columns) {
  const auto put = [](const Column& c, const std::string& text) {
    std::printf(c.width < 0 ? "  %*s" : "%*s", c.width, text.c_str());
  };
  for (const Column& c : columns) put(c, c.title);
  std::printf("\n");
  for (const Json& row : rows) {
    for (const Column& c : columns) put(c, cell(row, c));
    std::printf("\n");
  }
  const Json m = machine();
  std::printf("%s, %d cores; target %s; %s\n", m["cpu"].get<std::string>().c_str(),
              m["n_cores"].get<int>(), m["target"].get<std::string>().c_str(),
              m["compiler"].get<std::string>().c_str());
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv) {
  Options out;
  machine();  // counts the cores before anything keeps this thread to one of them
  for (int n = 1; n <= std::min(2, n_cores()); ++n) out.threads.push_back(n);
  bool is_good = true;
  for (int i = 1; i < argc && is_good; ++i) {
    const std::string_view word = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--json") {
      out.is_json = true;
      continue;
    }
    if (word == "--quick") {
      out.is_quick = true;
      out.n_rounds = 3;
      continue;
    }
    ++i;
    if (word == "--rounds")
      is_good = read(value, out.n_rounds);
    else if (word == "--threads")
      is_good = read_list(value, out.threads);
    else if (word == "--only" && *value)
      out.only = value;
    else
      is_good = false;
  }
  if (is_good) return out;
  std::fprintf(stderr,
               "usage: %s [--json] [--quick] [--rounds N] [--threads N[,N]] [--only TEXT]\n",
               argv[0]);
  return std::nullopt;
}

Json machine() {
  static const int cores = n_cores();
  Json out = Json::parse(manifest_json(1));
  for (const char* of_a_run : {"n_threads", "started", "denormals_flushed", "sqlite"})
    out.erase(of_a_run);
  out["n_cores"] = cores;
  return out;
}

void print(const Options& options, Json rows, std::span<const Column> columns) {
  if (!options.is_json) {
    if (!rows.empty()) print_table(rows, columns);
    return;
  }
  const Json where = machine();
  for (Json& row : rows) row["machine"] = where;
  std::printf("%s\n", rows.dump(2).c_str());
}

}  // namespace grok::bench
