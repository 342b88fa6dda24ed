#include "grok/lab/origin.h"

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/foreign.h"
#include "grok/store/safetensors_header.h"

namespace grok {

using Json = nlohmann::ordered_json;

namespace {

[[noreturn]] void throw_unexpected(const RunFile& file, const Event& event) {
  throw Error(ErrorCode::damaged,
              file.path().string() + ": event fork: unexpected " + in_quotes(event.detail));
}

}  // namespace

Params origin_spec(const Origin& origin) {
  return {{"parent", origin.parent},
          {"step", origin.step},
          {"edits", origin.edits},
          {"frozen", origin.frozen}};
}

Event make_event(const Origin& origin, const std::string& parent_spec) {
  const Json detail = {{"parent", origin.parent},
                       {"parent_file", origin.parent_file},
                       {"step", origin.step},
                       {"set", origin.overrides},
                       {"edits", origin.edits},
                       {"frozen", origin.frozen},
                       {"optimizer_state", origin.has_new_optimizer_state ? "new" : "the parent's"},
                       {"parent_spec", Json::parse(parent_spec)}};
  return {origin.step, "fork", detail.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

std::optional<Origin> origin_of(const RunFile& file) {
  const std::vector<Event> events = file.events("fork");
  if (events.empty()) return std::nullopt;
  try {
    const Json detail = foreign_json<Json>(events.front().detail);
    if (!detail.at("step").is_number_integer()) throw_unexpected(file, events.front());
    return Origin{detail.at("parent").get<std::string>(),
                  detail.at("parent_file").get<std::string>(),
                  detail.at("step").get<std::int64_t>(),
                  detail.at("set").get<std::vector<std::string>>(),
                  detail.at("edits").get<std::vector<std::string>>(),
                  detail.at("frozen").get<std::vector<std::string>>(),
                  detail.at("optimizer_state").get<std::string>() == "new"};
  } catch (const nlohmann::json::exception&) {
    throw_unexpected(file, events.front());
  }
}

}  // namespace grok
