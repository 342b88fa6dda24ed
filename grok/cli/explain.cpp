#include "grok/lab/explain.h"

#include <iostream>
#include <memory>

#include <nlohmann/json.hpp>

#include "grok/cli/command.h"
#include "grok/cli/format.h"
#include "grok/cli/spec_option.h"

namespace grok::cli {
namespace {

struct ExplainOptions {
  SpecOption spec;
  std::vector<std::string> passes;
  bool is_json = false;
};

// A saving, or with a plus what a pass added; nothing where it changed nothing.
std::string saving(double x) {
  if (x == 0) return "-";
  return x > 0 ? scaled(x) : "+" + scaled(-x);
}

void print_costs(std::string_view name, const Cost& cost) {
  std::cout << "  " << left(name, 24) << right(std::to_string(cost.n_ops), 5)
            << right(scaled(cost.flops), 10) << right(scaled(cost.bytes), 10);
}

void print_table(const char* title, const PassTable& table) {
  std::cout << left(title, 26) << right("ops", 5) << right("flop", 10) << right("bytes", 10)
            << right("less flop", 11) << right("less bytes", 12) << '\n';
  print_costs("as written", table.written);
  std::cout << '\n';
  for (std::size_t i = 0; i < table.passes.size(); ++i) {
    const PassReport& pass = table.passes[i];
    const Cost saved = table.saved(i);
    print_costs(pass.name, pass.after);
    std::cout << right(saving(saved.flops), 11) << right(saving(saved.bytes), 12) << "  "
              << pass.meaning << '\n';
  }
}

void print_sizes(const Explanation& e) {
  const auto n = [](std::int64_t x) { return static_cast<double>(x); };
  std::cout << "Sizes\n  " << left("weights", 24) << grouped(e.n_weights) << " numbers\n  "
            << left("arena", 24) << bytes(n(e.arena_bytes))
            << ", all intermediate values of a step\n  " << left("keyframe", 24)
            << bytes(n(e.keyframe_bytes)) << ", " << grouped(e.n_keyframes)
            << " of them up to the step limit\n  " << left("records", 24) << grouped(e.n_records)
            << " up to the step limit\n  " << left("run file", 24) << "about "
            << bytes(n(e.file_bytes)) << " at the step limit\n";
}

void print(const Explanation& e) {
  print_table("Forward: model and loss", e.forward);
  std::cout << '\n';
  print_table("Step: with the gradient", e.step);
  print_costs("no pass at all", e.unoptimized_step);
  std::cout << "  for comparison\n";
  std::cout << "\nProgram: one line per value, in the order in which they are computed\n";
  for (const std::string& line : e.program) std::cout << "  " << line << '\n';
  std::cout << '\n';
  print_sizes(e);
}

nlohmann::ordered_json json_of(const Cost& cost) {
  return {{"n_ops", cost.n_ops}, {"flops", cost.flops}, {"bytes", cost.bytes}};
}

nlohmann::ordered_json json_of(const PassTable& table) {
  nlohmann::ordered_json passes = nlohmann::json::array();
  for (std::size_t i = 0; i < table.passes.size(); ++i)
    passes.push_back({{"name", table.passes[i].name},
                      {"meaning", table.passes[i].meaning},
                      {"after", json_of(table.passes[i].after)},
                      {"saved", json_of(table.saved(i))}});
  return {{"written", json_of(table.written)}, {"passes", passes}};
}

nlohmann::ordered_json json_of(const Explanation& e) {
  return {{"forward", json_of(e.forward)},
          {"step", json_of(e.step)},
          {"unoptimized_step", json_of(e.unoptimized_step)},
          {"program", e.program},
          {"arena_bytes", e.arena_bytes},
          {"n_weights", e.n_weights},
          {"keyframe_bytes", e.keyframe_bytes},
          {"n_keyframes", e.n_keyframes},
          {"n_records", e.n_records},
          {"file_bytes", e.file_bytes}};
}

int run_explain(const ExplainOptions& options) {
  const Explanation e = explain(options.spec.load(), options.passes);
  if (options.is_json)
    std::cout << json_of(e).dump(2) << '\n';
  else
    print(e);
  return 0;
}

}  // namespace

void add_explain(CLI::App& program, Action& action) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = program.add_subcommand(
      "explain", "Show the program that a training step is compiled to, pass by pass");
  command->add_option("SPEC", options->spec.spec, "A preset's name or a .toml file")->required();
  add_set_option(*command, options->spec);
  add_list_option(*command, "--passes", options->passes,
                  "Only these passes (see list passes); none for no pass at all");
  command->add_flag("--json", options->is_json, "As JSON, for programs");
  command->footer(
      "Examples:\n  grokscope explain nanda-mainline\n"
      "  grokscope explain nanda-mainline --passes dead_positions,dead_nodes\n"
      "  grokscope explain nanda-mainline --passes none");
  command->callback([options, &action] { action = [options] { return run_explain(*options); }; });
}

}  // namespace grok::cli
