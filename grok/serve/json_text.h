#pragma once
// JSON as it is sent. Names out of a run file may be no UTF-8; what is not, is replaced.

#include <string>

#include <nlohmann/json.hpp>

namespace grok::serve {

template <class Json>
std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace grok::serve
