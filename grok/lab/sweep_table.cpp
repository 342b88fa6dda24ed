#include "grok/lab/sweep_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"

namespace grok {
namespace {

using Json = nlohmann::ordered_json;
using Cells = std::vector<std::string>;

constexpr const char* seed_key = "train.seed";  // has the column "seed", given by --grid or not

Json json_of(const std::optional<double>& x) {
  return x && std::isfinite(*x) ? Json(*x) : Json(nullptr);
}
Json json_of(const std::optional<std::int64_t>& x) { return x ? Json(*x) : Json(nullptr); }
Json json_of(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

// As what it is: a number stays a number.
Json json_of(const Value& value) { return Json::parse(json_text(value)); }

Json value_of(const SweepRun& run, const std::string& key) {
  const Value* value = value_in(run.spec, key);
  return value ? json_of(*value) : Json(nullptr);
}

// With a column for each of the keys, of which the seed has one anyhow.
Json json_row(const std::vector<std::string>& keys, const SweepRun& run, const SweepRow& row) {
  Json out{{"name", run.name}, {"spec_digest", json_of(run.spec_digest)}};
  for (const std::string& key : keys)
    if (key != seed_key) out[key] = value_of(run, key);
  out["seed"] = run.spec.train.integer("seed");
  out["ending"] = json_of(row.ending);
  out["steps"] = json_of(row.steps);
  out["seconds"] = json_of(row.seconds);
  out["train_loss"] = json_of(row.train_loss);
  out["test_loss"] = json_of(row.test_loss);
  out["train_accuracy"] = json_of(row.train_accuracy);
  out["test_accuracy"] = json_of(row.test_accuracy);
  out["memorized_step"] = json_of(row.memorized_step);
  out["grok_step"] = json_of(row.grok_step);
  out["grok_delay"] = json_of(row.grok_delay);
  out["key_frequencies"] = row.key_frequencies;
  out["weights_digest"] = json_of(row.weights_digest);
  out["error"] = json_of(row.error);
  return out;
}

void require_a_row_each(const SweepPlan& plan, std::span<const SweepRow> rows) {
  GROK_REQUIRE(rows.size() == plan.runs.size(), std::to_string(rows.size()) + " rows");
}

// Texts may hold what is not UTF-8: an error that names a file.
std::string dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string cell(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return dump(value);
  std::string out;
  for (const Json& element : value) {
    if (!out.empty()) out += ';';
    out += element.is_string() ? element.get<std::string>() : dump(element);
  }
  return out;
}

std::string line_of(const Cells& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? "," : "") + csv_text(cells[i]);
  return out + '\n';
}

// The lines of a CSV text as cells; empty lines are passed over.
std::vector<Cells> cells_in(std::string_view text) {
  std::vector<Cells> out;
  Cells line;
  std::string cell;
  const auto end_cell = [&] {
    line.push_back(std::move(cell));
    cell.clear();
  };
  const auto end_line = [&] {
    if (line.empty() && cell.empty()) return;
    end_cell();
    out.push_back(std::move(line));
    line.clear();
  };
  bool is_quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      if (!is_quoted && i > 0 && text[i - 1] == '"') cell += c;  // two of them are one
      is_quoted = !is_quoted;
    } else if (is_quoted) {
      cell += c;
    } else if (c == ',') {
      end_cell();
    } else if (c == '\n') {
      end_line();
    } else if (c != '\r') {
      cell += c;
    }
  }
  end_line();
  return out;
}

// The columns of a table, and how those of an earlier one come to stand among them.
class Columns {
 public:
  Columns(const SweepPlan& plan, const SweepTable& former) : keys_(plan.keys), former_(former) {
    const Json own = json_row(plan.keys, plan.runs.front(), {});
    for (const std::string& column : former.columns)
      if (!own.contains(column)) keys_.push_back(column);
    const Json columns = json_row(keys_, plan.runs.front(), {});
    for (const auto& [column, value] : columns.items()) names_.push_back(column);
  }

  const Cells& names() const { return names_; }

  Cells cells_of(const SweepRun& run, const SweepRow& row) const {
    Cells out;
    const Json json = json_row(keys_, run, row);
    for (const auto& [column, value] : json.items()) out.push_back(cell(value));
    return out;
  }

  Cells cells_of(const Cells& former) const {
    Cells out;
    for (const std::string& name : names_) out.push_back(former_cell(former, name));
    return out;
  }

  /// Of a row of the earlier table; empty if it has no such column.
  std::string former_cell(const Cells& row, std::string_view column) const {
    const auto found = std::ranges::find(former_.columns, column);
    if (found == former_.columns.end()) return "";
    return row[static_cast<std::size_t>(found - former_.columns.begin())];
  }

 private:
  std::vector<std::string> keys_;
  const SweepTable& former_;
  Cells names_;
};

}  // namespace

SweepTable read_sweep_csv(std::string_view text, const std::string& source) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorCode::usage, source + ": is no table of a sweep: " + why +
                                      "; nothing was changed. Choose another folder (--out)");
  };
  std::vector<Cells> lines = cells_in(text);
  const auto has = [&](const char* column) {
    return std::ranges::find(lines[0], column) != lines[0].end();
  };
  if (lines.empty() || lines[0].size() < 2 || lines[0][0] != "name" ||
      lines[0][1] != "spec_digest" || !has("ending"))
    refuse("its first line is not that of one");
  SweepTable out{.columns = std::move(lines[0]), .rows = {}};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].size() != out.columns.size())
      refuse("row " + std::to_string(i) + " has " + std::to_string(lines[i].size()) +
             " cells, its first line " + std::to_string(out.columns.size()));
    out.rows.push_back(std::move(lines[i]));
  }
  return out;
}

std::string sweep_json(const SweepPlan& plan, std::span<const SweepRow> rows) {
  require_a_row_each(plan, rows);
  Json out = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back(json_row(plan.keys, plan.runs[i], rows[i]));
  return dump(out, 2);
}

std::string sweep_csv(const SweepPlan& plan, std::span<const SweepRow> rows,
                      const SweepTable& former) {
  require_a_row_each(plan, rows);
  if (rows.empty()) return "";
  const Columns columns(plan, former);
  std::map<std::pair<std::string, std::string>, const Cells*> others;  // by name and digest
  for (const Cells& row : former.rows)
    if (!columns.former_cell(row, "ending").empty())
      others.emplace(std::pair(row[0], row[1]), &row);
  std::string out = line_of(columns.names());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const SweepRun& run = plan.runs[i];
    const auto before = others.extract(std::pair(run.name, run.spec_digest));
    const bool is_old = !before.empty() && rows[i].ending.empty();
    out += line_of(is_old ? columns.cells_of(*before.mapped()) : columns.cells_of(run, rows[i]));
  }
  for (const Cells& row : former.rows) {
    const auto other = others.find(std::pair(row[0], row[1]));
    if (other != others.end() && other->second == &row) out += line_of(columns.cells_of(row));
  }
  return out;
}

}  // namespace grok
