#include "grok/serve/named_files.h"

#include "grok/base/error.h"
#include "grok/edits/edit.h"

namespace grok::serve {
namespace {

bool is_file_key(std::string_view key) {
  return key == "files" || key == "file" || key == "path" || key == "run" ||
         key.ends_with("_file") || key.ends_with("_path");
}

bool says_something(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return !text->empty();
  if (const auto* texts = std::get_if<Texts>(&value)) return !texts->empty();
  return false;
}

// "section.key = value": the key's last part.
std::string key_set_by(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text.find('='))) {
    if (c == '.') out.clear();
    if (c != '.' && c != ' ' && c != '\t') out += c;
  }
  return out;
}

const std::string* file_key_of(const Params& params) {
  for (const auto& [key, value] : params)
    if (is_file_key(key) && says_something(value)) return &key;
  return nullptr;
}

}  // namespace

void require_no_files(const RunSpec& spec) {
  for (const SectionRef& section : spec_sections)
    if (const std::string* key = file_key_of(spec.*section.params))
      throw Error(ErrorCode::unsupported, std::string(section.name) + "." + *key +
                                              ": the page reads no other files than run files; "
                                              "use the command line for this run");
}

void require_no_files_set(std::span<const std::string> overrides) {
  for (const std::string& text : overrides)
    if (is_file_key(key_set_by(text)))
      throw Error(ErrorCode::unsupported,
                  text +
                      ": the page reads no other files than run files; use the command line for "
                      "this run");
}

void require_no_files(std::span<const std::string> edits) {
  for (const std::string& text : edits) {
    const Edit edit = parse_edit(text);
    if (const std::string* key = file_key_of(edit.params))
      throw Error(ErrorCode::unsupported, std::string(edit.def->name) + ": " + *key +
                                              ": the page reads no other run for an edit; use "
                                              "grokscope fork");
  }
}

}  // namespace grok::serve
