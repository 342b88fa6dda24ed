#include "grok/serve/routes.h"

#include <set>

#include <gtest/gtest.h>

#include "grok/lab/testing.h"
#include "grok/serve/page.h"

namespace grok::serve {
namespace {

const std::string token = "0123456789abcdef0123456789abcdef";
const std::string own_host = "127.0.0.1:4711";

// A target that fits a route, with something in its open places.
std::string target_of(const Route& route, const std::string& with, const std::string& first) {
  std::string pattern(route.pattern), out = "/" + first;
  for (std::size_t begin = 0; begin < pattern.size();) {
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    const std::string segment = pattern.substr(begin, end - begin);
    out += "/" + (segment.starts_with(':') ? with : segment);
    begin = end + 1;
  }
  return out;
}

Request request_of(const Route& route, const std::string& target) {
  Request out;
  out.method = route.policy.method;
  out.target = parse_target(target).value();
  out.host = own_host;
  if (route.policy.effect == Effect::changes) out.content_type = "application/json";
  return out;
}

class EveryRoute : public ::testing::TestWithParam<std::size_t> {
 protected:
  EveryRoute() : scope_({folder_.path()}, 1), gate_(loopback_gate(token, 4711)) {}

  const Route& route() const { return routes()[GetParam()]; }
  Request good() const {
    return request_of(route(), target_of(route(), "0123456789abcdef", token));
  }
  int status(const Request& request) { return answer(scope_, gate_, request).status; }
  // Denied whatever is asked, and told nothing but why.
  void expect_denied(const Request& request, int expected) {
    const Reply reply = answer(scope_, gate_, request);
    EXPECT_EQ(reply.status, expected);
    EXPECT_FALSE(reply.stream);
    EXPECT_TRUE(reply.body.find("denied") != std::string::npos) << reply.body;
    EXPECT_EQ(reply.body.find(token), std::string::npos);
  }

  TemporaryDirectory folder_;
  Scope scope_;
  Gate gate_;
};

TEST_P(EveryRoute, lets_its_own_page_through) {
  Request request = good();
  EXPECT_EQ(match(request.target).route, &route());
  for (const char* origin : {"", "http://127.0.0.1:4711", "http://localhost:4711"}) {
    request.origin = origin;
    const int found = status(request);
    EXPECT_TRUE(found == 200 || found == 400 || found == 404) << found;  // of no run, no parameter
  }
  request.host = "localhost:4711";
  EXPECT_NE(status(request), 421);
}

TEST_P(EveryRoute, asks_for_the_token) {
  for (const std::string& wrong :
       {std::string("x"), token + "0", token.substr(1), std::string(token.size(), '0'),
        std::string("0123456789ABCDEF0123456789ABCDEF")})
    expect_denied(request_of(route(), target_of(route(), "0123456789abcdef", wrong)), 403);
  Request none = good();
  none.target.segments.erase(none.target.segments.begin());
  EXPECT_GE(status(none), 403);
  EXPECT_LE(status(none), 405);
  none.target.segments.clear();
  expect_denied(none, 403);
}

TEST_P(EveryRoute, answers_to_no_other_name) {
  for (const char* host :
       {"", "evil.example", "evil.example:4711", "127.0.0.1", "127.0.0.1:80", "localhost",
        "127.0.0.1:4711.evil.example", "0.0.0.0:4711", "[::1]:4711", "192.168.0.1:4711"}) {
    Request request = good();
    request.host = host;
    expect_denied(request, 421);
  }
}

TEST_P(EveryRoute, answers_no_page_of_others) {
  for (const char* origin :
       {"null", "http://evil.example", "http://evil.example:4711", "https://127.0.0.1:4711",
        "http://127.0.0.1", "http://127.0.0.1:80", "127.0.0.1:4711", "http://127.0.0.1:4711/",
        "http://127.0.0.1:4711.evil.example", "file://"}) {
    Request request = good();
    request.origin = origin;
    expect_denied(request, 403);
  }
}

TEST_P(EveryRoute, takes_one_method_alone) {
  for (const char* method : {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "get"}) {
    if (route().policy.method == std::string_view(method)) continue;
    Request request = good();
    request.method = method;
    expect_denied(request, 405);
  }
}

TEST_P(EveryRoute, that_changes_something_takes_json_alone) {
  if (route().policy.effect != Effect::changes) {
    EXPECT_STREQ(route().policy.method, "GET");
    return;
  }
  EXPECT_STREQ(route().policy.method, "POST");
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data", "application/json2"}) {
    Request request = good();
    request.content_type = type;
    expect_denied(request, 415);
  }
}

// A file beside the root, which no request reaches whatever stands in its open places.
TEST_P(EveryRoute, leads_to_no_file_outside) {
  for (const char* text :
       {"..", "../outside.grok", "..%2foutside.grok", "%2e%2e%2foutside.grok", "....//outside.grok",
        "..%5coutside.grok", "%00", "/etc/passwd", "%2fetc%2fpasswd", "file:%2f%2f%2fetc%2fpasswd",
        "outside.grok", "~", "..;/outside.grok", "%252e%252e%252foutside.grok"}) {
    const std::string target = target_of(route(), text, token);
    const std::optional<Target> parsed = parse_target(target);
    if (!parsed) continue;  // refused before there is a route
    Request request = good();
    request.target = *parsed;
    const bool is_open = route().pattern.find(':') != std::string_view::npos;
    if (!is_open) continue;
    EXPECT_EQ(status(request), 404) << target;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, EveryRoute, ::testing::Range(std::size_t{0}, routes().size()),
                         [](const auto& tested) {
                           std::string name(routes()[tested.param].pattern);
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name.empty() ? std::string("root") : name;
                         });

class Answers : public ::testing::Test {
 protected:
  Answers() : scope_({folder_.path()}, 1), gate_(loopback_gate(token, 4711)) {}

  Reply get(const std::string& behind_token) {
    Request request;
    request.method = "GET";
    request.target = parse_target("/" + token + behind_token).value();
    request.host = own_host;
    return answer(scope_, gate_, request);
  }
  std::string id(const std::string& name) const {
    return Roots::id_of(std::filesystem::canonical(folder_.path() / name));
  }

  TemporaryDirectory folder_;
  Scope scope_;
  Gate gate_;
};

TEST_F(Answers, patterns_are_distinct) {
  std::set<std::string_view> seen;
  for (const Route& route : routes()) EXPECT_TRUE(seen.insert(route.pattern).second);
}

TEST_F(Answers, the_page_is_whole_and_light) {
  std::size_t weight = 0;
  for (const PageFile& file : page_files()) {
    const Reply reply = get("/" + std::string(file.name));
    EXPECT_EQ(reply.status, 200) << file.name;
    EXPECT_EQ(reply.encoding, "gzip");
    EXPECT_EQ(reply.body, file.gzipped);
    EXPECT_EQ(reply.body.substr(0, 2), "\x1f\x8b");
    weight += reply.body.size();
  }
  EXPECT_EQ(get("").body, find_page_file("index.html")->gzipped);
  EXPECT_LT(weight, 150'000U);
  EXPECT_EQ(get("/app.cpp").status, 404);
}

TEST_F(Answers, a_run_is_shown_as_the_command_shows_it) {
  run(grok::testing::tiny_spec(), folder_.path() / "tiny.grok", {.n_threads = 1});
  const auto listed = nlohmann::json::parse(get("/api/runs").body);
  ASSERT_EQ(listed["runs"].size(), 1U);
  EXPECT_EQ(listed["runs"][0]["id"], id("tiny.grok"));
  const auto shown = nlohmann::json::parse(get("/api/runs/" + id("tiny.grok")).body);
  const RunFile file = RunFile::open(folder_.path() / "tiny.grok", Access::read);
  EXPECT_EQ(shown["summary"], nlohmann::json::parse(summary_json(summarize(file))));
  EXPECT_EQ(shown["keyframes"], nlohmann::json(file.keyframe_steps()));
  EXPECT_EQ(shown["metrics"]["train_loss"], file.metric("train_loss").size());
  EXPECT_EQ(shown["events"].size(), file.events().size());
}

TEST_F(Answers, a_run_that_is_gone_damaged_or_no_run_is_said_so) {
  std::ofstream(folder_.path() / "text.grok") << "this is no run file, but some text in its place";
  run(grok::testing::tiny_spec({"train.steps=20"}), folder_.path() / "cut.grok", {.n_threads = 1});
  std::filesystem::resize_file(folder_.path() / "cut.grok", 6000);
  EXPECT_EQ(get("/api/runs/" + id("text.grok")).status, 422);
  EXPECT_EQ(get("/api/runs/" + id("cut.grok")).status, 422);
  EXPECT_EQ(get("/api/runs/" + id("cut.grok") + "/array?name=embedding_spectrum").status, 422);
  const std::string gone = id("cut.grok");
  std::filesystem::remove(folder_.path() / "cut.grok");
  EXPECT_EQ(get("/api/runs/" + gone).status, 404);
  EXPECT_EQ(nlohmann::json::parse(get("/api/runs").body)["runs"].size(), 1U);
}

TEST_F(Answers, a_run_that_changed_is_read_anew) {
  const std::filesystem::path path = folder_.path() / "tiny.grok";
  grok::testing::run_until(40, grok::testing::tiny_spec(), path);
  const auto before = nlohmann::json::parse(get("/api/runs/" + id("tiny.grok")).body);
  EXPECT_EQ(before["summary"]["ending"], "interrupted");
  resume(path, {.n_threads = 1});
  const auto after = nlohmann::json::parse(get("/api/runs/" + id("tiny.grok")).body);
  EXPECT_EQ(after["summary"]["ending"], "done");
  EXPECT_EQ(after["summary"]["steps"], 120);
}

TEST_F(Answers, mistakes_in_parameters_are_said_with_what_is_expected) {
  run(grok::testing::tiny_spec({"train.steps=20"}), folder_.path() / "a.grok", {.n_threads = 1});
  const std::string base = "/api/runs/" + id("a.grok");
  EXPECT_EQ(get(base + "/metrics").status, 400);
  EXPECT_EQ(get(base + "/metrics?names=train_loss&points=1").status, 400);
  EXPECT_EQ(get(base + "/metrics?names=train_loss&axis=cubic").status, 400);
  EXPECT_EQ(get(base + "/metrics?names=train_loss").status, 200);
  EXPECT_EQ(get(base + "/array?name=nothing").status, 404);
  EXPECT_EQ(get(base + "/state?step=-1").status, 400);
  EXPECT_EQ(get(base + "/circuit?step=5&part=neurons").status, 404);  // not brought back yet
}

}  // namespace
}  // namespace grok::serve
