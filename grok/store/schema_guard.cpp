#include "grok/store/schema_guard.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "grok/store/safetensors_header.h"

namespace grok {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The words of a definition in capitals, and its other characters one by one. What stands in quotes
// is a name or a text, and left out.
std::vector<std::string> tokens_of(std::string_view sql) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const char c = sql[at];
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      at = std::min(sql.find(c == '[' ? ']' : c, at + 1), sql.size());
    } else if (is_word(c)) {
      std::string word;
      for (; at < sql.size() && is_word(sql[at]); ++at)
        word += static_cast<char>(std::toupper(static_cast<unsigned char>(sql[at])));
      --at;
      out.push_back(std::move(word));
    } else if (c != ' ' && c != '\n') {
      out.emplace_back(1, c);
    }
  }
  return out;
}

bool has(const std::vector<std::string>& tokens, std::string_view word) {
  return std::find(tokens.begin(), tokens.end(), word) != tokens.end();
}

bool is_plain_table(const std::vector<std::string>& tokens) {
  for (const char* word : {"VIRTUAL", "CHECK", "AS", "GENERATED"})
    if (has(tokens, word)) return false;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
    if (tokens[i] == "DEFAULT" && tokens[i + 1] == "(") return false;
  return true;
}

// No second bracket: no expression among the columns.
bool is_plain_index(const std::vector<std::string>& tokens) {
  return std::count(tokens.begin(), tokens.end(), "(") <= 1 && !has(tokens, "WHERE");
}

// What is wrong with an entry of the schema; empty if nothing is.
std::string offence(const std::string& type, std::string_view sql) {
  if (type == "view" || type == "trigger") return "a " + type;
  if (type == "table" && !is_plain_table(tokens_of(sql))) return "no table of plain columns";
  if (type == "index" && !is_plain_index(tokens_of(sql))) return "no index of plain columns";
  return "";
}

}  // namespace

void check_holds_plain_tables(const Database& database) {
  // SQLite makes the index of a key itself, and keeps no text of it.
  Statement row =
      database.prepare("SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY rowid");
  while (row.step()) {
    const std::string wrong = offence(row.text(0), row.text(2));
    if (wrong.empty()) continue;
    throw Error(ErrorCode::damaged, database.path().string() + ": " + in_quotes(row.text(1)) +
                                        " is " + wrong +
                                        "; a run file holds data only, so another program made or "
                                        "changed this one");
  }
}

}  // namespace grok
