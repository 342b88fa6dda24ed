#include "grok/serve/routes.h"

#include <array>
#include <new>

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/serve/handlers.h"
#include "grok/serve/json_text.h"

namespace grok::serve {
namespace {

constexpr Policy reads{"GET", Effect::reads}, changes{"POST", Effect::changes};

constexpr std::array<Route, 17> table{{
    {"", reads, page_root},
    {":file", reads, page_file},
    {"api/runs", reads, list_runs},
    {"api/runs/:run", reads, show_run},
    {"api/runs/:run/metrics", reads, run_metrics},
    {"api/runs/:run/array", reads, run_array},
    {"api/runs/:run/live", reads, run_live},
    {"api/runs/:run/state", reads, run_state},
    {"api/runs/:run/circuit", reads, run_circuit},
    {"api/runs/:run/race", reads, run_race},
    {"api/catalog", reads, list_catalog},
    {"api/trainings", reads, list_trainings},
    {"api/explain", changes, explain_spec},
    {"api/train", changes, train_run},
    {"api/runs/:run/fork", changes, fork_from},
    {"api/runs/:run/stop", changes, stop_run},
    {"api/runs/:run/resume", changes, resume_run},
}};

std::vector<std::string_view> segments_of(std::string_view pattern) {
  std::vector<std::string_view> out;
  while (!pattern.empty()) {
    const std::size_t end = pattern.find('/');
    out.push_back(pattern.substr(0, end));
    pattern.remove_prefix(end == std::string_view::npos ? pattern.size() : end + 1);
  }
  return out;
}

bool fits(std::string_view pattern, std::span<const std::string> segments, Matched& matched) {
  const std::vector<std::string_view> expected = segments_of(pattern);
  if (expected.size() != segments.size()) return false;
  matched.clear();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (expected[i].starts_with(':'))
      matched.push_back(segments[i]);
    else if (expected[i] != segments[i])
      return false;
  }
  return true;
}

Reply failure(int status, std::string_view kind, const std::string& message) {
  return {.status = status,
          .body = json_text(nlohmann::json{{"error", kind}, {"message", message}})};
}

// The one place where an Error becomes a status.
Reply failure_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::usage:
      return failure(400, "usage", error.what());
    case ErrorCode::not_found:
      return failure(404, "not_found", error.what());
    case ErrorCode::damaged:
      return failure(422, "damaged", error.what());
    case ErrorCode::unavailable:
      return failure(503, "unavailable", error.what());
    case ErrorCode::unsupported:
      return failure(501, "unsupported", error.what());
  }
  return failure(500, "unknown", error.what());
}

Reply answer_or_throw(Scope& scope, const Gate& gate, const Request& request) {
  const Match found = match(request.target);
  // A stranger learns nothing, not even which routes there are.
  const Policy& policy =
      found.route ? found.route->policy : Policy{.method = request.method.c_str()};
  if (const std::optional<Denial> denial = denial_of(policy, request, gate))
    return failure(denial->status, "denied", denial->message);
  if (!found.route) return failure(404, "not_found", "there is nothing at this address");
  return found.route->handle(scope, request, found.matched);
}

}  // namespace

std::span<const Route> routes() { return table; }

Match match(const Target& target) {
  Match out;
  if (target.segments.empty()) return out;
  const std::span<const std::string> behind_token = std::span(target.segments).subspan(1);
  for (const Route& route : table) {
    if (!fits(route.pattern, behind_token, out.matched)) continue;
    out.route = &route;
    return out;
  }
  return out;
}

Reply answer(Scope& scope, const Gate& gate, const Request& request) noexcept {
  try {
    return answer_or_throw(scope, gate, request);
  } catch (const Error& error) {
    return failure_of(error);
  } catch (const std::bad_alloc&) {
    return failure(503, "unavailable", "out of memory");
  } catch (const std::exception& error) {
    return failure(500, "mistake", error.what());
  }
}

}  // namespace grok::serve
