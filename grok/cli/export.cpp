#include <iostream>
#include <memory>

#include "grok/cli/command.h"
#include "grok/cli/export_array.h"
#include "grok/cli/files.h"
#include "grok/cli/format.h"
#include "grok/cli/layout.h"
#include "grok/cli/spec_option.h"
#include "grok/cli/steps.h"
#include "grok/lab/foreign.h"
#include "grok/lab/keyframe.h"
#include "grok/store/atomic_file.h"

namespace grok::cli {
namespace {

struct ExportOptions {
  std::string path, weights_step, array, out, layout;
  bool metrics = false;
};

void export_weights(const RunFile& file, const ExportOptions& options) {
  const WeightLayout layout = layout_named(options.layout).value_or(WeightLayout::transformer_lens);
  const std::int64_t step = step_named(file, options.weights_step);
  const Weights weights = naming_file(file, [&] { return StepWeights(file).at(step); });
  write_safetensors(
      options.out, to_layout(weights, layout),
      {{"format", "pt"},
       {"grokscope_layout", options.layout.empty() ? "transformer-lens" : options.layout},
       {"grokscope_spec", file.spec_json()},
       {"grokscope_spec_digest", file.spec_digest()},
       {"grokscope_step", std::to_string(step)},
       {"grokscope_weights_digest", weights_digest(weights)}});
  std::cerr << "wrote " << weights.size() << " tensors of step " << grouped(step) << " to "
            << options.out << '\n';
}

void export_metrics(const RunFile& file, const ExportOptions& options) {
  std::string csv = "step,name,value,replayed\n";
  const std::vector<MetricRow> rows = file.metrics();
  const std::string left_out = left_out_text(file);  // may fail, so before anything is written
  for (const MetricRow& row : rows)
    csv += std::to_string(row.step) + "," + row.name + "," + shortest(row.value) +
           (row.is_replayed ? ",1\n" : ",0\n");
  write_file_atomically(options.out, std::as_bytes(std::span(csv)));
  std::cerr << "wrote " << grouped(static_cast<std::int64_t>(rows.size())) << " rows to "
            << options.out << '\n';
  if (!left_out.empty()) std::cerr << left_out << '\n';
}

void check_options(const ExportOptions& options) {
  const int n_asked = (options.metrics ? 1 : 0) + (options.weights_step.empty() ? 0 : 1) +
                      (options.array.empty() ? 0 : 1);
  if (n_asked != 1)
    throw Error(ErrorCode::usage, "export: give one of --weights STEP, --metrics and --array NAME");
  if (options.weights_step.empty() && !options.layout.empty())
    throw Error(ErrorCode::usage, "export: --layout goes with --weights");
}

int run_export(const ExportOptions& options) {
  check_options(options);
  check_output(options.out);
  const RunFile file = open_run(options.path);
  if (options.metrics) {
    export_metrics(file, options);
  } else if (!options.weights_step.empty()) {
    export_weights(file, options);
  } else {
    const std::int64_t n_rows = export_array(file, options.array, options.out);
    std::cerr << "wrote " << grouped(n_rows) << " rows to " << options.out << '\n';
  }
  return 0;
}

}  // namespace

void add_export(CLI::App& program, Action& action) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = program.add_subcommand(
      "export", "Write a run's weights or metrics to a file that others read");
  command->add_option("FILE", options->path, "The run file")->required();
  command
      ->add_option("--weights", options->weights_step,
                   "Weights after so many steps, as safetensors; \"last\" for the final ones")
      ->type_name("STEP");
  command->add_flag(
      "--metrics", options->metrics,
      "All metrics that are one number at each step, as CSV: step,name,value,replayed");
  command
      ->add_option("--array", options->array,
                   "An array metric at all its recorded steps, as CSV: step,i0,i1,...,value with "
                   "an index for each axis, counted from 0")
      ->check(not_empty())
      ->type_name("NAME");
  command->add_option("--out", options->out, "The file to write")
      ->required()
      ->check(not_empty())
      ->type_name("PATH");
  add_layout_option(*command, options->layout);
  command->footer(
      "Examples:\n  grokscope export quick.grok --weights last --out quick.safetensors\n"
      "  grokscope export quick.grok --metrics --out quick.csv\n"
      "  grokscope export quick.grok --array embedding_spectrum --out spectrum.csv");
  command->callback([options, &action] { action = [options] { return run_export(*options); }; });
}

}  // namespace grok::cli
