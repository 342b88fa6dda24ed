#pragma once
// What makes a spec the one that it is, in few words: so that two runs of a sweep can be told
// apart.

#include <string>
#include <vector>

#include "grok/spec/run_spec.h"

namespace grok::cli {

/// One section: its entry's name and the values that its schema would not have by itself, as --set
/// takes them.
struct SectionSettings {
  std::string section;             // "task", "terms.less-of-14"
  std::vector<std::string> lines;  // "transformer: d_model=64, d_mlp=128", broken between values
};

/// Of all sections that have an entry's name or such a value. Seeds that follow train.seed do not
/// count. What this version does not know is said in full.
std::vector<SectionSettings> settings_of(const RunSpec& spec);

}  // namespace grok::cli
