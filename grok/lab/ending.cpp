#include "grok/lab/ending.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "grok/lab/foreign.h"
#include "grok/store/safetensors_header.h"

namespace grok {
namespace {

constexpr std::array<std::pair<Ending, std::string_view>, 4> names{
    {{Ending::done, "done"},
     {Ending::stopped_by_rule, "stopped_by_rule"},
     {Ending::interrupted, "interrupted"},
     {Ending::diverged, "diverged"}}};

std::optional<double> seconds_in(const Event& event) {
  const nlohmann::json detail = foreign_json(event.detail);
  const bool is_there =
      detail.is_object() && detail.contains("seconds") && detail["seconds"].is_number();
  return is_there ? std::optional(detail["seconds"].get<double>()) : std::nullopt;
}

// Empty if there is no such text.
std::string text_in(const Event& event, const char* key) {
  const nlohmann::json detail = foreign_json(event.detail);
  const bool is_there = detail.is_object() && detail.contains(key) && detail[key].is_string();
  return is_there ? detail[key].get<std::string>() : "";
}

}  // namespace

std::string_view name_of(Ending ending) {
  for (const auto& [value, name] : names)
    if (value == ending) return name;
  return "";
}

Event make_event(const EndingEvent& ending) {
  nlohmann::ordered_json detail = {{"ending", name_of(ending.ending)}};
  if (ending.seconds) detail["seconds"] = *ending.seconds;
  if (!ending.what.empty()) detail["what"] = ending.what;
  return {ending.step, "ending", detail.dump()};
}

std::optional<EndingEvent> ending_of(const RunFile& file) {
  std::optional<Event> last;
  for (const Event& event : file.events())
    if (event.kind == "ending" || event.kind == "resume") last = event;
  if (!last || last->kind == "resume") return std::nullopt;
  const std::string found = text_in(*last, "ending");
  for (const auto& [value, name] : names)
    if (name == found)
      return EndingEvent{value, last->step, seconds_in(*last), text_in(*last, "what")};
  throw Error(ErrorCode::damaged,
              file.path().string() + ": unknown ending " + in_quotes(last->detail));
}

std::optional<double> training_seconds(const RunFile& file) {
  std::optional<double> sum;
  for (const Event& event : file.events("ending"))
    if (const auto seconds = seconds_in(event)) sum = sum.value_or(0) + *seconds;
  return sum;
}

bool is_over(const std::optional<EndingEvent>& ending) {
  return ending && ending->ending != Ending::interrupted;
}

}  // namespace grok
