#pragma once
// The commands. Each is one file, which adds its options to the program and sets what is to be done
// when it was named. To add one, copy resume.cpp and name it here and in parse.cpp.

#include <functional>

#include <CLI/CLI.hpp>

namespace grok::cli {

/// What the named command does; returns the exit code.
using Action = std::function<int()>;

void add_train(CLI::App& program, Action& action);
void add_sweep(CLI::App& program, Action& action);
void add_reproduce(CLI::App& program, Action& action);
void add_report(CLI::App& program, Action& action);
void add_resume(CLI::App& program, Action& action);
void add_replay(CLI::App& program, Action& action);
void add_fork(CLI::App& program, Action& action);
void add_compare(CLI::App& program, Action& action);
void add_serve(CLI::App& program, Action& action);
void add_show(CLI::App& program, Action& action);
void add_phases(CLI::App& program, Action& action);
void add_probe(CLI::App& program, Action& action);
void add_export(CLI::App& program, Action& action);
void add_list(CLI::App& program, Action& action);
void add_explain(CLI::App& program, Action& action);

}  // namespace grok::cli
