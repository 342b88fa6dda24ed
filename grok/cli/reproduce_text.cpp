#include "grok/cli/reproduce_text.h"

#include <algorithm>
#include <fstream>

#include "grok/cli/format.h"
#include "grok/cli/median_text.h"

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

std::string p_of(const StudyResult& study) {
  if (!study.comparison || !study.comparison->permutation_p) return "-";
  return significant(*study.comparison->permutation_p, 2);
}

std::string ratio_of(const StudyResult& study) {
  if (!study.comparison || !study.comparison->ratio) return "-";
  return ratio_text(*study.comparison->ratio);
}

std::string seeds_of(const StudyResult& study, std::size_t group) {
  const std::size_t n = study.groups[group].runs.size();
  std::string out = std::to_string(n);
  if (n < study.n_planned[group]) out += " of " + std::to_string(study.n_planned[group]);
  return out;
}

// Runs that diverged count as not by their last record, which is no matter of chance: they are
// named.
std::string events_of(const StudyResult& study, std::size_t group) {
  std::string out = std::to_string(study.groups[group].n_events());
  if (study.n_diverged[group] > 0)
    out += " (" + std::to_string(study.n_diverged[group]) + " diverged)";
  return out;
}

std::string study_text(const StudyResult& study) {
  std::string out = "  " + study.study.question + "  (" + study.study.event + ")\n";
  for (std::size_t i = 0; i < study.groups.size(); ++i)
    out += "    " + left(study.names[i], 40) + right(seeds_of(study, i), 10) + " seeds, " +
           events_of(study, i) + " had it; " + median_text(study.groups[i].median) + '\n';
  if (study.is_finished())
    out +=
        "    median over the control's " + ratio_of(study) + ", log-rank p " + p_of(study) + '\n';
  return out;
}

std::string study_page(const StudyResult& study) {
  std::string out = "\n**" + study.study.question + "** Timed to `" + study.study.event +
                    "`, medians with 90 % intervals ([phase changes](phase_changes.md)).\n\n"
                    "| setting | seeds | had it | median step | over the control's | p |\n"
                    "|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < study.groups.size(); ++i)
    out += "| `" + study.names[i] + "` | " + seeds_of(study, i) + " | " + events_of(study, i) +
           " | " + median_text(study.groups[i].median) + " | " + (i == 0 ? "" : ratio_of(study)) +
           " | " + (i == 0 ? "" : p_of(study)) + " |\n";
  return out;
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
  for (const Reproduction& r : all)
    for (const StudyResult& study : r.studies) out += r.preset + '\n' + study_text(study);
  return out;
}

std::string reproductions_page(const std::vector<Reproduction>& all) {
  const auto n_run = std::ranges::count_if(all, &Reproduction::is_complete);
  std::string out =
      "# Reproductions\n\nWritten by `grokscope reproduce --page`. Each preset's file names the "
      "published figure, its source, and the bounds\nwithin which a run counts as having "
      "reproduced it. Where a preset asks a question, many seeds are held against a control's. " +
      std::to_string(n_run) + " of " + std::to_string(all.size()) + " presets have been run.\n";
  for (const Reproduction& r : all) {
    out += "\n## " + r.preset + "\n\n" + r.about + "\n";
    if (!r.findings.empty())
      out +=
          "\n| figure | published | ours | counts as reproduced | verdict | source |\n"
          "|---|---|---|---|---|---|\n";
    for (const Finding& f : r.findings)
      out += "| " + text_of(f.expectation) + " | " + number(f.expectation.published) + " | " +
             found_text(r, f) + " | " + bounds(f.expectation) + " | " + std::string(verdict(r, f)) +
             " | " + f.expectation.source + " |\n";
    for (const StudyResult& study : r.studies) out += study_page(study);
  }
  return out;
}

}  // namespace grok::cli
