#include "grok/cli/layout.h"

#include "grok/base/error.h"

namespace grok::cli {

void add_layout_option(CLI::App& command, std::string& layout) {
  command
      .add_option("--layout", layout,
                  "How tensors are stored: transformer-lens (axes as in TransformerLens), "
                  "progress-measures (as in the paper's own files), or per-head (the same but for "
                  "W_O, which is kept head by head)")
      ->type_name("NAME");
}

std::optional<WeightLayout> layout_named(const std::string& name) {
  if (name.empty()) return std::nullopt;
  const std::optional<WeightLayout> layout = weight_layout(name);
  if (!layout)
    throw Error(
        ErrorCode::usage,
        "no layout named " + name + "; there are transformer-lens, progress-measures and per-head");
  return layout;
}

}  // namespace grok::cli
