#include "grok/serve/trainings.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/fork.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/replayer.h"
#include "grok/lab/testing.h"
#include "grok/serve/named_files.h"
#include "grok/serve/routes.h"

namespace grok::serve {
namespace {

const std::string token(32, 'a');

// The page's requests, answered as the server would.
class StartedFromThePage : public ::testing::Test {
 protected:
  StartedFromThePage()
      : scope_({folder_.path()}, 1,
               {.load =
                    [](const std::string& preset, const std::vector<std::string>& overrides) {
                      if (preset != "tiny") throw Error(ErrorCode::not_found, "no " + preset);
                      return grok::testing::tiny_spec(overrides);
                    },
                .list = [](const std::string& what) { return "[\"" + what + "\"]"; }}),
        gate_(loopback_gate(token, 4711)) {}

  Reply post(const std::string& path, const nlohmann::json& body) {
    Request request;
    request.method = "POST";
    request.target = parse_target("/" + token + "/api/" + path).value();
    request.host = "127.0.0.1:4711";
    request.content_type = "application/json";
    request.body = body.dump();
    return answer(scope_, gate_, request);
  }
  static std::string id_in(const Reply& reply) {
    return nlohmann::json::parse(reply.body).at("id");
  }
  void wait() const {
    const auto is_running = [&] {
      for (const TrainingState& state : scope_.trainings.states())
        if (state.is_running) return true;
      return false;
    };
    while (is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::filesystem::path path(const std::string& name) const { return folder_ / (name + ".grok"); }
  std::string id(const std::string& name) const {
    return Roots::id_of(std::filesystem::canonical(path(name)));
  }
  std::string digest(const std::string& name) const {
    const RunFile file = RunFile::open(path(name), Access::read);
    return weights_digest(weights_of(*file.last_keyframe()));
  }

  TemporaryDirectory folder_;
  Scope scope_;
  Gate gate_;
};

TEST_F(StartedFromThePage, a_run_is_the_run_of_the_command) {
  const Reply reply = post(
      "train", {{"preset", "tiny"}, {"name", "mine"}, {"set", {"train.seed=3", "train.steps=40"}}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  wait();
  EXPECT_EQ(id_in(reply), id("mine"));
  run(grok::testing::tiny_spec({"train.seed=3", "train.steps=40"}), path("theirs"),
      {.n_threads = 1});
  EXPECT_EQ(digest("mine"), digest("theirs"));
}

TEST_F(StartedFromThePage, a_run_is_stopped_and_resumed_with_the_same_bits) {
  const nlohmann::json request = {
      {"preset", "tiny"}, {"name", "mine"}, {"set", {"train.steps=20000", "record.every=100"}}};
  ASSERT_EQ(post("train", request).status, 200);
  while (!std::filesystem::exists(path("mine")))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(post("runs/" + id("mine") + "/resume", {}).status, 400);  // it trains
  EXPECT_EQ(post("runs/" + id("mine") + "/stop", {}).status, 200);
  wait();
  const RunSummary stopped = summarize(RunFile::open(path("mine"), Access::read));
  ASSERT_EQ(stopped.ending, Ending::interrupted);
  EXPECT_EQ(post("runs/" + id("mine") + "/stop", {}).status, 400);  // it does not
  EXPECT_EQ(post("runs/" + id("mine") + "/resume", {}).status, 200);
  while (summarize(RunFile::open(path("mine"), Access::read)).steps <= stopped.steps)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  post("runs/" + id("mine") + "/stop", {});
  wait();
  const RunFile file = RunFile::open(path("mine"), Access::read);
  const Keyframe last = *file.last_keyframe();
  EXPECT_EQ(weights_digest(weights_of(last)), weights_digest(weights_at(file, last.step, 1)));
}

TEST_F(StartedFromThePage, a_fork_is_the_fork_of_the_command) {
  run(grok::testing::tiny_spec(), path("parent"), {.n_threads = 1});
  const nlohmann::json request = {{"step", 60},
                                  {"name", "without"},
                                  {"set", {"optim.weight_decay=0"}},
                                  {"edits", {"remove_frequency:frequency=2"}}};
  const Reply reply = post("runs/" + id("parent") + "/fork", request);
  ASSERT_EQ(reply.status, 200) << reply.body;
  wait();
  fork_run(path("parent"),
           {.step = 60,
            .overrides = {"optim.weight_decay=0"},
            .edits = {"remove_frequency:frequency=2"}},
           path("theirs"), {.n_threads = 1});
  EXPECT_EQ(digest("without"), digest("theirs"));
  EXPECT_NE(digest("without"), digest("parent"));
  for (const char* step : {"-1", "100000000"})
    EXPECT_EQ(post("runs/" + id("parent") + "/fork",
                   {{"step", nlohmann::json::parse(step)}, {"name", "nowhere"}})
                  .status,
              404);
}

TEST_F(StartedFromThePage, a_fork_is_seen_where_the_page_was_given_one_file) {
  run(grok::testing::tiny_spec({"train.steps=20"}), path("parent"), {.n_threads = 1});
  Scope alone({path("parent")}, 1);
  const auto ask = [&](const std::string& method, const std::string& behind, const char* body) {
    Request request;
    request.method = method;
    request.target = parse_target("/" + token + "/api/runs/" + behind).value();
    request.host = "127.0.0.1:4711";
    request.content_type = "application/json";
    request.body = body;
    return answer(alone, gate_, request);
  };
  const Reply made = ask("POST", id("parent") + "/fork", R"({"step": 10, "name": "child"})");
  ASSERT_EQ(made.status, 200) << made.body;
  while (alone.trainings.states()[0].is_running) std::this_thread::yield();
  EXPECT_EQ(ask("GET", id_in(made), "").status, 200);
  EXPECT_EQ(alone.roots.list().size(), 2U);
}

TEST_F(StartedFromThePage, mistakes_are_those_that_the_command_says) {
  const auto said = [&](const nlohmann::json& body) {
    return nlohmann::json::parse(post("explain", body).body).value("message", std::string());
  };
  const std::string message =
      said({{"preset", "tiny"}, {"set", {"optim.lr=-1", "model.d_modle=3"}}});
  EXPECT_NE(message.find("optim.lr: expected a number above 0"), std::string::npos) << message;
  EXPECT_NE(message.find("d_modle"), std::string::npos) << message;
  EXPECT_EQ(post("explain", {{"preset", "other"}}).status, 404);
  const auto cost = nlohmann::json::parse(post("explain", {{"preset", "tiny"}}).body);
  EXPECT_EQ(cost["steps"], 120);
  EXPECT_EQ(cost["spec"]["task"]["p"], 11);
  EXPECT_GT(cost["file_bytes"], 10'000);
  EXPECT_GT(cost["seconds"], 0);
}

TEST_F(StartedFromThePage, no_run_is_written_elsewhere_or_over_another) {
  run(grok::testing::tiny_spec({"train.steps=5"}), path("there"), {.n_threads = 1});
  for (const char* name : {"", ".", "..", "../out", "/tmp/out", "a/b", ".hidden", "a b", "a\\b",
                           "a\nb", "\xC3\xA9", "there"})
    EXPECT_EQ(post("train", {{"preset", "tiny"}, {"name", name}}).status, 400) << name;
  EXPECT_EQ(post("train", {{"preset", "tiny"}, {"name", std::string(200, 'a')}}).status, 400);
  for (const char* preset : {"specs/quick", "../quick", "/etc/passwd", "a.toml", ""})
    EXPECT_EQ(post("train", {{"preset", preset}, {"name", "new"}}).status, 400) << preset;
  EXPECT_TRUE(scope_.trainings.states().empty());
}

TEST_F(StartedFromThePage, bodies_that_are_not_what_is_asked_are_refused) {
  for (const nlohmann::json& body :
       {nlohmann::json(3), nlohmann::json::array(), nlohmann::json::object(),
        nlohmann::json{{"preset", 3}, {"name", "a"}}, nlohmann::json{{"preset", "tiny"}},
        nlohmann::json{{"preset", "tiny"}, {"name", "a"}, {"set", "x"}},
        nlohmann::json{{"preset", "tiny"}, {"name", "a"}, {"set", {1}}},
        nlohmann::json{{"preset", "tiny"},
                       {"name", "a"},
                       {"set", std::vector<std::string>(1000, "train.seed=1")}}})
    EXPECT_EQ(post("train", body).status, 400) << body.dump();
}

TEST_F(StartedFromThePage, no_other_file_is_read_for_a_spec_or_an_edit) {
  const auto secret = folder_ / "secret.txt";
  std::ofstream(secret) << std::string(5000, 's');
  RunSpec spec = grok::testing::tiny_spec();
  EXPECT_NO_THROW(require_no_files(spec));
  spec.task.set("files", Texts{secret.string()});
  EXPECT_THROW(require_no_files(spec), Error);
  spec.task.set("files", Texts{});
  spec.task.set("vocab_file", secret.string());
  EXPECT_THROW(require_no_files(spec), Error);
  // Not even whether there is such a file is told.
  for (const auto& file : {secret.string(), (folder_ / "none.txt").string()})
    for (const char* key : {"task.files=", "task.vocab_file = ", "task. files ="}) {
      const Reply reply =
          post("explain", {{"preset", "tiny"}, {"set", {std::string(key) + "\"" + file + "\""}}});
      EXPECT_EQ(reply.status, 501) << reply.body;
    }
  run(grok::testing::tiny_spec({"train.steps=20"}), path("parent"), {.n_threads = 1});
  const nlohmann::json fork = {
      {"step", 10},
      {"name", "swapped"},
      {"edits", {"swap_tensor:tensor=embed.W_E,run=" + path("parent").string() + ",step=0"}}};
  EXPECT_EQ(post("runs/" + id("parent") + "/fork", fork).status, 501);
}

TEST_F(StartedFromThePage, a_run_that_fails_says_why_and_few_go_at_once) {
  Trainings trainings(1);
  trainings.start(path("bad"), [](const RunOptions&) -> RunResult {
    throw Error(ErrorCode::unavailable, "the disk is full");
  });
  while (trainings.states()[0].is_running) std::this_thread::yield();
  EXPECT_EQ(trainings.states()[0].error, "the disk is full");
  const auto until_stopped = [](const RunOptions& options) {
    while (!*options.stop) std::this_thread::yield();
    return RunResult{};
  };
  for (std::size_t i = 0; i < Trainings::most_at_once; ++i)
    trainings.start(path(std::to_string(i)), until_stopped);
  EXPECT_THROW(trainings.start(path("more"), until_stopped), Error);
  EXPECT_TRUE(trainings.stop(path("0")));
  while (trainings.states()[1].is_running) std::this_thread::yield();
  EXPECT_NO_THROW(trainings.start(path("more"), until_stopped));
}

}  // namespace
}  // namespace grok::serve
