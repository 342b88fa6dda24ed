#pragma once
// The scope's server: this machine's loopback, one port, one token.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "grok/serve/scope.h"

namespace grok::serve {

struct ServerOptions {
  std::vector<std::filesystem::path> paths;  // folders with run files, and run files
  int port = 0;                              // 0: any that is free
  int n_threads = 0;                         // of replays and trainings; 0: one per core
  Catalogs catalogs = {};
};

class Server {
 public:
  /// Listens from now on, in threads of its own.
  ///   throws   Error{unavailable} if the port is taken or may not be had
  explicit Server(const ServerOptions& options);
  /// Ends all connections.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  /// With the token: "http://127.0.0.1:8080/0123.../"
  std::string address() const;
  /// The same, as it opens on a run, which may come into being later.
  std::string address_of(const std::filesystem::path& run) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace grok::serve
