#include "tests/formats/read_everything.h"

#include <span>
#include <string_view>

#include "grok/lab/foreign.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/spec_schema.h"
#include "grok/lab/summary.h"

namespace grok::formats {
namespace {

// Each value with its length, so that no two lists of values give one text.
class Writer {
 public:
  void add(std::string_view value) {
    out += std::to_string(value.size()) + ":";
    out += value;
  }
  void add(std::int64_t value) { out += std::to_string(value) + ","; }
  void add(const Shape& shape) { add(shape.to_string()); }
  template <class T>
  void add(std::span<const T> numbers) {
    add(std::string_view(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()));
  }
  void add(double value) { add(std::span<const double>(&value, 1)); }

  std::string out;
};

void add_metrics(const RunFile& file, Writer& out) {
  for (const MetricRow& row : file.metrics()) {
    out.add(row.step);
    out.add(row.name);
    out.add(row.value);
    out.add(std::int64_t{row.is_replayed});
  }
  for (const std::string& name : file.metric_names()) out.add(name);
  for (const MetricPoint& point : file.metric("test_loss")) {
    out.add(point.step);
    out.add(point.value);
  }
}

void add_arrays(const RunFile& file, Writer& out) {
  for (const std::string& name : file.array_metric_names()) {
    out.add(name);
    for (const ArrayPoint& point : file.array_metric(name)) {
      out.add(point.step);
      const std::optional<DoubleTensor> again = file.array_metric_at(name, point.step);
      for (const DoubleTensor* values : {&point.values, again ? &*again : nullptr}) {
        if (!values) continue;
        out.add(values->shape);
        out.add(values->span());
      }
    }
  }
}

void add_keyframes(const RunFile& file, Writer& out) {
  for (const std::int64_t step : file.keyframe_steps()) {
    const Keyframe keyframe = file.keyframe(step);
    out.add(keyframe.step);
    out.add(keyframe.digest);
    out.add(file.keyframe_digest(step));
    for (const auto& [name, tensor] : keyframe.tensors) {
      out.add(name);
      out.add(tensor.shape);
      out.add(tensor.span());
    }
  }
  const std::optional<Keyframe> last = file.last_keyframe();
  out.add(last ? last->digest : "none");
}

}  // namespace

std::string read_everything(const RunFile& file) {
  Writer out;
  out.add(file.spec_json());
  out.add(file.spec_digest());
  out.add(file.manifest_json());
  out.add(file.last_step().value_or(-1));
  add_metrics(file, out);
  add_arrays(file, out);
  add_keyframes(file, out);
  for (const Event& event : file.events()) {
    out.add(event.step);
    out.add(event.kind);
    out.add(event.detail);
  }
  return out.out;
}

std::string read_everything(const std::filesystem::path& path) {
  return read_everything(RunFile::open(path, Access::read));
}

void understand(const RunFile& file) {
  naming_file(file, [&] {
    stored_spec(file.spec_json());
    summary_json(summarize(file));
    if (const std::optional<Keyframe> last = file.last_keyframe()) checkpoint_of(*last);
  });
}

}  // namespace grok::formats
