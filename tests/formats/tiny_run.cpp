#include "tests/formats/tiny_run.h"

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

constexpr const char* to_smaller = R"(
  DELETE FROM metric WHERE name NOT IN
    ('train_loss', 'test_loss', 'train_accuracy', 'test_accuracy', 'restricted_loss');
  DELETE FROM array_metric WHERE name NOT IN
    ('embedding_spectrum', 'neuron_frequency', 'neuron_explained');
  PRAGMA page_size = 512;
  VACUUM;
)";

template <class F>
std::string bytes_after(F&& make) {
  const TemporaryDirectory directory;
  const auto path = directory / "tiny.grok";
  make(path);
  return read_text(path);
}

}  // namespace

RunSpec tiny_run_spec() { return parse_spec(tiny_toml, "tiny.toml", {}, spec_schema()); }

void make_tiny_run(const std::filesystem::path& path) {
  run(tiny_run_spec(), path, {.n_threads = 1});
}

const std::string& tiny_run_bytes() {
  static const std::string bytes = bytes_after(make_tiny_run);
  return bytes;
}

const std::string& smaller_run_bytes() {
  static const std::string bytes = bytes_after([](const std::filesystem::path& path) {
    write_text(path, tiny_run_bytes());
    edit_run(path, to_smaller);
  });
  return bytes;
}

}  // namespace grok::formats
