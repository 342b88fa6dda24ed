#include "grok/spec/study.h"

namespace grok {
namespace {

const Schema& schema() {
  const auto text = [](const char* name, const char* meaning) {
    return Field{.name = name, .type = FieldType::text, .meaning = meaning};
  };
  const auto overrides = [](const char* name, const char* meaning) {
    return Field{.name = name,
                 .type = FieldType::texts,
                 .default_value = Value{Texts{}},
                 .meaning = meaning};
  };
  static const Schema schema{{text("question", "What is asked."), text("event", "What is timed."),
                              text("seeds", "Of train.seed, A:B, both included."),
                              overrides("control", "Overrides of the control."),
                              overrides("changed", "Overrides of the others.")}};
  return schema;
}

}  // namespace

std::string name_of_group(const std::vector<std::string>& overrides) {
  std::string out;
  for (const std::string& text : overrides) out += (out.empty() ? "" : ",") + text;
  return out.empty() ? "as it is" : out;
}

std::optional<Study> check_study(const std::vector<FoundEntry>& entries, Mistakes& mistakes) {
  mistakes.enter("study");
  const std::optional<Params> params = check_entries(schema(), entries, {}, mistakes);
  if (!params) return std::nullopt;
  Study out{.question = params->text("question"),
            .event = params->text("event"),
            .seeds = params->text("seeds"),
            .control = params->texts("control"),
            .changed = params->texts("changed")};
  if (out.control == out.changed) {
    mistakes.add_at(entries.front().place, "study",
                    "expected other overrides than the control's in changed");
    return std::nullopt;
  }
  return out;
}

}  // namespace grok
