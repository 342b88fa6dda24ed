#include "grok/lab/ending.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

namespace grok {
namespace {

constexpr std::array<std::pair<Ending, std::string_view>, 4> names{
    {{Ending::done, "done"},
     {Ending::stopped_by_rule, "stopped_by_rule"},
     {Ending::interrupted, "interrupted"},
     {Ending::diverged, "diverged"}}};

std::optional<double> seconds_in(const Event& event) {
  const nlohmann::json detail = nlohmann::json::parse(event.detail, nullptr, false);
  const bool is_there =
      detail.is_object() && detail.contains("seconds") && detail["seconds"].is_number();
  return is_there ? std::optional(detail["seconds"].get<double>()) : std::nullopt;
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
  return {ending.step, "ending", detail.dump()};
}

std::optional<EndingEvent> ending_of(const RunFile& file) {
  std::optional<Event> last;
  for (const Event& event : file.events())
    if (event.kind == "ending" || event.kind == "resume") last = event;
  if (!last || last->kind == "resume") return std::nullopt;
  const nlohmann::json detail = nlohmann::json::parse(last->detail, nullptr, false);
  const bool is_text =
      detail.is_object() && detail.contains("ending") && detail["ending"].is_string();
  const std::string found = is_text ? detail["ending"].get<std::string>() : "";
  for (const auto& [value, name] : names)
    if (name == found) return EndingEvent{value, last->step, seconds_in(*last)};
  throw Error(ErrorCode::damaged, file.path().string() + ": unknown ending " + last->detail);
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
