#include "grok/spec/toml_text.h"

namespace grok {

// JSON's spelling of texts, numbers, flags and lists is TOML's too.
std::string toml_text(const RunSpec& spec) {
  std::string out;
  for (const SectionRef& section : spec_sections) {
    if ((spec.*section.params).empty()) continue;
    out += (out.empty() ? "[" : "\n[") + std::string(section.name) + "]\n";
    for (const auto& [key, value] : spec.*section.params)
      out += key + " = " + json_text(value) + "\n";
  }
  return out;
}

}  // namespace grok
