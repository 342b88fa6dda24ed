#include "grok/serve/live.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/lab/testing.h"

namespace grok::serve {
namespace {

// Hears events as a page does.
class Listener : public EventStream {
 public:
  bool is_open() override { return !is_closed; }
  bool write(std::string_view text) override {
    if (text.starts_with(":")) return !is_closed;
    const auto line = [&](std::string_view name) -> std::string {
      const std::size_t begin = text.find(name);
      if (begin == std::string_view::npos) return "";
      return std::string(
          text.substr(begin + name.size(), text.find('\n', begin) - begin - name.size()));
    };
    kinds.push_back(line("event: "));
    if (kinds.back() == "row") {
      const auto row = nlohmann::json::parse(line("data: "));
      steps.push_back(row["step"]);
      losses.push_back(row["metrics"].value("train_loss", -1.0));
      EXPECT_EQ(line("id: "), std::to_string(steps.back()));
      n_rows = steps.size();
      if (steps.size() == leave_after) is_closed = true;
    }
    return !is_closed;
  }

  std::vector<std::string> kinds;
  std::vector<std::int64_t> steps;
  std::vector<double> losses;
  std::size_t leave_after = 0;  // rows; 0: stays
  std::atomic<bool> is_closed = false;
  std::atomic<std::size_t> n_rows = 0;  // as one may read it from another thread

  void wait_for_rows(std::size_t n) const {
    while (n_rows < n) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
};

class WatchedRun : public ::testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "tiny.grok"; }
  std::pair<std::vector<std::int64_t>, std::vector<double>> recorded() const {
    std::pair<std::vector<std::int64_t>, std::vector<double>> out;
    for (const MetricPoint& point : RunFile::open(path(), Access::read).metric("train_loss")) {
      out.first.push_back(point.step);
      out.second.push_back(point.value);
    }
    return out;
  }
  TemporaryDirectory folder_;
  Live live_;
};

TEST_F(WatchedRun, is_told_whole_to_everyone_who_comes_early_or_late) {
  constexpr std::size_t n_viewers = 20;
  const RunSpec spec = grok::testing::tiny_spec({"train.steps=3000", "record.every=5"});
  grok::testing::run_until(50, spec, path());
  std::vector<Listener> listeners(n_viewers);
  std::vector<std::thread> threads;
  std::thread training([&] { resume(path(), {.n_threads = 1}); });
  for (Listener& listener : listeners) {
    threads.emplace_back([&] { live_.follow(path(), -1, listener); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  training.join();
  for (std::thread& thread : threads) thread.join();
  const auto [steps, losses] = recorded();
  ASSERT_GT(steps.size(), 600U);
  for (const Listener& listener : listeners) {
    EXPECT_EQ(listener.steps, steps);
    EXPECT_EQ(listener.losses, losses);
    EXPECT_EQ(listener.kinds.back(), "over");
  }
}

TEST_F(WatchedRun, goes_on_for_a_viewer_where_it_was_cut_off) {
  run(grok::testing::tiny_spec(), path(), {.n_threads = 1});
  Listener first;
  first.leave_after = 5;
  live_.follow(path(), -1, first);
  ASSERT_EQ(first.steps.size(), 5U);
  Listener second;
  live_.follow(path(), first.steps.back(), second);
  std::vector<std::int64_t> both = first.steps;
  both.insert(both.end(), second.steps.begin(), second.steps.end());
  EXPECT_EQ(both, recorded().first);
}

TEST_F(WatchedRun, serves_one_who_asks_for_more_than_is_kept) {
  grok::testing::run_until(60, grok::testing::tiny_spec(), path());
  Listener late, early;
  std::thread waiting([&] { live_.follow(path(), 50, late); });
  late.wait_for_rows(1);
  early.leave_after = recorded().first.size();
  live_.follow(path(), -1, early);
  EXPECT_EQ(early.steps.front(), 0);
  EXPECT_EQ(early.steps.back(), 60);
  resume(path(), {.n_threads = 1});
  waiting.join();
  const std::vector<std::int64_t> all = recorded().first;
  EXPECT_EQ(late.steps,
            std::vector<std::int64_t>(std::upper_bound(all.begin(), all.end(), 50), all.end()));
}

TEST_F(WatchedRun, that_is_deleted_is_lost_and_said_so) {
  grok::testing::run_until(60, grok::testing::tiny_spec(), path());
  Listener listener;
  std::thread waiting([&] { live_.follow(path(), -1, listener); });
  listener.wait_for_rows(recorded().first.size());
  std::filesystem::remove(path());
  waiting.join();
  EXPECT_EQ(listener.kinds.back(), "lost");
}

TEST_F(WatchedRun, lets_its_viewers_go_when_the_server_stops) {
  grok::testing::run_until(60, grok::testing::tiny_spec(), path());
  Listener listener;
  std::thread waiting([&] { live_.follow(path(), -1, listener); });
  listener.wait_for_rows(recorded().first.size());
  live_.stop();
  waiting.join();
  EXPECT_EQ(listener.steps, recorded().first);
  EXPECT_EQ(listener.kinds.back(), "row");
  Listener late;
  live_.follow(path(), -1, late);  // returns, though the run goes on
}

}  // namespace
}  // namespace grok::serve
