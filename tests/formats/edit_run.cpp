#include "tests/formats/edit_run.h"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <sqlite3.h>

#include "grok/base/digest.h"
#include "grok/store/row_checksum.h"

namespace grok::formats {
namespace {

std::span<const std::byte> bytes_of(sqlite3_value* value) {
  const auto* data = static_cast<const std::byte*>(sqlite3_value_blob(value));
  return {data, data ? static_cast<std::size_t>(sqlite3_value_bytes(value)) : 0};
}

void sha256_function(sqlite3_context* context, int, sqlite3_value** values) {
  const std::string digest = sha256_hex(bytes_of(values[0]));
  sqlite3_result_text(context, digest.c_str(), static_cast<int>(digest.size()), SQLITE_TRANSIENT);
}

// NULL counts as NaN, for which it stands in a metric.
void checksum_function(sqlite3_context* context, int n, sqlite3_value** values) {
  RowChecksum sum;
  for (int i = 0; i < n; ++i) {
    const int type = sqlite3_value_type(values[i]);
    if (type == SQLITE_INTEGER)
      sum.add(std::int64_t{sqlite3_value_int64(values[i])});
    else if (type == SQLITE_FLOAT)
      sum.add(sqlite3_value_double(values[i]));
    else if (type == SQLITE_NULL)
      sum.add(std::numeric_limits<double>::quiet_NaN());
    else
      sum.add(bytes_of(values[i]));
  }
  sqlite3_result_int64(context, sum.value());
}

class Connection {
 public:
  explicit Connection(const std::filesystem::path& path) {
    if (sqlite3_open(path.c_str(), &handle_) != SQLITE_OK) fail();
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
    add_functions(handle_);
    execute("PRAGMA synchronous = OFF");  // a test's file need not outlive a power cut
  }
  ~Connection() { sqlite3_close(handle_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error(sqlite3_errmsg(handle_)); }
  sqlite3* handle_ = nullptr;
};

}  // namespace

void add_functions(sqlite3* database) {
  sqlite3_create_function(database, "sha256", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                          sha256_function, nullptr, nullptr);
  sqlite3_create_function(database, "row_checksum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
                          checksum_function, nullptr, nullptr);
}

std::string sealing_sql(std::string_view table) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> sums{
      {{"spec", "digest = sha256(json)"},
       {"spec", "checksum = row_checksum(json, digest)"},
       {"manifest", "checksum = row_checksum(json)"},
       {"metric", "checksum = row_checksum(step, name, value, replayed)"},
       {"array_metric", "checksum = row_checksum(step, name, dtype, shape, replayed, data)"},
       {"keyframe", "digest = sha256(data)"},
       {"keyframe", "checksum = row_checksum(step, digest)"},
       {"event", "checksum = row_checksum(id, step, kind, detail)"}}};
  std::string out;
  for (const auto& [of, sum] : sums)
    if (table.empty() || table == of)
      out.append("UPDATE ").append(of).append(" SET ").append(sum).append(";");
  return out;
}

void edit_run(const std::filesystem::path& path, const std::string& sql) {
  Connection(path).execute(sql);
}

void forge_run(const std::filesystem::path& path, const std::string& sql) {
  Connection connection(path);
  connection.execute(sql);
  connection.execute(sealing_sql());
}

}  // namespace grok::formats
