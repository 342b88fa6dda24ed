#include "grok/store/run_rows.h"

#include "grok/base/digest.h"
#include "grok/store/row_checksum.h"
#include "grok/store/safetensors.h"

namespace grok {
namespace {

// Runs an insertion that fails only if its key is taken.
void insert(Statement& statement, const std::string& what, std::int64_t step) {
  try {
    statement.step();
  } catch (const ContractBroken&) {
    throw ContractBroken(what + " at step " + std::to_string(step) + " is recorded already");
  }
  statement.reset();
}

std::int64_t integer(bool flag) { return flag ? 1 : 0; }

void insert_metrics(const Database& database, const Moment& moment) {
  if (moment.metrics.empty()) return;
  Statement statement = database.prepare(
      "INSERT INTO metric(step, name, value, replayed, checksum) VALUES (?, ?, ?, ?, ?)");
  for (const auto& [name, value] : moment.metrics) {
    GROK_REQUIRE(!name.empty(), "a metric without a name");
    statement.bind(1, moment.step).bind(2, std::string_view(name)).bind(3, value);
    statement.bind(4, integer(moment.is_replayed));
    statement.bind(5, checksum_of(MetricRow{moment.step, name, value, moment.is_replayed}));
    insert(statement, "metric " + name, moment.step);
  }
}

void insert_arrays(const Database& database, const Moment& moment) {
  if (moment.arrays.empty()) return;
  Statement statement = database.prepare(
      "INSERT INTO array_metric(step, name, dtype, shape, replayed, checksum, data) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const ArrayMetric& array : moment.arrays) {
    GROK_REQUIRE(!array.name.empty(), "an array metric without a name");
    const bool is_f32 = array.precision == ArrayPrecision::f32;
    std::vector<float> rounded;
    if (is_f32)
      for (const double value : array.values.data) rounded.push_back(static_cast<float>(value));
    const auto bytes =
        is_f32 ? std::as_bytes(std::span(rounded)) : std::as_bytes(array.values.span());
    const std::string_view dtype = is_f32 ? "F32" : "F64";
    const std::string shape = array.values.shape.to_string();
    statement.bind(1, moment.step).bind(2, std::string_view(array.name)).bind(3, dtype);
    statement.bind(4, std::string_view(shape)).bind(5, integer(moment.is_replayed));
    statement.bind(
        6, checksum_of_array(moment.step, array.name, dtype, shape, moment.is_replayed, bytes));
    statement.bind(7, bytes);
    insert(statement, "array metric " + array.name, moment.step);
  }
}

void insert_keyframe(const Database& database, const Moment& moment) {
  if (!moment.keyframe) return;
  const std::vector<std::byte> bytes = encode_safetensors(*moment.keyframe);
  const std::string digest = sha256_hex(bytes);
  Statement statement =
      database.prepare("INSERT INTO keyframe(step, digest, checksum, data) VALUES (?, ?, ?, ?)");
  statement.bind(1, moment.step).bind(2, std::string_view(digest));
  statement.bind(3, checksum_of_keyframe(moment.step, digest));
  statement.bind(4, std::span<const std::byte>(bytes));
  insert(statement, "keyframe", moment.step);
}

// The checksum guards the row's id too, since ids put events in order: so it is chosen here.
void insert_events(const Database& database, const Moment& moment) {
  if (moment.events.empty()) return;
  std::int64_t id = database.integer("SELECT coalesce(max(id), 0) FROM event");
  Statement statement = database.prepare(
      "INSERT INTO event(id, step, kind, detail, checksum) VALUES (?, ?, ?, ?, ?)");
  for (const Event& event : moment.events) {
    GROK_REQUIRE(event.step >= 0 && !event.kind.empty(), "an event without a step or a kind");
    statement.bind(1, ++id).bind(2, event.step).bind(3, std::string_view(event.kind));
    statement.bind(4, std::string_view(event.detail)).bind(5, checksum_of_event(id, event)).step();
    statement.reset();
  }
}

}  // namespace

void insert_moment(const Database& database, const Moment& moment) {
  GROK_REQUIRE(moment.step >= 0, "step " + std::to_string(moment.step));
  insert_metrics(database, moment);
  insert_arrays(database, moment);
  insert_keyframe(database, moment);
  insert_events(database, moment);
}

std::int64_t checksum_of(const MetricRow& row) {
  return RowChecksum()
      .add(row.step)
      .add(std::string_view(row.name))
      .add(row.value)
      .add(integer(row.is_replayed))
      .value();
}

std::int64_t checksum_of_array(std::int64_t step, std::string_view name, std::string_view dtype,
                               std::string_view shape, bool is_replayed,
                               std::span<const std::byte> data) {
  return RowChecksum()
      .add(step)
      .add(name)
      .add(dtype)
      .add(shape)
      .add(integer(is_replayed))
      .add(data)
      .value();
}

std::int64_t checksum_of_keyframe(std::int64_t step, std::string_view digest) {
  return RowChecksum().add(step).add(digest).value();
}

std::int64_t checksum_of_event(std::int64_t id, const Event& event) {
  return RowChecksum()
      .add(id)
      .add(event.step)
      .add(std::string_view(event.kind))
      .add(std::string_view(event.detail))
      .value();
}

}  // namespace grok
