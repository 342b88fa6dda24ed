#include "grok/probes/probe.h"

#include <iostream>
#include <memory>

#include "grok/base/threads.h"
#include "grok/cli/command.h"
#include "grok/cli/files.h"
#include "grok/cli/layout.h"
#include "grok/cli/probe_output.h"
#include "grok/cli/spec_option.h"
#include "grok/cli/steps.h"
#include "grok/lab/foreign.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/spec_schema.h"
#include "grok/lab/summary.h"
#include "grok/models/model.h"
#include "grok/train/trainer.h"

namespace grok::cli {
namespace {

struct ProbeOptions {
  std::string path, weights, layout;
  SpecOption spec;
  std::vector<std::string> probes, steps;
  int n_threads = 0;
  bool is_json = false;
};

class Prober {
 public:
  Prober(const RunSpec& spec, const ProbeOptions& options)
      : pool_(options.n_threads > 0 ? options.n_threads : n_cores()),
        task_(tasks::data_of(spec.task)),
        set_(spec.model, task_, options.probes, pool_) {
    require_applicable(options.probes, task_, spec.model);
  }

  std::vector<int> keys_of(const Weights& weights) const { return set_.key_frequencies(weights); }
  const TaskData& task() const { return task_; }

  ProbedStep at(std::int64_t step, const Weights& weights, const std::vector<int>& keys) {
    return {step, set_.measure_all(weights, keys)};
  }

 private:
  ThreadPool pool_;
  TaskData task_;
  ProbeSet set_;
};

// The key frequencies are those of the run's last weights, at whatever step is measured.
ProbeReport probe_run(const RunFile& file, const ProbeOptions& options) {
  const RunSpec spec = stored_spec(file.spec_json());
  Prober prober(spec, options);
  const auto expected = weight_infos(spec, prober.task());
  StepWeights of_step(file, options.n_threads);
  const auto weights_at = [&](std::int64_t step) {
    Weights weights = of_step.at(step);
    check_weights(weights, expected);
    return weights;
  };
  ProbeReport out{.spec_digest = file.spec_digest()};
  const std::vector<std::int64_t> keyframes = file.keyframe_steps();
  const std::vector<std::int64_t> steps = steps_named(file, options.steps);
  if (!keyframes.empty()) out.key_frequencies = prober.keys_of(weights_at(keyframes.back()));
  for (const std::int64_t step : steps)
    out.steps.push_back(prober.at(step, weights_at(step), out.key_frequencies));
  return out;
}

ProbeReport probe_run(const ProbeOptions& options) {
  const RunFile file = open_run(options.path);
  return naming_file(file, [&] { return probe_run(file, options); });
}

// Of a file that `export` has written: the run's own. Null where it comes from elsewhere.
std::optional<RunSpec> spec_inside(const SafetensorsFile& file, const std::string& path) {
  const auto found = file.metadata.find("grokscope_spec");
  if (found == file.metadata.end()) return std::nullopt;
  try {
    return stored_spec(found->second);
  } catch (const Error& error) {
    throw Error(error.code(), path + ": grokscope_spec: " + error.what());
  }
}

RunSpec spec_of_weights(const SafetensorsFile& file, const ProbeOptions& options) {
  const std::optional<RunSpec> own = spec_inside(file, options.weights);
  if (options.spec.spec.empty()) {
    if (!own)
      throw Error(ErrorCode::usage,
                  "probe: " + options.weights +
                      " does not say what it belongs to (export writes that): --weights needs "
                      "--spec, which says what task and model they belong to");
    return *own;
  }
  RunSpec spec = options.spec.load();
  if (own && own->task != spec.task)
    std::cerr << "note: " << options.weights
              << " was trained on other data than those of --spec, on which it is measured now. "
                 "Leave out --spec to measure it on its own\n";
  return spec;
}

ProbeReport probe_weights(const ProbeOptions& options) {
  const SafetensorsFile file = open_weights(options.weights);
  const RunSpec spec = spec_of_weights(file, options);
  Prober prober(spec, options);
  const auto expected = weight_infos(spec, prober.task());
  const Weights weights =
      to_transformer_lens(file.tensors, expected, layout_named(options.layout), options.weights);
  ProbeReport out{.spec_digest = spec_digest(spec)};
  out.key_frequencies = prober.keys_of(weights);
  out.steps.push_back(prober.at(-1, weights, out.key_frequencies));
  return out;
}

void check_options(const ProbeOptions& options) {
  const auto refuse = [](const char* what) {
    throw Error(ErrorCode::usage, std::string("probe: ") + what + " (see grokscope probe --help)");
  };
  if (options.path.empty() == options.weights.empty())
    refuse("give either a run file or --weights FILE");
  if (options.spec.spec.empty() && !options.spec.overrides.empty())
    refuse("--set goes with --spec");
  if (options.weights.empty() && !options.spec.spec.empty()) refuse("a run file has its own spec");
  if (options.weights.empty() && !options.layout.empty()) refuse("--layout goes with --weights");
  if (!options.weights.empty() && !options.steps.empty()) refuse("--steps goes with a run file");
}

int run_probe(const ProbeOptions& options) {
  check_options(options);
  const ProbeReport report = options.path.empty() ? probe_weights(options) : probe_run(options);
  std::cout << (options.is_json ? probe_json(report) : probe_text(report));
  return 0;
}

}  // namespace

void add_probe(CLI::App& program, Action& action) {
  auto options = std::make_shared<ProbeOptions>();
  CLI::App* command =
      program.add_subcommand("probe", "Measure any steps of a run, or weights from elsewhere");
  command->add_option("FILE", options->path, "The run file");
  command->add_option("--weights", options->weights, "Instead of a run: a safetensors file")
      ->type_name("FILE");
  command
      ->add_option(
          "--spec", options->spec.spec,
          "What the weights belong to: a preset or .toml; left out for what export has written")
      ->type_name("SPEC");
  add_set_option(*command, options->spec);
  add_list_option(*command, "--probe", options->probes,
                  "What to measure (see list probes); if left out, all that need no naming");
  command
      ->add_option(
          "--steps", options->steps,
          "Steps to measure, with commas; last, or all, for keyframes; the last if left out")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_layout_option(*command, options->layout);
  add_threads_option(*command, options->n_threads);
  command->add_flag("--json", options->is_json, "As JSON, for programs");
  command->footer(
      "Examples:\n  grokscope probe quick.grok --probe gini,weight_norms --steps all --json\n"
      "  grokscope probe --weights model.safetensors --spec nanda-mainline --json");
  command->callback([options, &action] { action = [options] { return run_probe(*options); }; });
}

}  // namespace grok::cli
