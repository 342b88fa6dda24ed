#include "grok/cli/show_text.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "grok/cli/chart.h"
#include "grok/cli/format.h"
#include "grok/cli/settings.h"
#include "grok/lab/foreign.h"
#include "grok/lab/summary.h"
#include "grok/spec/run_spec.h"

namespace grok::cli {
namespace {

constexpr std::size_t name_width = 19;  // "circuit formation" and a gap

std::string row(std::string_view name, const std::string& text) {
  std::string line = "  " + left(name, name_width) + text;
  while (line.ends_with(' ')) line.pop_back();
  return line + "\n";
}

bool is_over(const RunSummary& s) { return s.ending && *s.ending != Ending::interrupted; }

std::string ending_text(const RunFile& file, const RunSummary& s, const RunSpec& spec) {
  const std::string resume = "grokscope resume " + file.path().string();
  const std::string at = " at step " + grouped(s.steps) + " of at most " + grouped(s.step_limit);
  if (!s.ending) return "not ended: last record" + at + "; in training, or killed: " + resume;
  switch (*s.ending) {
    case Ending::done:
      return "done, after all " + grouped(s.steps) + " steps";
    case Ending::stopped_by_rule:
      return "stopped" + at + " by its rule, " + spec.train.text("stop_when");
    case Ending::interrupted:
      return "interrupted" + at + "; go on with: " + resume;
    case Ending::diverged:
      return "diverged" + at + ": " + (s.diverged.empty() ? "the loss" : s.diverged) +
             " is no longer a number";
  }
  return "";
}

std::string origin_text(const Origin& origin) {
  std::string out = row("forked from", origin.parent_file + " at step " + grouped(origin.step) +
                                           ", run " + origin.parent.substr(0, 16) + "...");
  for (const std::string& text : origin.overrides) out += row("", "with " + text);
  for (const std::string& text : origin.edits) out += row("", "edit " + text);
  for (const std::string& name : origin.frozen) out += row("", "frozen " + name);
  if (origin.has_new_optimizer_state) out += row("", "with a new optimizer state");
  return out;
}

std::string head_text(const RunFile& file, const RunSummary& s, const RunSpec& spec) {
  std::string out = file.path().filename().string() + ": " + spec.model.text("name") + " on " +
                    spec.task.text("name");
  if (const Value* p = spec.task.find("p")) out += ", p = " + json_text(*p);
  out += ", seed " + json_text(*spec.train.find("seed")) + "\n";
  out += row("run", s.spec_digest.substr(0, 16) + "...  (the digest of its spec)");
  if (s.origin) out += origin_text(*s.origin);
  out += row("ending", ending_text(file, s, spec));
  if (is_over(s) && !s.is_closed)
    out +=
        row("", "not yet measured with its key frequencies; complete it with: grokscope resume " +
                    file.path().string());
  return out;
}

std::string settings_text(const RunSpec& spec) {
  std::string out = "\nSettings\n";
  for (const SectionSettings& settings : settings_of(spec)) {
    std::string name = settings.section;
    for (const std::string& line : settings.lines) {
      out += row(name, line);
      name.clear();
    }
  }
  return out;
}

std::string chart_text(const RunFile& file) {
  const Curve train = curve_of(file, "train_loss"), batch = curve_of(file, "batch_loss"),
              test = curve_of(file, "test_loss");
  const bool has_train = !train.steps.empty();
  const std::vector<std::string> lines =
      chart({{has_train ? "train" : "batch", has_train ? train.series() : batch.series()},
             {"test", test.series()}});
  if (lines.empty()) return "";
  std::string out = "\nLoss in nats, both axes logarithmic\n";
  for (const std::string& line : lines) out += "  " + line + "\n";
  return out;
}

std::string_view phase_meaning(std::string_view name) {
  if (name == "memorization") return "the training examples are learnt by heart";
  if (name == "circuit_formation") return "the algorithm grows beside the memory, unseen";
  return "weight decay removes the memory; test accuracy jumps";
}

std::string step_or(const std::optional<std::int64_t>& step, const char* otherwise) {
  return step ? "step " + grouped(*step) : otherwise;
}

// An endless task has no examples to learn by heart; one of numbers, nothing that is right or
// wrong.
std::string steps_text(const RunSummary& s) {
  const auto known = [&](const char* accuracy) { return s.final_metric(accuracy).has_value(); };
  const auto otherwise = [&](const char* accuracy) {
    const bool is_learnt = s.final_metric(accuracy).value_or(0) >= learnt_accuracy;
    return s.origin && is_learnt ? "before the fork" : "not yet";
  };
  const bool is_endless = known("test_accuracy") && !known("train_accuracy");
  std::string out;
  if (known("train_accuracy"))
    out +=
        row("memorised", left(step_or(s.phases.memorized_step, otherwise("train_accuracy")), 22) +
                             "99 % of the training answers are right");
  if (!known("test_accuracy")) return out;
  std::string grokked = left(step_or(s.phases.grok_step, otherwise("test_accuracy")), 22) +
                        "99 % of the test answers are right";
  if (const auto delay = grok_delay(s.phases)) grokked += ", " + grouped(*delay) + " steps later";
  return out + row(is_endless ? "learnt" : "grokked", grokked);
}

std::string phases_text(const RunSummary& s) {
  std::string out = steps_text(s);
  for (const PhaseSpan& phase : s.phase_spans) {
    const std::string span = grouped(phase.from) + " to " + (phase.to ? grouped(*phase.to) : "...");
    std::string name(phase.name);
    std::replace(name.begin(), name.end(), '_', ' ');
    out += row(name, left(span, 22) + std::string(phase_meaning(phase.name)));
  }
  return out.empty() ? out : "\nWhat happened\n" + out;
}

struct LossRow {
  const char* name;
  const char* loss;
  const char* accuracy;
  const char* meaning;
};

std::string losses_text(const RunSummary& s) {
  static constexpr LossRow rows[] = {
      {"batch", "batch_loss", "", "the examples of the step that follows"},
      {"train", "train_loss", "train_accuracy", "the examples trained on"},
      {"test", "test_loss", "test_accuracy", "the examples held out"},
      {"all", "all_loss", "all_accuracy", ""},
      {"restricted", "restricted_loss", "restricted_accuracy",
       "all pairs, with nothing but the key frequencies left"},
      {"excluded", "excluded_loss", "excluded_accuracy",
       "train, with the key frequencies taken out"},
      {"trig fit", "trig_fit_loss", "", "the logits replaced by waves cos(w(a + b - c))"}};
  std::string out;
  for (const LossRow& r : rows) {
    const auto loss = s.final_metric(r.loss);
    if (!loss) continue;
    const auto accuracy = s.final_metric(r.accuracy);
    out += row(r.name, left(significant(*loss), 12) + left(accuracy ? percent(*accuracy) : "", 10) +
                           r.meaning);
  }
  if (out.empty()) return "";
  if (const auto explained = s.final_metric("trig_fit_explained"))
    out += row("", left(percent(*explained), 22) + "of the logits' variance are such waves");
  return "\n" + left("At step " + grouped(s.final_step), 2 + name_width) + left("loss", 12) +
         "right\n" + out;
}

std::string keys_text(const RunSummary& s, const RunSpec& spec) {
  if (s.key_frequencies.empty() && !spec.task.find("p")) return "";  // a task without any
  std::string out = "\nKey frequencies\n";
  if (s.key_frequencies.empty())
    return out + (s.is_closed ? "  none stands out\n" : "  known when the run is over\n");
  out += "  the waves cos and sin(2 pi k (a + b) / p) by which the network adds:\n";
  out += "  " + right("k", 4) + right("of W_E", 10) + right("neurons", 10) + "\n";
  for (const KeyFrequency& key : s.key_frequencies) {
    out += "  " + right(std::to_string(key.frequency), 4) +
           right(key.embedding_share ? percent(*key.embedding_share) : "-", 10) +
           right(key.n_neurons ? std::to_string(*key.n_neurons) : "-", 10) + "  ";
    const double known = key.embedding_share.value_or(0);
    const double share = known > 0 ? std::min(known, 1.0) : 0;  // also where it is not a number
    for (int i = 0; i < static_cast<int>(share * 50 + 0.5); ++i) out += "▇";
    out += "\n";
  }
  if (s.clusters && s.clusters->n_neurons > 0) {
    const double share = static_cast<double>(s.clusters->n_in_clusters) / s.clusters->n_neurons;
    out += "  " + std::to_string(s.clusters->n_in_clusters) + " of " +
           std::to_string(s.clusters->n_neurons) + " neurons (" + percent(share) +
           ") answer to one frequency with at least 85 % of their variance\n";
  }
  return out;
}

std::string manifest_text(const RunSummary& s) {
  const nlohmann::json manifest = foreign_json(s.manifest_json);
  const auto text = [&](const char* key) -> std::string {
    if (!manifest.is_object() || !manifest.contains(key)) return "?";
    const nlohmann::json& value = manifest[key];
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  std::string out = "\nMade with\n";
  out += row("grokscope", text("grokscope") + " (" + text("revision") + "), plan version " +
                              text("plan_version") + ", " + text("compiler"));
  out += row("machine", text("cpu") + ", " + text("target") + ", " + text("n_threads") +
                            " threads, begun " + text("started"));
  out += row(is_over(s) ? "final weights" : "weights so far", s.weights_digest);
  out += row("", "(SHA-256: the same digest means the same bits)");
  return out;
}

}  // namespace

std::string show_text(const RunFile& file) {
  const RunSummary summary = summarize(file);
  const RunSpec spec = outline_of(file);
  return head_text(file, summary, spec) + settings_text(spec) + chart_text(file) +
         phases_text(summary) + losses_text(summary) + keys_text(summary, spec) +
         manifest_text(summary);
}

}  // namespace grok::cli
