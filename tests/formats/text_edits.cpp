// Run files whose spec, manifest or events are not what they should be.

#include <functional>

#include "grok/spec/run_spec.h"
#include "tests/formats/run_file_corpus.h"
#include "tests/formats/tiny_run.h"

namespace grok::formats {
namespace {

constexpr auto edit = RunEdit::How::edit;
constexpr auto forge = RunEdit::How::forge;
constexpr ErrorCode unsupported = ErrorCode::unsupported;

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

std::string nested(const std::string& inner, std::size_t depth) {
  return std::string(depth, '[') + inner + std::string(depth, ']');
}

std::string spec_text(const std::string& json) { return "UPDATE spec SET json = " + quoted(json); }

// The tiny run's spec, soundly written, with one thing changed.
std::string spec_with(const std::function<void(RunSpec&)>& change) {
  RunSpec spec = tiny_run_spec();
  change(spec);
  return spec_text(canonical_json(spec));
}

std::string spec_replaced(const std::string& from, const std::string& to) {
  return "UPDATE spec SET json = replace(json, " + quoted(from) + ", " + quoted(to) + ")";
}

std::vector<RunEdit> of_specs() {
  const std::string other_way = "reads as a spec that is written differently";
  return {
      {"a spec changed", edit, spec_replaced("\"p\":5", "\"p\":7"), "spec"},
      {"a spec's digest changed", edit, "UPDATE spec SET digest = sha256('x')", "spec"},
      {"a spec's digest of 8 digits", edit, "UPDATE spec SET digest = substr(digest, 1, 8)",
       "spec"},
      {"a spec's digest a blob", edit, "UPDATE spec SET digest = CAST(digest AS BLOB)",
       "digest holds a blob"},
      {"a spec that is a blob", forge, "UPDATE spec SET json = CAST(json AS BLOB)",
       "json holds a blob; expected text"},
      {"a spec that is NULL", forge, loosened("spec") + "UPDATE spec SET json = NULL",
       "json holds NULL"},
      {"an empty spec", forge, spec_text(""), "not a JSON object of 0 bytes"},
      {"a spec that is not JSON", forge, spec_text("p = 5"), "not a JSON object"},
      {"a spec that is a list", forge, spec_text("[]"), "not a JSON object"},
      {"a spec without sections", forge, spec_text("{}"), "no section task"},
      {"a spec with a zero byte", forge, "UPDATE spec SET json = json || char(0) || 'x'", ""},
      {"a spec that is not UTF-8", forge,
       "UPDATE spec SET json = CAST(replace(CAST(json AS BLOB), x'61', x'FF') AS TEXT)", ""},
      {"a spec with a space", forge, "UPDATE spec SET json = json || ' '", other_way},
      {"a spec with a key twice", forge, spec_replaced("\"p\":5", "\"p\":5,\"p\":5"), other_way},
      {"a spec with a section too many", forge,
       spec_replaced("\"train\":", "\"trail\":{},\"train\":"), other_way},
      {"a spec with a fork of nothing", forge, spec_replaced("\"loss\":", "\"fork\":{},\"loss\":"),
       ""},
      {"a spec with a fork at step -1", forge,
       spec_replaced("\"loss\":",
                     "\"fork\":{\"edits\":[],\"frozen\":[],\"parent\":\"\",\"step\":-1},\"loss\":"),
       ""},
      {"a spec with 5.0 for 5", forge, spec_replaced("\"p\":5", "\"p\":5.0"), "not sound"},
      {"a spec with 5e0 for 5", forge, spec_replaced("\"p\":5", "\"p\":5e0"), other_way},
      {"a spec with a number beyond all", forge, spec_replaced("\"p\":5", "\"p\":1e999"), ""},
      {"a spec with an integer of 30 digits", forge,
       spec_replaced("\"p\":5", "\"p\":100000000000000000000000000000"), ""},
      {"a spec with null", forge, spec_replaced("\"p\":5", "\"p\":null"), "of no known kind"},
      {"a spec with a table in a section", forge, spec_replaced("\"p\":5", "\"p\":{}"),
       "of no known kind"},
      {"a spec with a list of unlike things", forge, spec_replaced("\"p\":5", "\"p\":[1,\"a\"]"),
       "of no known kind"},
      {"a spec nested deeply", forge, spec_replaced("\"p\":5", "\"p\":" + nested("", 100'000)),
       "of no known kind"},
      {"a spec of nothing but brackets", forge, spec_text(std::string(1'000'000, '[')),
       "not a JSON object"},
      {"an unknown task", forge,
       spec_with([](RunSpec& s) { s.task.set("name", std::string("chess")); }),
       "no task named \"chess\"", unsupported},
      {"an unknown model", forge,
       spec_with([](RunSpec& s) { s.model.set("name", std::string("m")); }), "no model named \"m\"",
       unsupported},
      {"an unknown loss", forge,
       spec_with([](RunSpec& s) { s.loss.set("name", std::string("l")); }), "no loss named \"l\"",
       unsupported},
      {"an unknown optimizer", forge,
       spec_with([](RunSpec& s) { s.optim.set("name", std::string("o")); }), "no optim named \"o\"",
       unsupported},
      {"a task whose name is a number", forge,
       spec_with([](RunSpec& s) { s.task.set("name", std::int64_t{7}); }), "no task named",
       unsupported},
      {"a modulus of -5", forge, spec_with([](RunSpec& s) { s.task.set("p", std::int64_t{-5}); }),
       "the stored spec is not sound"},
      {"a modulus of 2^62", forge,
       spec_with([](RunSpec& s) { s.task.set("p", std::int64_t{1} << 62); }), "not sound"},
      {"a modulus that is text", forge,
       spec_with([](RunSpec& s) { s.task.set("p", std::string("5")); }), "not sound"},
      {"an unknown key", forge, spec_with([](RunSpec& s) { s.task.set("q", std::int64_t{5}); }),
       "unknown key"},
      {"no steps", forge, spec_with([](RunSpec& s) { s.train = {}; }), ""},
      {"steps that are text", forge,
       spec_with([](RunSpec& s) { s.train.set("steps", std::string("12")); }), "not sound"},
      {"2^40 steps", forge,
       spec_with([](RunSpec& s) { s.train.set("steps", std::int64_t{1} << 40); }), "not sound"},
      {"a train fraction of 2", forge,
       spec_with([](RunSpec& s) { s.task.set("train_fraction", 2.0); }), "not sound"},
      {"a rule to stop that is none", forge,
       spec_with([](RunSpec& s) { s.train.set("stop_when", std::string("bored")); }), "not sound"},
      {"a batch of no examples", forge,
       spec_with([](RunSpec& s) { s.train.set("batch", std::int64_t{0}); }), "not sound"},
      {"two points an octave and a half", forge,
       spec_with([](RunSpec& s) { s.record.set("log_points_per_octave", std::int64_t{3}); }),
       "not sound"},
  };
}

std::vector<RunEdit> of_manifests() {
  return {
      {"a manifest changed", edit, "UPDATE manifest SET json = replace(json, '1', '2')",
       "manifest"},
      {"a manifest that is a blob", forge, "UPDATE manifest SET json = CAST(json AS BLOB)",
       "json holds a blob; expected text"},
      {"a manifest that is NULL", forge, loosened("manifest") + "UPDATE manifest SET json = NULL",
       "json holds NULL"},
  };
}

std::vector<RunEdit> of_events() {
  const auto ending = [](const std::string& detail) {
    return "UPDATE event SET detail = " + quoted(detail) + " WHERE kind = 'ending'";
  };
  const auto set = [](const std::string& what) {
    return "UPDATE event SET " + what + " WHERE kind = 'closed'";
  };
  const auto frequencies = [](const std::string& list) {
    return "UPDATE event SET kind = 'key_frequencies', detail = " +
           quoted("{\"frequencies\":" + list + "}") + " WHERE kind = 'closed'";
  };
  return {
      {"an event changed", edit, set("detail = '{} '"), "event"},
      {"an event of another kind", edit, set("kind = 'opened'"), "event"},
      {"events in another order", edit, "UPDATE event SET id = -id", "event"},
      {"an event at another step", edit, set("step = 3"), "event"},
      {"an event at a negative step", forge, set("step = -1"), "step -1"},
      {"an event at a step that is text", forge, set("step = 'late'"), "step holds text"},
      {"an event's kind a blob", forge, set("kind = x'63'"), "kind holds a blob"},
      {"an event's kind NULL", forge, loosened("event") + set("kind = NULL"), "kind holds NULL"},
      {"an event's detail a blob", forge, set("detail = x'7B7D'"), "detail holds a blob"},
      {"an event's detail a number", forge, loosened("event") + set("detail = 7"),
       "detail holds an integer"},
      {"an unknown ending", forge, ending("{\"ending\":\"happy\"}"), "unknown ending \"{"},
      {"an ending that is a number", forge, ending("{\"ending\":3}"), "unknown ending"},
      {"an ending that is a list", forge, ending("[\"done\"]"), "unknown ending"},
      {"an ending that is not JSON", forge, ending("done"), "unknown ending \"done\""},
      {"an ending nested deeply", forge, ending(nested("", 100'000)), "unknown ending"},
      {"an ending of a megabyte", forge, ending(std::string(1'000'000, 'x')), "unknown ending"},
      {"key frequencies that are no list", forge, frequencies("7"), "key_frequencies"},
      {"key frequencies that are text", forge, frequencies("[\"7\"]"), "key_frequencies"},
      {"key frequencies that are fractions", forge, frequencies("[1.5]"), "key_frequencies"},
      {"key frequencies beyond all numbers", forge, frequencies("[1e300]"), "key_frequencies"},
      {"key frequencies of 2^40", forge, frequencies("[1099511627776]"), "key_frequencies"},
      {"key frequencies below 1", forge, frequencies("[-3]"), "key_frequencies"},
      {"a fork that says nothing", forge, set("kind = 'fork'"), "event fork: unexpected \"{}\""},
      {"a fork nested deeply", forge, set("kind = 'fork', detail = " + quoted(nested("", 100'000))),
       "event fork"},
      {"a fork at a fraction of a step", forge,
       set("kind = 'fork', detail = "
           "'{\"parent\":\"\",\"parent_file\":\"\",\"step\":1e300,\"set\":[],"
           "\"edits\":[],\"frozen\":[],\"optimizer_state\":\"new\"}'"),
       "event fork"},
      {"key frequencies nested deeply", forge, frequencies(nested("", 100'000)), "key_frequencies"},
  };
}

}  // namespace

std::vector<RunEdit> text_edits() {
  std::vector<RunEdit> out = of_specs();
  for (const auto& more : {of_manifests(), of_events()})
    out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace grok::formats
