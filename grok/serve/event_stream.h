#pragma once
// Server-sent events: what a route writes to a page that listens.

#include <functional>
#include <string>
#include <string_view>

namespace grok::serve {

class EventStream {
 public:
  virtual ~EventStream() = default;
  /// False once the page is gone or the server stops: the route then returns.
  virtual bool is_open() = 0;
  virtual bool write(std::string_view text) = 0;

  /// One event. `data` has no line break; `id` may be empty, else the page hands it back as
  /// Last-Event-ID when it connects anew.
  ///   returns  as write
  bool send(std::string_view kind, std::string_view data, std::string_view id = {});
};

/// The data of an event "failed": {"message": TEXT}.
std::string failure_text(std::string_view message);

/// What answers a request.
struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  std::string_view encoding = {};  // of the body: "gzip", or empty
  /// Writes events until it is done or the stream is closed; null: the body is all.
  std::function<void(EventStream&)> stream = {};
};

}  // namespace grok::serve
