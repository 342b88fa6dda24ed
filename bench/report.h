#pragma once
// What the benchmarks share on the command line and in what they print. Rows are JSON objects;
// --json prints them as one array, else a table shows some of their columns.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace grok::bench {

using Json = nlohmann::ordered_json;

struct Options {
  bool is_json = false;
  bool is_quick = false;  // few rounds and no peers: does it still work?
  int n_rounds = 9;
  std::vector<int> threads;  // 1 and 2 unless told, as far as there are cores
  std::string only;          // rows whose name contains this
  bool wants(std::string_view name) const { return name.find(only) != name.npos; }
};

/// Reads [--json] [--quick] [--rounds N] [--threads N[,N]] [--only TEXT]. Nothing where something
/// else is found: usage is then on standard error.
std::optional<Options> parse_options(int argc, char** argv);

/// Processor, cores, compiler, flags, target, revision: what a row's figures depend on.
Json machine();

/// A column of the table: a number with so many decimals, after scaling; text and what is null or
/// absent as they are. A negative width: text that begins at the left, for the last column.
struct Column {
  const char* key;
  const char* title;
  int width;
  int decimals = 0;
  double scale = 1;
};

/// Prints rows as the options want; as JSON each carries `machine`.
void print(const Options& options, Json rows, std::span<const Column> columns);

}  // namespace grok::bench
