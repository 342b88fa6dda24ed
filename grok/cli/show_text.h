#pragma once
// A run's summary as people read it.

#include <string>

#include "grok/store/run_file.h"

namespace grok::cli {

/// throws   as the functions of RunFile do
std::string show_text(const RunFile& file);

}  // namespace grok::cli
