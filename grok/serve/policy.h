#pragma once
// Who may ask for what. Every route has a policy in the one table of routes.h, and every request is
// held against it before anything is done for it.
//
// The server listens on this machine alone, but a page of somebody else's in the same browser can
// send requests to it. So a request must know the token of the printed address; must be addressed
// to this server by a name of this machine (a name that an attacker's DNS now points here is
// refused); and, where the browser says which page it comes from, come from ours. What changes
// something must also be JSON, which no foreign page may send unasked.

#include <optional>
#include <string>
#include <vector>

#include "grok/serve/request.h"

namespace grok::serve {

enum class Effect {
  reads,   // what lies in run files, or is computed from it
  changes  // starts, stops or writes something, or takes a spec as JSON
};

struct Policy {
  const char* method = "GET";
  Effect effect = Effect::reads;
};

/// What this server answers to.
struct Gate {
  std::string token;               // the first segment of every target
  std::vector<std::string> hosts;  // "127.0.0.1:8080", as the header Host spells them
};

/// The gate of a server that listens at a port of this machine.
Gate loopback_gate(std::string token, int port);

/// 32 hexadecimal digits from the system's source of randomness.
///   throws   Error{unavailable} if it has none
std::string random_token();

struct Denial {
  int status = 403;
  std::string message;
};

/// None if the request may pass. Its target still has the token in front.
std::optional<Denial> denial_of(const Policy& policy, const Request& request, const Gate& gate);

}  // namespace grok::serve
