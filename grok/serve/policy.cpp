#include "grok/serve/policy.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <sys/random.h>

#include "grok/base/error.h"

namespace grok::serve {
namespace {

// Takes as long for any wrong token of the right length.
bool is_same_secret(const std::string& a, const std::string& b) {
  unsigned differs = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    differs |= static_cast<unsigned>(a[i] ^ b[i]);
  return differs == 0;
}

bool is_host(const std::string& host, const Gate& gate) {
  return std::find(gate.hosts.begin(), gate.hosts.end(), host) != gate.hosts.end();
}

bool is_origin(const std::string& origin, const Gate& gate) {
  constexpr std::string_view scheme = "http://";
  return origin.starts_with(scheme) && is_host(origin.substr(scheme.size()), gate);
}

}  // namespace

Gate loopback_gate(std::string token, int port) {
  Gate gate{.token = std::move(token), .hosts = {}};
  for (const char* name : {"127.0.0.1", "localhost"})
    gate.hosts.push_back(std::string(name) + ":" + std::to_string(port));
  return gate;
}

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw Error(ErrorCode::unavailable, "the system gives no random bytes for the page's token");
  std::string out;
  for (const unsigned char byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::optional<Denial> denial_of(const Policy& policy, const Request& request, const Gate& gate) {
  if (!is_host(request.host, gate))
    return Denial{421, "this server does not go by the name \"" + request.host + "\""};
  const std::vector<std::string>& segments = request.target.segments;
  if (segments.empty() || !is_same_secret(segments.front(), gate.token))
    return Denial{403,
                  "the address lacks this server's token; it prints the whole address when it "
                  "starts"};
  if (!request.origin.empty() && !is_origin(request.origin, gate))
    return Denial{403, "requests from pages of " + request.origin + " are not answered"};
  if (request.method != policy.method)
    return Denial{405,
                  "this address takes " + std::string(policy.method) + ", not " + request.method};
  if (policy.effect == Effect::changes && request.content_type != "application/json")
    return Denial{415, "what changes something must be sent as application/json"};
  return std::nullopt;
}

}  // namespace grok::serve
