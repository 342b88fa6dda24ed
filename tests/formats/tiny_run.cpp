#include "tests/formats/tiny_run.h"

#include <map>

#include "grok/lab/run.h"
#include "grok/lab/spec_schema.h"
#include "tests/formats/edit_run.h"
#include "tests/support/temporary_directory.h"

namespace grok::formats {
namespace {

constexpr const char* tiny_toml = R"(
[task]
name = "modular_addition"
p = 5
train_fraction = 0.6
[model]
name = "transformer"
n_layers = 1
d_model = 4
n_heads = 1
d_head = 4
d_mlp = 4
[loss]
name = "cross_entropy"
[optim]
name = "adamw"
lr = 1e-2
[train]
steps = 12
[record]
every = 6
log_points_per_octave = 0
keyframes = "ends"
)";

std::string make_bytes(int page_size) {
  const TemporaryDirectory directory;
  const auto path = directory / "tiny.grok";
  if (page_size == 4096) {
    make_tiny_run(path);
  } else {
    write_text(path, tiny_run_bytes());  // the very same run
    edit_run(path, "PRAGMA page_size = " + std::to_string(page_size) + "; VACUUM");
  }
  return read_text(path);
}

}  // namespace

RunSpec tiny_run_spec() { return parse_spec(tiny_toml, "tiny.toml", {}, spec_schema()); }

void make_tiny_run(const std::filesystem::path& path) {
  run(tiny_run_spec(), path, {.n_threads = 1});
}

const std::string& tiny_run_bytes(int page_size) {
  static std::map<int, std::string> made;
  const auto found = made.find(page_size);
  if (found != made.end()) return found->second;
  return made.emplace(page_size, make_bytes(page_size)).first->second;
}

}  // namespace grok::formats
