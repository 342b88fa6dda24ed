// What a browser, or somebody else, asks the server for: the target of a request, and the numbers
// and lists in it.

#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz/target.h"
#include "grok/base/error.h"
#include "grok/serve/request.h"
#include "grok/serve/routes.h"

namespace grok::fuzz {
namespace {

using serve::Target;

// Every byte as an escape: the longest way to write the same.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += "0123456789ABCDEF"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string written(const Target& target) {
  std::string out;
  for (const std::string& segment : target.segments) out += "/" + escaped(segment);
  if (out.empty()) out = "/";
  char separator = '?';
  for (const auto& [name, value] : target.query) {
    out += separator + escaped(name) + "=" + escaped(value);
    separator = '&';
  }
  return out;
}

bool leads_nowhere_else(const std::string& segment) {
  return !segment.empty() && segment != "." && segment != ".." &&
         std::none_of(segment.begin(), segment.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f || c == '/' || c == '\\';
         });
}

void read_values(const Target& target) {
  serve::Request request;
  request.target = target;
  for (const auto& [name, value] : target.query) {
    try {
      const std::int64_t number = request.integer(name, -1000, 1000);
      must_hold(number >= -1000 && number <= 1000, "a number is within its range");
    } catch (const Error&) {
    }
    try {
      for (const std::string& part : request.list(name, 8))
        must_hold(!part.empty() && part.find(',') == std::string::npos, "a list has its parts");
    } catch (const Error&) {
    }
  }
}

void read_target(std::string_view text) {
  const std::optional<Target> target = serve::parse_target(text);
  if (!target) return;
  std::size_t n_bytes = 0;
  for (const std::string& segment : target->segments) {
    must_hold(leads_nowhere_else(segment), "no segment leads anywhere");
    n_bytes += segment.size();
  }
  must_hold(n_bytes <= text.size(), "what is read is no larger than what was sent");
  const std::string again = written(*target);
  if (again.size() <= serve::longest_target)
    must_hold(serve::parse_target(again) == target, "a target is read back as it was");
  const serve::Match found = serve::match(*target);
  must_hold(!found.route || !target->segments.empty(), "a route lies behind a token");
  read_values(*target);
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> out{
      "/",
      "/token/",
      "/token/app.js",
      "/token/api/runs",
      "/token/api/runs/0123456789abcdef",
      "/token/api/runs/0123456789abcdef/metrics?names=a,b&points=100&axis=log",
      "/token/api/runs/0123456789abcdef/circuit?step=12&part=neuron&neuron=3",
      "/a%20b/%C3%A9?x=%26&y",
      "/..%2f..%2fetc%2fpasswd",
      "/%2e%2e/%00",
      "/a//b",
      "http://127.0.0.1/"};
  out.push_back("/" + std::string(5000, 'a'));
  return out;
}

std::vector<std::string> words() {
  std::vector<std::string> out{"/",
                               "?",
                               "&",
                               "=",
                               "%",
                               "%2f",
                               "%2e",
                               "%00",
                               "..",
                               ".",
                               ",",
                               "-",
                               "9223372036854775808",
                               "step",
                               "names"};
  for (const serve::Route& route : serve::routes()) out.emplace_back(route.pattern);
  out.erase(std::remove(out.begin(), out.end(), ""), out.end());
  return out;
}

}  // namespace grok::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  grok::fuzz::read_target({reinterpret_cast<const char*>(data), size});
  return 0;
}
