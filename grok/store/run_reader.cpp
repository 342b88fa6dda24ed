// The reading half of RunFile.

#include <charconv>
#include <cstring>
#include <limits>
#include <system_error>

#include "grok/base/digest.h"
#include "grok/store/run_file.h"
#include "grok/store/safetensors.h"

namespace grok {
namespace {

std::vector<std::string> all_names(const Database& database, const std::string& table) {
  Statement statement = database.prepare("SELECT DISTINCT name FROM " + table + " ORDER BY name");
  std::vector<std::string> names;
  while (statement.step()) names.push_back(statement.text(0));
  return names;
}

// "[4, 113]", with or without spaces; nothing if it is anything else, or more than memory holds.
std::optional<Shape> parse_shape(std::string text) {
  std::erase(text, ' ');
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return std::nullopt;
  std::vector<std::int64_t> dims;
  std::int64_t n = 1;
  const char* at = text.data() + 1;
  const char* const end = text.data() + text.size() - 1;
  while (at < end) {
    std::int64_t size = 0;
    const auto [next, error] = std::from_chars(at, end, size);
    if (error != std::errc() || size < 0 || dims.size() == Shape::max_rank) return std::nullopt;
    if (__builtin_mul_overflow(n, std::max<std::int64_t>(size, 1), &n)) return std::nullopt;
    dims.push_back(size);
    if (next != end && (*next != ',' || next + 1 == end)) return std::nullopt;
    at = next == end ? end : next + 1;
  }
  if (n > (std::int64_t{1} << 59)) return std::nullopt;
  return Shape(dims);
}

template <class T>
void copy_as_double(std::span<const std::byte> from, DoubleTensor& to) {
  for (std::size_t i = 0; i < to.data.size(); ++i) {
    T value;
    std::memcpy(&value, from.data() + i * sizeof(T), sizeof(T));
    to.data[i] = static_cast<double>(value);
  }
}

// Columns `first` to `first + 2` are dtype, shape and data.
DoubleTensor read_array(const Statement& row, int first, const std::string& where) {
  const std::string dtype = row.text(first);
  const std::string shape_text = row.text(first + 1);
  const std::span<const std::byte> data = row.blob(first + 2);
  const std::optional<Shape> shape = parse_shape(shape_text);
  const std::size_t size = dtype == "F64" ? 8 : dtype == "F32" ? 4 : 0;
  if (!shape || size == 0 || data.size() != static_cast<std::size_t>(shape->n_elements()) * size) {
    throw Error(ErrorCode::damaged, where + ": " + std::to_string(data.size()) +
                                        " bytes do not make dtype " + dtype + ", shape " +
                                        shape_text + "; the file was changed or overwritten");
  }
  DoubleTensor out(*shape);
  if (size == 8) copy_as_double<double>(data, out);
  if (size == 4) copy_as_double<float>(data, out);
  return out;
}

Error no_keyframe(const RunFile& run, std::int64_t step) {
  const std::vector<std::int64_t> steps = run.keyframe_steps();
  std::string text = run.path().string() + ": no keyframe at step " + std::to_string(step) + "; ";
  if (steps.empty()) return Error(ErrorCode::not_found, text + "the run has none yet");
  return Error(ErrorCode::not_found, text + "the run has " + std::to_string(steps.size()) +
                                         ", from step " + std::to_string(steps.front()) + " to " +
                                         std::to_string(steps.back()));
}

}  // namespace

std::string RunFile::spec_json() const { return database_.text("SELECT json FROM spec"); }
std::string RunFile::spec_digest() const { return database_.text("SELECT digest FROM spec"); }
std::string RunFile::manifest_json() const { return database_.text("SELECT json FROM manifest"); }

std::optional<std::int64_t> RunFile::last_step() const {
  Statement statement = database_.prepare(
      "SELECT max(step) FROM (SELECT max(step) AS step FROM metric UNION ALL "
      "SELECT max(step) FROM array_metric UNION ALL SELECT max(step) FROM keyframe UNION ALL "
      "SELECT max(step) FROM event)");
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return statement.integer(0);
}

std::vector<MetricPoint> RunFile::metric(std::string_view name) const {
  Statement statement =
      database_.prepare("SELECT step, value FROM metric WHERE name = ? ORDER BY step");
  statement.bind(1, name);
  std::vector<MetricPoint> points;
  while (statement.step()) points.push_back({statement.integer(0), statement.number(1)});
  return points;
}

std::vector<std::string> RunFile::metric_names() const { return all_names(database_, "metric"); }

std::vector<MetricRow> RunFile::metrics(std::int64_t after_step) const {
  Statement statement =
      database_.prepare("SELECT step, name, value FROM metric WHERE step > ? ORDER BY step, name");
  statement.bind(1, after_step);
  std::vector<MetricRow> rows;
  while (statement.step()) {
    rows.push_back({statement.integer(0), statement.text(1), statement.number(2)});
  }
  return rows;
}

std::vector<ArrayPoint> RunFile::array_metric(std::string_view name) const {
  Statement statement = database_.prepare(
      "SELECT step, dtype, shape, data FROM array_metric WHERE name = ? ORDER BY step");
  statement.bind(1, name);
  const std::string where = path().string() + ": array metric " + std::string(name);
  std::vector<ArrayPoint> points;
  while (statement.step()) {
    const std::int64_t step = statement.integer(0);
    points.push_back({step, read_array(statement, 1, where + " at step " + std::to_string(step))});
  }
  return points;
}

std::optional<DoubleTensor> RunFile::array_metric_at(std::string_view name,
                                                     std::int64_t step) const {
  Statement statement =
      database_.prepare("SELECT dtype, shape, data FROM array_metric WHERE step = ? AND name = ?");
  statement.bind(1, step).bind(2, name);
  if (!statement.step()) return std::nullopt;
  return read_array(
      statement, 0,
      path().string() + ": array metric " + std::string(name) + " at step " + std::to_string(step));
}

std::vector<std::string> RunFile::array_metric_names() const {
  return all_names(database_, "array_metric");
}

std::vector<std::int64_t> RunFile::keyframe_steps() const {
  Statement statement = database_.prepare("SELECT step FROM keyframe ORDER BY step");
  std::vector<std::int64_t> steps;
  while (statement.step()) steps.push_back(statement.integer(0));
  return steps;
}

Keyframe RunFile::keyframe(std::int64_t step) const {
  Statement statement = database_.prepare("SELECT digest, data FROM keyframe WHERE step = ?");
  statement.bind(1, step);
  if (!statement.step()) throw no_keyframe(*this, step);
  Keyframe out{step, statement.text(0), {}};
  const std::string where = path().string() + ": keyframe at step " + std::to_string(step);
  const std::span<const std::byte> data = statement.blob(1);
  const std::string found = sha256_hex(data);
  if (found != out.digest) {
    throw Error(ErrorCode::damaged, where + " (" + std::to_string(data.size()) +
                                        " bytes) has digest " + found + ", but was recorded as " +
                                        out.digest + "; the file was damaged since");
  }
  out.tensors = parse_safetensors(data, where).tensors;
  return out;
}

std::string RunFile::keyframe_digest(std::int64_t step) const {
  Statement statement = database_.prepare("SELECT digest FROM keyframe WHERE step = ?");
  statement.bind(1, step);
  if (!statement.step()) throw no_keyframe(*this, step);
  return statement.text(0);
}

std::optional<Keyframe> RunFile::keyframe_at_or_before(std::int64_t step) const {
  Statement statement = database_.prepare("SELECT max(step) FROM keyframe WHERE step <= ?");
  statement.bind(1, step);
  if (!statement.step() || statement.is_null(0)) return std::nullopt;
  return keyframe(statement.integer(0));
}

std::optional<Keyframe> RunFile::last_keyframe() const {
  return keyframe_at_or_before(std::numeric_limits<std::int64_t>::max());
}

std::vector<Event> RunFile::events(std::string_view kind) const {
  Statement statement = database_.prepare(
      "SELECT step, kind, detail FROM event WHERE ?1 = '' OR kind = ?1 ORDER BY id");
  statement.bind(1, kind);
  std::vector<Event> events;
  while (statement.step()) {
    events.push_back({statement.integer(0), statement.text(1), statement.text(2)});
  }
  return events;
}

}  // namespace grok
