#pragma once
// What the server answers, in one table: each route with its policy. A test walks over the table
// and tries every way past every policy. To add a route, write its handler in handlers.cpp, and its
// line here; docs/scope.md lists them.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/serve/event_stream.h"
#include "grok/serve/policy.h"
#include "grok/serve/request.h"
#include "grok/serve/scope.h"

namespace grok::serve {

/// The parts of a target that a pattern leaves open, in their order.
using Matched = std::vector<std::string>;

struct Route {
  /// Segments behind the token: "api/runs/:run/metrics"; ":name" stands for any one, "" for none.
  std::string_view pattern;
  Policy policy;
  Reply (*handle)(Scope& scope, const Request& request, const Matched& matched);
};

std::span<const Route> routes();

/// Whom a request is for: the route whose pattern its segments behind the token fit, and what stood
/// in its open places. Null if there is none.
struct Match {
  const Route* route = nullptr;
  Matched matched;
};
Match match(const Target& target);

/// The whole way of a request: gate, route, handler. Throws nothing: what goes wrong is a reply
/// with its status and {"error": KIND, "message": TEXT}.
Reply answer(Scope& scope, const Gate& gate, const Request& request) noexcept;

}  // namespace grok::serve
