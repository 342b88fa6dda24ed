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

}  // namespace

std::string_view name_of(Ending ending) {
  for (const auto& [value, name] : names)
    if (value == ending) return name;
  return "";
}

Event make_event(const EndingEvent& ending) {
  const nlohmann::json detail = {{"ending", name_of(ending.ending)}};
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
    if (name == found) return EndingEvent{value, last->step};
  throw Error(ErrorCode::damaged, file.path().string() + ": unknown ending " + last->detail);
}

bool is_over(const std::optional<EndingEvent>& ending) {
  return ending && ending->ending != Ending::interrupted;
}

}  // namespace grok
