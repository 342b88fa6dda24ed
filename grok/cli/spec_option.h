#pragma once
// SPEC and --set, which several commands share, and where presets are looked for.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "grok/spec/run_spec.h"

namespace grok::cli {

struct SpecOption {
  std::string spec;  // a preset's name, or the path of a .toml file
  std::vector<std::string> overrides;

  /// throws   Error{usage} with all mistakes, Error{not_found}
  RunSpec load() const;
  /// "quick" for quick and for specs/quick.toml.
  std::string name() const;
};

void add_set_option(CLI::App& command, SpecOption& out);

/// The folders of presets, first come first served: $GROKSCOPE_SPECS, ./specs, and those of the
/// source tree or installation that the program lies in.
///   throws   Error{not_found} if GROKSCOPE_SPECS is set and names no folder with presets
std::vector<std::string> preset_folders();

/// Every element is one argument: "--probe a --probe b" and "--probe a,b", but not "--probe a b".
void add_list_option(CLI::App& command, const std::string& name, std::vector<std::string>& out,
                     const std::string& meaning);

/// What a step on the command line may be; a run has far fewer.
inline constexpr std::int64_t largest_step = 1'000'000'000'000;

/// Refuses an empty argument, as of --out "$UNSET".
CLI::Validator not_empty();

/// --threads N; 0, one per core, if left out.
void add_threads_option(CLI::App& command, int& out);

}  // namespace grok::cli
