#include "grok/serve/server.h"

#include <atomic>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/testing.h"
#include "grok/serve/roots.h"

namespace grok::serve {
namespace {

class RunningServer : public ::testing::Test {
 protected:
  RunningServer() : server_({.paths = {folder_.path()}, .port = 0, .n_threads = 1}) {
    const std::string address = server_.address();
    base_ = address.substr(address.find('/', 8));
    base_.pop_back();
  }
  httplib::Client client() const {
    httplib::Client out("127.0.0.1", server_.port());
    out.set_url_encode(false);
    return out;
  }
  int status(const std::string& target, const httplib::Headers& headers = {}) const {
    const auto found = client().Get(target, headers);
    return found ? found->status : -1;
  }
  std::string start_of_answer(const std::string& request, std::size_t n) const {
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{.sin_family = AF_INET,
                   .sin_port = htons(static_cast<std::uint16_t>(server_.port())),
                   .sin_addr = {htonl(INADDR_LOOPBACK)},
                   .sin_zero = {}};
    std::string out(n, '\0');
    connect(connection, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    send(connection, request.data(), request.size(), MSG_NOSIGNAL);
    const ssize_t n_read = recv(connection, out.data(), n, MSG_WAITALL);
    close(connection);
    return out.substr(0, n_read > 0 ? static_cast<std::size_t>(n_read) : 0);
  }
  std::filesystem::path path() const { return folder_.path() / "tiny.grok"; }
  std::string id() const { return Roots::id_of(std::filesystem::canonical(path())); }

  TemporaryDirectory folder_;
  Server server_;
  std::string base_;  // "/TOKEN"
};

TEST_F(RunningServer, answers_its_own_page_and_nobody_else) {
  EXPECT_EQ(status(base_ + "/"), 200);
  EXPECT_EQ(status(base_ + "/api/runs"), 200);
  EXPECT_EQ(status("/"), 403);
  EXPECT_EQ(status("/wrong/api/runs"), 403);
  EXPECT_EQ(status(base_ + "/api/runs", {{"Host", "evil.example"}}), 421);
  EXPECT_EQ(status(base_ + "/api/runs", {{"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(status(base_ + "/../etc/passwd"), 400);
  EXPECT_EQ(status(base_ + "/%2e%2e/etc/passwd"), 400);
  const auto posted = client().Post(base_ + "/api/runs", "{}", "application/json");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->status, 405);
  const auto deleted = client().Delete(base_ + "/api/runs");
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->status, 405);
}

// Who sends a body must say how long it is, before any of it is read. Sent whole in one write,
// since the answer comes before the body, at which a client that still writes may give up.
TEST_F(RunningServer, reads_no_body_without_an_end) {
  const std::string post =
      "POST " + base_ + "/api/train HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_.port()) +
      "\r\nContent-Type: application/json\r\n";
  const std::string refused = "HTTP/1.1 411 ";
  EXPECT_EQ(start_of_answer(post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                            refused.size()),
            refused);
  EXPECT_EQ(start_of_answer(post + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
                            refused.size()),
            refused);
  const auto plain = client().Post(base_ + "/api/train", "{}", "application/json");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->status, 400);
  const auto long_one =
      client().Post(base_ + "/api/train", std::string(2 << 20, ' '), "application/json");
  EXPECT_TRUE(!long_one || long_one->status == 413);
  const auto unknown = client().Get("/" + std::string(9000, 'x'));
  ASSERT_TRUE(unknown);
  EXPECT_TRUE(nlohmann::json::parse(unknown->body).contains("message")) << unknown->status;
}

TEST_F(RunningServer, guards_every_answer) {
  for (const std::string& target : {base_ + "/", base_ + "/api/runs", std::string("/wrong")}) {
    const auto found = client().Get(target);
    ASSERT_TRUE(found);
    EXPECT_TRUE(
        found->get_header_value("Content-Security-Policy").starts_with("default-src 'none'"));
    EXPECT_EQ(found->get_header_value("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(found->get_header_value("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(found->get_header_value("Access-Control-Allow-Origin"), "");
  }
}

TEST_F(RunningServer, sends_the_page_compressed_once) {
  httplib::Client plain = client();
  plain.set_decompress(false);
  const auto found = plain.Get(base_ + "/app.js", {{"Accept-Encoding", "gzip, br"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->get_header_value("Content-Encoding"), "gzip");
  EXPECT_EQ(found->body.substr(0, 2), "\x1f\x8b");
  const auto opened = client().Get(base_ + "/app.js");
  ASSERT_TRUE(opened);
  EXPECT_NE(opened->body.find("grokscope"), std::string::npos);
}

TEST_F(RunningServer, tells_a_hundred_viewers_every_metric_of_a_run_in_training) {
  const RunSpec spec = grok::testing::tiny_spec({"train.steps=400", "record.every=2"});
  grok::testing::run_until(20, spec, path());
  constexpr std::size_t n_viewers = 100;
  std::vector<std::string> heard(n_viewers);
  std::vector<std::thread> viewers;
  for (std::size_t i = 0; i < n_viewers; ++i) {
    viewers.emplace_back([&, i] {
      httplib::Client viewer = client();
      viewer.set_read_timeout(60);
      viewer.Get(base_ + "/api/runs/" + id() + "/live?after=-1",
                 [&](const char* data, std::size_t n) {
                   heard[i].append(data, n);
                   return true;
                 });
    });
  }
  std::thread training([&] { resume(path(), {.n_threads = 1}); });
  training.join();
  for (std::thread& viewer : viewers) viewer.join();
  std::size_t n_expected = 0;
  for (const MetricPoint& point : RunFile::open(path(), Access::read).metric("train_loss")) {
    ++n_expected;
    const std::string row = "id: " + std::to_string(point.step) + "\n";
    for (const std::string& all : heard)
      ASSERT_NE(all.find(row), std::string::npos) << "step " << point.step;
  }
  EXPECT_GT(n_expected, 200U);
  for (const std::string& all : heard) EXPECT_NE(all.find("event: over"), std::string::npos);
}

TEST_F(RunningServer, brings_back_a_step_and_shows_its_circuit) {
  run(grok::testing::tiny_spec(), path(), {.n_threads = 1});
  const std::string run = base_ + "/api/runs/" + id();
  EXPECT_EQ(status(run + "/circuit?step=33&part=neurons"), 404);
  const auto brought = client().Get(run + "/state?step=33");
  ASSERT_TRUE(brought);
  EXPECT_NE(brought->body.find("event: done"), std::string::npos) << brought->body;
  EXPECT_EQ(status(run + "/circuit?step=33&part=neurons"), 200);
  // What fails after the answer has begun ends it with an event, and the server goes on.
  const auto failed = client().Get(run + "/state?step=1000");
  ASSERT_TRUE(failed);
  EXPECT_NE(failed->body.find("event: failed"), std::string::npos);
  std::filesystem::resize_file(path(), 6000);
  const auto damaged = client().Get(run + "/state?step=34");
  ASSERT_TRUE(damaged);
  EXPECT_NE(damaged->body.find("event: failed"), std::string::npos) << damaged->body;
  EXPECT_EQ(status(base_ + "/api/runs"), 200);
}

TEST_F(RunningServer, stops_while_viewers_listen) {
  grok::testing::run_until(20, grok::testing::tiny_spec(), path());
  auto server =
      std::make_unique<Server>(ServerOptions{.paths = {folder_.path()}, .port = 0, .n_threads = 1});
  const std::string address = server->address();
  const std::string target = address.substr(address.find('/', 8)) + "api/runs/" + id() + "/live";
  std::atomic<bool> has_heard = false;
  std::thread viewer([&, port = server->port()] {
    httplib::Client client("127.0.0.1", port);
    client.Get(target, [&](const char*, std::size_t) {
      has_heard = true;
      return true;
    });
  });
  while (!has_heard) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  server.reset();
  viewer.join();
}

TEST_F(RunningServer, says_that_a_port_is_taken) {
  EXPECT_THROW(Server({.paths = {}, .port = server_.port(), .n_threads = 1}), Error);
}

TEST_F(RunningServer, has_another_token_each_time) {
  const Server other({.paths = {}, .port = 0, .n_threads = 1});
  EXPECT_EQ(base_.size(), 33U);
  EXPECT_EQ(other.address().find(base_), std::string::npos);
}

}  // namespace
}  // namespace grok::serve
