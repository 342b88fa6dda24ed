#include "grok/cli/reproduce_text.h"

#include <algorithm>
#include <fstream>

#include "grok/cli/format.h"

namespace grok::cli {
namespace {

std::string number(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  return static_cast<double>(whole) == x && x >= 10 ? grouped(whole) : significant(x, 4);
}

std::string found_text(const Reproduction& r, const Finding& f) {
  if (f.found) return number(*f.found);
  if (!r.is_finished) return "-";
  const bool is_step = f.expectation.kind == Expectation::Kind::first_step;
  return is_step ? "not by " + grouped(r.last_step) : "not recorded";
}

std::string_view verdict(const Reproduction& r, const Finding& f) {
  if (!r.is_finished) return "not run";
  return f.is_reproduced() ? "reproduced" : "not reproduced";
}

std::string bounds(const Expectation& e) { return number(e.low) + " to " + number(e.high); }

}  // namespace

std::string first_comment(const std::string& path) {
  std::ifstream in(path);
  std::string out;
  for (std::string line; std::getline(in, line) && line.starts_with("#");) {
    const std::size_t start = line.find_first_not_of("# ");
    if (start != std::string::npos) out += (out.empty() ? "" : " ") + line.substr(start);
  }
  return out;
}

std::string reproductions_text(const std::vector<Reproduction>& all) {
  std::string out = left("preset", 26) + left("figure", 40) + right("published", 12) +
                    right("ours", 14) + "  verdict\n";
  for (const Reproduction& r : all)
    for (const Finding& f : r.findings)
      out += left(r.preset, 26) + left(text_of(f.expectation), 40) +
             right(number(f.expectation.published), 12) + right(found_text(r, f), 14) + "  " +
             std::string(verdict(r, f)) + '\n';
  return out;
}

std::string reproductions_page(const std::vector<Reproduction>& all) {
  const auto n_run = std::ranges::count_if(all, [](const auto& r) { return r.is_finished; });
  std::string out =
      "# Reproductions\n\nWritten by `grokscope reproduce --page`. Each preset's file names the "
      "published figure, its source, and the bounds\nwithin which a run counts as having "
      "reproduced it. " +
      std::to_string(n_run) + " of " + std::to_string(all.size()) + " presets have been run.\n";
  for (const Reproduction& r : all) {
    out += "\n## " + r.preset + "\n\n" + r.about +
           "\n\n| figure | published | ours | counts as reproduced | verdict | source |\n"
           "|---|---|---|---|---|---|\n";
    for (const Finding& f : r.findings)
      out += "| " + text_of(f.expectation) + " | " + number(f.expectation.published) + " | " +
             found_text(r, f) + " | " + bounds(f.expectation) + " | " + std::string(verdict(r, f)) +
             " | " + f.expectation.source + " |\n";
  }
  return out;
}

}  // namespace grok::cli
