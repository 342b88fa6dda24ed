#include "grok/serve/event_stream.h"

#include "grok/base/error.h"
#include "grok/serve/json_text.h"

namespace grok::serve {

bool EventStream::send(std::string_view kind, std::string_view data, std::string_view id) {
  GROK_REQUIRE(data.find_first_of("\r\n") == std::string_view::npos, "an event of several lines");
  std::string text;
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  text.append("event: ").append(kind).append("\ndata: ").append(data).append("\n\n");
  return write(text);
}

std::string failure_text(std::string_view message) {
  return json_text(nlohmann::json{{"message", message}});
}

}  // namespace grok::serve
