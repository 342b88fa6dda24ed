#include "grok/serve/report.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/summary.h"
#include "grok/lab/testing.h"

namespace grok::serve {
namespace {

nlohmann::json data_of(const std::string& html) {
  const std::string begin = "id=\"report\">";
  const std::size_t from = html.find(begin) + begin.size();
  return nlohmann::json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(Reports, stand_alone_and_hold_what_the_command_shows) {
  const TemporaryDirectory folder;
  const auto path = folder / "tiny.grok";
  run(grok::testing::tiny_spec(), path, {.n_threads = 1});
  const std::string html = report_html(path, {.n_threads = 1});
  const RunFile file = RunFile::open(path, Access::read);
  const nlohmann::json data = data_of(html);
  EXPECT_EQ(data["run"]["summary"], nlohmann::json::parse(summary_json(summarize(file))));
  EXPECT_EQ(data["circuit"]["step"], 120);
  for (const char* part : {"embedding", "neurons", "neuron", "logits", "heads"})
    EXPECT_TRUE(data["circuit"]["parts"].contains(part)) << part;
  EXPECT_TRUE(data["circuit"]["race"].is_string());
  EXPECT_TRUE(data["arrays"].contains("embedding_spectrum"));
  // Nothing is fetched: no file beside it is named.
  for (const char* outside : {"src=\"http", "href=\"http", "src=\"app", "href=\"app", "@import"})
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
}

TEST(Reports, of_text_that_would_end_a_script_are_whole) {
  const TemporaryDirectory folder;
  const auto path = folder / "a<b.grok";
  run(grok::testing::tiny_spec({"train.steps=10"}), path, {.n_threads = 1});
  EXPECT_EQ(data_of(report_html(path))["run"]["name"], "a<b.grok");
}

TEST(Reports, of_runs_on_files_of_text_hold_the_curves_alone) {
  const TemporaryDirectory folder;
  const auto text = folder / "text.txt", path = folder / "text.grok";
  std::ofstream(text) << std::string(4000, 'a') + std::string(4000, 'b');
  run(grok::testing::tiny_spec(
          {"task.name=text", "task.files=[\"" + text.string() + "\"]", "train.steps=10"}),
      path, {.n_threads = 1});
  const nlohmann::json data = data_of(report_html(path, {.n_threads = 1}));
  EXPECT_TRUE(data["circuit"].is_null());
  EXPECT_FALSE(data["metrics"].empty());
}

TEST(Reports, of_no_run_are_refused) {
  const TemporaryDirectory folder;
  EXPECT_THROW(report_html(folder / "none.grok"), Error);
}

}  // namespace
}  // namespace grok::serve
