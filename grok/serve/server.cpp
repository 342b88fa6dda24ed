#include "grok/serve/server.h"

#include <sys/socket.h>
#include <thread>

#include "grok/base/error.h"
#include "grok/base/threads.h"
#include "grok/serve/connections.h"
#include "grok/serve/json_text.h"
#include "grok/serve/policy.h"
#include "grok/serve/roots.h"
#include "grok/serve/routes.h"
#include "grok/serve/scope.h"

namespace grok::serve {
namespace {

constexpr std::size_t longest_body = 1 << 20;
constexpr int most_waiting = 1024;

// Scripts and styles from here alone; shown in no other page's frame; the address, which holds the
// token, is told to nobody.
const httplib::Headers& guarding_headers() {
  static const httplib::Headers headers{
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
       "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
       "frame-ancestors 'none'"},
      {"Cache-Control", "no-store"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Content-Type-Options", "nosniff"}};
  return headers;
}

class SinkStream : public EventStream {
 public:
  SinkStream(httplib::DataSink& sink, const Scope& scope) : sink_(sink), scope_(scope) {}
  bool is_open() override { return !is_broken_ && !scope_.is_stopping && sink_.is_writable(); }
  bool write(std::string_view text) override {
    // The sink looks for itself whether it is open.
    if (!is_broken_ && !scope_.is_stopping && sink_.write(text.data(), text.size())) return true;
    is_broken_ = true;
    return false;
  }

 private:
  httplib::DataSink& sink_;
  const Scope& scope_;
  bool is_broken_ = false;
};

// A port that another program listens at is not to be shared with it, as the library would have it.
void take_port_alone(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

// The library holds no other body to the longest one: not what comes in chunks or until the
// connection ends, nor what grows as it is unpacked.
bool says_its_length(const httplib::Request& request) {
  return request.has_header("Content-Length") && !request.has_header("Transfer-Encoding") &&
         !request.has_header("Content-Encoding");
}

// What the library refuses by itself says no more than its status.
void say_what_is_wrong(const httplib::Request&, httplib::Response& out) {
  if (!out.body.empty()) return;
  const char* text = "the request was not understood";
  if (out.status == 411)
    text = "a body must say its length, and be sent neither in chunks nor packed";
  if (out.status == 413) text = "the body is longer than 1 MiB";
  out.set_content(json_text(nlohmann::json{{"error", "usage"}, {"message", text}}),
                  "application/json");
}

std::optional<Request> request_of(const httplib::Request& from) {
  std::optional<Target> target = parse_target(from.target);
  if (!target) return std::nullopt;
  return Request{.method = from.method,
                 .target = *std::move(target),
                 .host = from.get_header_value("Host"),
                 .origin = from.get_header_value("Origin"),
                 .content_type = from.get_header_value("Content-Type"),
                 .last_event_id = from.get_header_value("Last-Event-ID"),
                 .body = from.body};
}

// The only place where an exception of a stream stops: its answer has begun, so it is an event.
void write_all(const std::function<void(EventStream&)>& stream, EventStream& events) noexcept {
  try {
    stream(events);
  } catch (const std::exception& error) {
    events.send("failed", failure_text(error.what()));
  }
}

void send(Reply reply, const Scope& scope, httplib::Response& out) {
  out.status = reply.status;
  if (!reply.encoding.empty()) out.set_header("Content-Encoding", std::string(reply.encoding));
  if (reply.stream) {
    const auto write_events = [stream = std::move(reply.stream), &scope](std::size_t,
                                                                         httplib::DataSink& sink) {
      SinkStream events(sink, scope);
      write_all(stream, events);
      sink.done();
      return true;
    };
    out.set_chunked_content_provider(reply.type, write_events);
    return;
  }
  if (reply.encoding.empty()) {
    out.set_content(reply.body, reply.type);
    return;
  }
  // From a provider, since a body would be compressed once more.
  const std::size_t size = reply.body.size();
  out.set_content_provider(
      size, reply.type,
      [body = std::move(reply.body)](std::size_t begin, std::size_t n, httplib::DataSink& sink) {
        return sink.write(body.data() + begin, n);
      });
}

}  // namespace

struct Server::Parts {
  explicit Parts(const ServerOptions& options)
      : scope(options.paths, options.n_threads > 0 ? options.n_threads : n_cores(),
              options.catalogs) {}

  void handle(const httplib::Request& from, httplib::Response& out) {
    const std::optional<Request> request = request_of(from);
    if (!request) {
      send({.status = 400,
            .body = R"({"error":"usage","message":"this is no address of the page"})"},
           scope, out);
      return;
    }
    send(answer(scope, gate, *request), scope, out);
  }

  Scope scope;
  Gate gate;
  int port = 0, socket = -1;
  httplib::Server http;
  std::thread listening;
};

Server::Server(const ServerOptions& options) : parts_(std::make_unique<Parts>(options)) {
  Parts& parts = *parts_;
  httplib::Server& http = parts.http;
  http.new_task_queue = [] { return new ConnectionThreads; };  // httplib deletes it
  http.set_tcp_nodelay(true);
  http.set_keep_alive_timeout(2);
  http.set_socket_options([&parts](int socket) {
    take_port_alone(socket);
    parts.socket = socket;
  });
  http.set_keep_alive_max_count(1'000'000);
  http.set_payload_max_length(longest_body);
  http.set_default_headers(guarding_headers());
  const auto handle = [&parts](const httplib::Request& from, httplib::Response& out) {
    parts.handle(from, out);
  };
  http.set_error_handler(say_what_is_wrong);
  // All but POST are answered before the library looks for a route; a POST's body is read first.
  http.set_pre_routing_handler([handle](const httplib::Request& from, httplib::Response& out) {
    if (from.method == "POST" && says_its_length(from))
      return httplib::Server::HandlerResponse::Unhandled;
    if (from.method == "POST")
      out.status = 411;
    else
      handle(from, out);
    return httplib::Server::HandlerResponse::Handled;
  });
  http.Post(".*", handle);
  const char* const host = "127.0.0.1";
  parts.port = options.port;
  const bool is_bound = options.port == 0 ? (parts.port = http.bind_to_any_port(host)) > 0
                                          : http.bind_to_port(host, options.port);
  if (!is_bound)
    throw Error(ErrorCode::unavailable,
                "cannot listen at " + std::string(host) + ":" + std::to_string(options.port) +
                    "; another program may listen there, and those below 1024 are the system's. "
                    "Choose another port, or leave it out for any that is free");
  // The library lets five wait to be accepted, and the system resets some of a hundred that come at
  // once.
  listen(parts.socket, most_waiting);
  parts.gate = loopback_gate(random_token(), parts.port);
  parts.listening = std::thread([&http] { http.listen_after_bind(); });
  while (!http.is_running()) std::this_thread::yield();
}

Server::~Server() {
  parts_->scope.is_stopping = true;
  parts_->scope.live.stop();
  parts_->http.stop();
  parts_->listening.join();
}

int Server::port() const { return parts_->port; }

std::string Server::address() const {
  return "http://127.0.0.1:" + std::to_string(parts_->port) + "/" + parts_->gate.token + "/";
}

std::string Server::address_of(const std::filesystem::path& run) const {
  std::error_code error;
  const std::filesystem::path place = std::filesystem::weakly_canonical(run, error);
  return address() + "#/run/" + Roots::id_of(place);
}

}  // namespace grok::serve
