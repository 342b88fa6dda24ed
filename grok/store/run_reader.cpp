// The reading half of RunFile. Every row is held against its checksum.

#include <algorithm>
#include <limits>

#include "grok/base/digest.h"
#include "grok/store/run_file.h"
#include "grok/store/run_rows.h"
#include "grok/store/run_schema.h"
#include "grok/store/safetensors.h"
#include "grok/store/safetensors_header.h"
#include "grok/store/stored_array.h"

namespace grok {
namespace {

Error no_keyframe(const RunFile& run, std::int64_t step) {
  const std::vector<std::int64_t> steps = run.keyframe_steps();
  std::string text = run.path().string() + ": no keyframe at step " + std::to_string(step) + "; ";
  if (steps.empty()) return Error(ErrorCode::not_found, text + "the run has none yet");
  return Error(ErrorCode::not_found, text + "the run has " + std::to_string(steps.size()) +
                                         ", from step " + std::to_string(steps.front()) + " to " +
                                         std::to_string(steps.back()));
}

// Far more than a spec allows; each step up to here is exact as a double, and has a next one.
constexpr std::int64_t largest_step = std::int64_t{1} << 53;

std::string at_step(std::int64_t step) { return " at step " + std::to_string(step); }

}  // namespace

bool RunFile::is_guarded() const { return version_ >= first_guarded_version; }

// What is wrong is put into words only when something is: rows are many.
template <class What>
void RunFile::check(const Statement& row, int column, std::int64_t expected,
                    const What& what) const {
  if (!is_guarded()) return;
  if (!row.is_null(column) && row.integer(column) == expected) return;
  throw Error(ErrorCode::damaged,
              path().string() + ": " + what() +
                  " does not have the checksum with which it was recorded; the file was damaged "
                  "or changed since");
}

std::int64_t RunFile::step_in(const Statement& row, int column) const {
  const std::int64_t step = row.integer(column);
  if (step >= 0 && step <= largest_step) return step;
  throw Error(ErrorCode::damaged, path().string() + ": a row is of step " + std::to_string(step) +
                                      "; steps go from 0 to 2^53; the file was damaged or changed");
}

void RunFile::fail_twice(const std::string& what) const {
  throw Error(ErrorCode::damaged,
              path().string() + ": " + what + " is there twice; another program changed the file");
}

std::string RunFile::spec_text(int column) const {
  Statement row = database_.prepare(is_guarded() ? "SELECT json, digest, checksum FROM spec"
                                                 : "SELECT json, digest, NULL FROM spec");
  GROK_REQUIRE(row.step(), "no spec");
  check(row, 2, checksum_of_spec(row.text(0), row.text(1)), [] { return "the spec"; });
  return row.text(column);
}

std::string RunFile::spec_json() const { return spec_text(0); }
std::string RunFile::spec_digest() const { return spec_text(1); }

std::string RunFile::manifest_json() const {
  Statement row = database_.prepare(is_guarded() ? "SELECT json, checksum FROM manifest"
                                                 : "SELECT json, NULL FROM manifest");
  GROK_REQUIRE(row.step(), "no manifest");
  check(row, 1, checksum_of_manifest(row.text(0)), [] { return "the manifest"; });
  return row.text(0);
}

std::optional<std::int64_t> RunFile::last_step() const {
  std::int64_t last = -1;
  Statement row = database_.prepare("SELECT max(step) FROM metric");
  if (row.step() && !row.is_null(0))
    for (const MetricRow& metric : metrics(step_in(row, 0) - 1)) last = metric.step;
  row = database_.prepare("SELECT max(step) FROM array_metric");
  if (row.step() && !row.is_null(0)) last = std::max(last, step_in(row, 0));
  const std::vector<std::int64_t> keyframes = keyframe_steps();
  if (!keyframes.empty()) last = std::max(last, keyframes.back());
  for (const Event& event : events()) last = std::max(last, event.step);
  return last < 0 ? std::nullopt : std::optional(last);
}

std::vector<MetricRow> RunFile::metrics(std::int64_t after_step) const {
  // Without a condition, so that a step that is negative or no number at all is not passed over.
  const bool is_all = after_step < 0;
  Statement row =
      database_.prepare(std::string("SELECT step, name, value, ") +
                        (is_guarded() ? "replayed, checksum" : "0, NULL") + " FROM metric" +
                        (is_all ? "" : " WHERE step > ?") + " ORDER BY 1, 2");
  if (!is_all) row.bind(1, after_step);
  std::vector<MetricRow> rows;
  while (row.step()) {
    MetricRow found{step_in(row, 0), row.text(1), row.number(2), row.integer(3) != 0};
    const auto what = [&] { return "metric " + shortened(found.name) + at_step(found.step); };
    check(row, 4, checksum_of(found), what);
    if (!rows.empty() && rows.back().step == found.step && rows.back().name == found.name)
      fail_twice(what());
    rows.push_back(std::move(found));
  }
  return rows;
}

// Reads all rows, since one whose name was damaged would otherwise be passed over in silence.
std::vector<MetricPoint> RunFile::metric(std::string_view name) const {
  std::vector<MetricPoint> points;
  for (const MetricRow& row : metrics())
    if (row.name == name) points.push_back({row.step, row.value, row.is_replayed});
  return points;
}

std::vector<std::string> RunFile::metric_names() const {
  std::vector<std::string> names;
  for (MetricRow& row : metrics()) names.push_back(std::move(row.name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// `where` has one condition on the name, and may have one on the step.
void RunFile::arrays(std::string_view name, const std::string& where, std::int64_t step,
                     const std::function<void(ArrayPoint)>& visit) const {
  Statement row = database_.prepare(std::string("SELECT step, dtype, shape, data, ") +
                                    (is_guarded() ? "replayed, checksum" : "0, NULL") +
                                    " FROM array_metric WHERE " + where);
  row.bind(1, name);
  if (step >= 0) row.bind(2, step);
  std::int64_t before = -1;
  while (row.step()) {
    const std::int64_t found = step_in(row, 0);
    const bool is_replayed = row.integer(4) != 0;
    const auto what = [&] { return "array metric " + shortened(name) + at_step(found); };
    if (before == found) fail_twice(what());
    before = found;
    check(row, 5,
          checksum_of_array(found, name, row.text(1), row.text(2), is_replayed, row.blob(3)), what);
    visit(
        {found,
         read_stored_array(row.text(1), row.text(2), row.blob(3), path().string() + ": " + what()),
         is_replayed});
  }
}

void RunFile::each_array(std::string_view name,
                         const std::function<void(ArrayPoint)>& visit) const {
  arrays(name, "name = ? ORDER BY step", -1, visit);
}

std::vector<ArrayPoint> RunFile::array_metric(std::string_view name) const {
  std::vector<ArrayPoint> points;
  each_array(name, [&](ArrayPoint point) { points.push_back(std::move(point)); });
  return points;
}

std::optional<DoubleTensor> RunFile::array_metric_at(std::string_view name,
                                                     std::int64_t step) const {
  std::optional<DoubleTensor> out;
  arrays(name, "name = ? AND step = ?", step,
         [&](ArrayPoint point) { out = std::move(point.values); });
  return out;
}

std::vector<std::string> RunFile::array_metric_names() const {
  Statement row = database_.prepare("SELECT DISTINCT name FROM array_metric ORDER BY name");
  std::vector<std::string> names;
  while (row.step()) names.push_back(row.text(0));
  return names;
}

std::vector<std::int64_t> RunFile::keyframe_steps() const {
  Statement row =
      database_.prepare(is_guarded() ? "SELECT step, digest, checksum FROM keyframe ORDER BY step"
                                     : "SELECT step, digest, NULL FROM keyframe ORDER BY step");
  std::vector<std::int64_t> steps;
  while (row.step()) {
    const std::int64_t step = step_in(row, 0);
    if (!steps.empty() && steps.back() == step) fail_twice("the keyframe" + at_step(step));
    steps.push_back(step);
    check(row, 2, checksum_of_keyframe(step, row.text(1)),
          [&] { return "the digest of the keyframe" + at_step(step); });
  }
  return steps;
}

std::string RunFile::keyframe_digest(std::int64_t step) const {
  Statement row =
      database_.prepare(is_guarded() ? "SELECT digest, checksum FROM keyframe WHERE step = ?"
                                     : "SELECT digest, NULL FROM keyframe WHERE step = ?");
  row.bind(1, step);
  if (!row.step()) throw no_keyframe(*this, step);
  check(row, 1, checksum_of_keyframe(step, row.text(0)),
        [&] { return "the digest of the keyframe" + at_step(step); });
  return row.text(0);
}

Keyframe RunFile::keyframe(std::int64_t step) const {
  Keyframe out{step, keyframe_digest(step), {}};
  Statement row = database_.prepare("SELECT data FROM keyframe WHERE step = ?");
  row.bind(1, step);
  if (!row.step()) throw no_keyframe(*this, step);
  const std::string where = path().string() + ": keyframe" + at_step(step);
  const std::span<const std::byte> data = row.blob(0);
  const std::string found = sha256_hex(data);
  if (found != out.digest) {
    throw Error(ErrorCode::damaged, where + " (" + std::to_string(data.size()) +
                                        " bytes) has digest " + found + ", but was recorded as " +
                                        shortened(out.digest) + "; the file was damaged since");
  }
  out.tensors = parse_safetensors(data, where).tensors;
  return out;
}

std::optional<Keyframe> RunFile::keyframe_at_or_before(std::int64_t step) const {
  const std::vector<std::int64_t> steps = keyframe_steps();
  const auto after = std::upper_bound(steps.begin(), steps.end(), step);
  return after == steps.begin() ? std::nullopt : std::optional(keyframe(*(after - 1)));
}

std::optional<Keyframe> RunFile::last_keyframe() const {
  return keyframe_at_or_before(std::numeric_limits<std::int64_t>::max());
}

// Reads all rows, as `metric` does.
std::vector<Event> RunFile::events(std::string_view kind) const {
  Statement row = database_.prepare(
      is_guarded() ? "SELECT id, step, kind, detail, checksum FROM event ORDER BY id"
                   : "SELECT id, step, kind, detail, NULL FROM event ORDER BY id");
  std::vector<Event> events;
  while (row.step()) {
    Event event{step_in(row, 1), row.text(2), row.text(3)};
    const std::int64_t id = row.integer(0);
    check(row, 4, checksum_of_event(id, event),
          [&] { return "event " + std::to_string(id) + at_step(event.step); });
    if (kind.empty() || event.kind == kind) events.push_back(std::move(event));
  }
  return events;
}

}  // namespace grok
