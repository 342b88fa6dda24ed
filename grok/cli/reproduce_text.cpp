#include "grok/cli/reproduce_text.h"

#include <algorithm>
#include <fstream>

#include "grok/cli/format.h"
#include "grok/cli/median_text.h"

namespace grok::cli {
namespace {

constexpr std::string_view not_run = "not run";

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
  if (!r.is_finished) return not_run;
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

std::string bounds(const Expectation& e) { return number(e.low) + " to " + number(e.high); }

// A row of the page has what the preset asks for around what a run brought.
struct Asked {
  std::string before, between, after;
};

Asked asked_in(const Expectation& e) {
  return {.before = "| " + text_of(e) + " | " + number(e.published) + " | ",
          .between = " | " + bounds(e) + " | ",
          .after = " | " + e.source + " |\n"};
}

std::string question_of(const StudyResult& study) {
  return "\n**" + study.study.question + "** Timed to `" + study.study.event +
         "`, medians with 90 % intervals ([phase changes](phase_changes.md)).\n\n";
}

std::string study_row(const StudyResult& study, std::size_t group, const std::string& seeds) {
  return "| `" + study.names[group] + "` | " + seeds + " | ";
}

std::string study_page(const StudyResult& study) {
  std::string out = question_of(study) +
                    "| setting | seeds | had it | median step | over the control's | p |\n"
                    "|---|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < study.groups.size(); ++i)
    out += study_row(study, i, seeds_of(study, i)) + events_of(study, i) + " | " +
           median_text(study.groups[i].median) + " | " + (i == 0 ? "" : ratio_of(study)) + " | " +
           (i == 0 ? "" : p_of(study)) + " |\n";
  return out;
}

std::string tables(const Reproduction& r) {
  std::string out;
  if (!r.findings.empty())
    out +=
        "\n| figure | published | ours | counts as reproduced | verdict | source |\n"
        "|---|---|---|---|---|---|\n";
  for (const Finding& f : r.findings) {
    const Asked asked = asked_in(f.expectation);
    out +=
        asked.before + found_text(r, f) + asked.between + std::string(verdict(r, f)) + asked.after;
  }
  for (const StudyResult& study : r.studies) out += study_page(study);
  return out;
}

std::string heading(const Reproduction& r) { return "\n## " + r.preset + "\n\n"; }

// What a page says of a preset behind the text that the preset's file begins with; empty if
// nothing.
std::string_view tables_in(std::string_view page, const Reproduction& r) {
  std::size_t from = page.find(heading(r));
  if (from == page.npos) return {};
  from = page.find('\n', from + heading(r).size());
  if (from == page.npos) return {};
  const std::size_t to = page.find("\n## ", from);
  return page.substr(from + 1, to == page.npos ? to : to - from - 1);
}

bool has_row(std::string_view text, const Asked& asked) {
  const std::size_t from = text.find("\n" + asked.before);
  if (from == text.npos) return false;
  const std::string_view row = text.substr(from + 1, text.find('\n', from + 1) - from);
  return row.find(asked.between) != row.npos && row.ends_with(asked.after);
}

bool has_study(std::string_view text, const StudyResult& study) {
  if (text.find(question_of(study)) == text.npos) return false;
  for (std::size_t i = 0; i < study.names.size(); ++i)
    if (text.find('\n' + study_row(study, i, std::to_string(study.n_planned[i]))) == text.npos)
      return false;
  return true;
}

// Tables of an earlier page that tell of finished runs, all that the preset asks for today.
bool answers(std::string_view tables, const Reproduction& r) {
  return tables.find(not_run) == tables.npos &&
         std::ranges::all_of(
             r.findings,
             [&](const Finding& f) { return has_row(tables, asked_in(f.expectation)); }) &&
         std::ranges::all_of(r.studies,
                             [&](const StudyResult& study) { return has_study(tables, study); });
}

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

std::string reproductions_page(const std::vector<Reproduction>& all, std::string_view former) {
  std::string sections;
  int n_run = 0;
  for (const Reproduction& r : all) {
    const std::string_view kept = tables_in(former, r);
    const bool is_kept = !r.is_complete() && answers(kept, r);
    n_run += r.is_complete() || is_kept;
    sections += heading(r) + r.about + '\n' + (is_kept ? std::string(kept) : tables(r));
  }
  return "# Reproductions\n\nWritten by `grokscope reproduce --page`. Each preset's file names the "
         "published figure, its source, and the bounds\nwithin which a run counts as having "
         "reproduced it. Where a preset asks a question, many seeds are held against a "
         "control's. " +
         std::to_string(n_run) + " of " + std::to_string(all.size()) + " presets have been run.\n" +
         sections;
}

}  // namespace grok::cli
