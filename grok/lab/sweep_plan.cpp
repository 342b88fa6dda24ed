#include "grok/lab/sweep_plan.h"

#include <algorithm>
#include <map>

#include "grok/base/error.h"
#include "grok/lab/sweep_grid.h"
#include "grok/lab/sweep_names.h"

namespace grok {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t most_lines = 20;  // of mistakes that are told

void add_line(Lines& lines, const std::string& line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
}

std::vector<SweepAxis> axes_of(const SweepRequest& request, Lines& mistakes) {
  std::vector<SweepAxis> axes;
  for (const std::string& text : request.grid) axes.push_back(parse_grid(text, mistakes));
  if (!request.seeds.empty()) axes.push_back(parse_seeds(request.seeds, mistakes));
  std::map<std::string, std::string> given;  // key to option
  for (const std::string& text : request.overrides)
    given.emplace(text.substr(0, text.find('=')), "--set");
  for (const SweepAxis& axis : axes) {
    const auto [before, is_new] = given.emplace(axis.key, axis.option);
    if (!is_new)
      mistakes.push_back(axis.option + ": " + axis.key + ": given by " + before->second + " too");
  }
  std::erase_if(axes, [](const SweepAxis& axis) { return axis.values.empty(); });
  return axes;
}

std::size_t n_runs_of(const std::vector<SweepAxis>& axes) {
  std::size_t n = 1;
  for (const SweepAxis& axis : axes) {
    n *= axis.values.size();
    if (n > most_runs)
      throw Error(ErrorCode::usage,
                  "the grid has more than " + std::to_string(most_runs) + " runs");
  }
  return n;
}

// Which value of each axis makes the run of that number; the last axis varies fastest.
std::vector<std::size_t> choice_of(const std::vector<SweepAxis>& axes, std::size_t run) {
  std::vector<std::size_t> out(axes.size());
  for (std::size_t a = axes.size(); a-- > 0;) {
    out[a] = run % axes[a].values.size();
    run /= axes[a].values.size();
  }
  return out;
}

// A spec's mistakes name the option of each override as --set; the user wrote another.
std::string with_options(std::string text, const std::vector<SweepAxis>& axes,
                         const std::vector<std::string>& overrides) {
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const std::string setting = " " + overrides[overrides.size() - axes.size() + a] + ":";
    const std::string written = "--set" + setting;
    for (std::size_t at; (at = text.find(written)) != std::string::npos;)
      text.replace(at, written.size(), axes[a].option + setting);
  }
  return text;
}

void add_lines(Lines& lines, const std::string& text) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    add_line(lines, text.substr(begin, end - begin));
    begin = end + 1;
  }
}

// Loads every spec.
std::vector<SweepRun> load_runs(const SweepRequest& request, const std::vector<SweepAxis>& axes,
                                Lines& mistakes) {
  std::vector<SweepRun> runs(n_runs_of(axes));
  for (std::size_t r = 0; r < runs.size(); ++r) {
    SweepRun& run = runs[r];
    std::vector<std::string> overrides = request.overrides;
    const std::vector<std::size_t> choice = choice_of(axes, r);
    for (std::size_t a = 0; a < axes.size(); ++a) {
      overrides.push_back(axes[a].key + "=" + axes[a].values[choice[a]]);
      run.values.emplace_back(axes[a].values[choice[a]]);
    }
    try {
      run.spec = request.load(overrides);
      run.spec_digest = spec_digest(run.spec);
      for (std::size_t a = 0; a < axes.size(); ++a)
        run.values[a] = *value_in(run.spec, axes[a].key);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::usage) throw;
      add_lines(mistakes, with_options(error.what(), axes, overrides));
    }
  }
  return runs;
}

void check_twins(const std::vector<SweepRun>& runs, Lines& mistakes) {
  std::map<std::string, const SweepRun*> seen;
  for (const SweepRun& run : runs) {
    if (!seen.emplace(run.spec_digest, &run).second)
      add_line(mistakes, "--grid: " + run.name + ": this run is in the grid twice");
  }
}

void throw_if_any(const Lines& mistakes) {
  if (mistakes.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < std::min(mistakes.size(), most_lines); ++i)
    text += (i > 0 ? "\n" : "") + mistakes[i];
  if (mistakes.size() > most_lines)
    text += "\nand " + std::to_string(mistakes.size() - most_lines) + " more";
  throw Error(ErrorCode::usage, text);
}

bool differ_in_seed_only(RunSpec a, const RunSpec& b) {
  a.train.set("seed", b.train.integer("seed"));
  return a == b;
}

std::string own_seeds(const RunSpec& spec) {
  std::string out;
  for (const SectionRef& section : spec_sections)
    for (const auto& [key, value] : spec.*section.params)
      if (key.ends_with("_seed"))
        out += (out.empty() ? "" : ", ") + std::string(section.name) + "." + key;
  return out;
}

// A step on the full batch draws nothing, so that train.seed acts through the others alone.
std::string seeds_warning(const SweepRequest& request, const std::vector<SweepRun>& runs) {
  if (request.seeds.empty() || runs.size() < 2) return "";
  const RunSpec& spec = runs[0].spec;
  if (!spec.train.is_text("batch") || !differ_in_seed_only(spec, runs[1].spec)) return "";
  return "--seeds changes nothing but names here: the spec itself sets " + own_seeds(spec) +
         "; vary those by --grid";
}

}  // namespace

const Value* value_in(const RunSpec& spec, const std::string& key) {
  const std::size_t dot = key.find('.');
  for (const SectionRef& section : spec_sections)
    if (key.substr(0, dot) == section.name) return (spec.*section.params).find(key.substr(dot + 1));
  return nullptr;
}

SweepPlan plan_sweep(const SweepRequest& request) {
  Lines mistakes;
  const std::vector<SweepAxis> axes = axes_of(request, mistakes);
  SweepPlan plan;
  plan.runs = load_runs(request, axes, mistakes);
  throw_if_any(mistakes);
  for (const SweepAxis& axis : axes) plan.keys.push_back(axis.key);
  const std::vector<std::string> keys = short_keys(plan.keys);
  for (SweepRun& run : plan.runs)
    run.name = keys.empty() ? file_name(request.name)
                            : file_name(keys, run.values, run.spec_digest.substr(0, 8));
  check_twins(plan.runs, mistakes);
  throw_if_any(mistakes);
  plan.warning = seeds_warning(request, plan.runs);
  return plan;
}

}  // namespace grok
