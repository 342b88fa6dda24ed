#include "grok/spec/expectation.h"

#include <algorithm>
#include <array>

#include "grok/base/error.h"
#include "grok/spec/stop_rule.h"

namespace grok {
namespace {

using Kind = Expectation::Kind;

struct KindName {
  const char* key;
  Kind kind;
};

constexpr std::array<KindName, 5> kinds{{{"first_step", Kind::first_step},
                                         {"final", Kind::final},
                                         {"value", Kind::value},
                                         {"least", Kind::least},
                                         {"most", Kind::most}}};

const Schema& schema() {
  static const Schema schema = [] {
    Schema out;
    for (const KindName& k : kinds)
      out.fields.push_back({.name = k.key,
                            .type = FieldType::text,
                            .default_value = Value{std::string()},
                            .meaning = "What is looked at."});
    const auto whole = [](const char* name, std::int64_t low) {
      return Field{.name = name,
                   .type = FieldType::integer,
                   .default_value = Value{std::int64_t{-1}},
                   .range = at_least(static_cast<double>(low)),
                   .meaning = "Of a value: its step. Of an array: which number."};
    };
    out.fields.push_back(whole("at", -1));
    out.fields.push_back(whole("index", -1));
    out.fields.push_back({.name = "published", .type = FieldType::real, .meaning = "The figure."});
    out.fields.push_back({.name = "within",
                          .type = FieldType::reals,
                          .n_values = 2,
                          .meaning = "What counts as reproduced."});
    out.fields.push_back({.name = "source", .type = FieldType::text, .meaning = "Whose figure."});
    return out;
  }();
  return schema;
}

bool is_rule(const std::string& text) {
  try {
    return parse_stop_rule(text).has_value();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::optional<Expectation> check_expectation(const std::vector<FoundEntry>& entries,
                                             Mistakes& mistakes) {
  mistakes.enter("expect");
  const std::optional<Params> params = check_entries(schema(), entries, {}, mistakes);
  if (!params) return std::nullopt;
  Expectation out;
  int n_kinds = 0;
  for (const KindName& k : kinds) {
    const std::string& text = params->text(k.key);
    if (text.empty()) continue;
    ++n_kinds;
    out.kind = k.kind;
    out.metric = text;
  }
  out.at = params->integer("at");
  if (const std::int64_t index = params->integer("index"); index >= 0) out.index = index;
  out.published = params->real("published");
  const Reals& within = params->reals("within");
  out.low = within[0];
  out.high = within[1];
  out.source = params->text("source");
  const auto refuse = [&](const std::string& what) {
    mistakes.add_at(entries.front().place, "expect", what);
    return std::nullopt;
  };
  if (n_kinds != 1) return refuse("expected one of first_step, final, value, least and most");
  if (out.kind == Kind::first_step && !is_rule(out.metric))
    return refuse("first_step: expected METRIC < NUMBER or METRIC > NUMBER");
  if (out.kind == Kind::value && out.at < 0) return refuse("a value needs at, its step");
  if (!(out.low <= out.high)) return refuse("within: expected the lower end first");
  return out;
}

std::string text_of(const Expectation& e) {
  std::string name = e.metric;  // of first_step a rule: METRIC < NUMBER
  if (e.index)
    name.insert(std::min(name.find(' '), name.size()), "[" + std::to_string(*e.index) + "]");
  switch (e.kind) {
    case Kind::first_step:
      return "first step with " + name;
    case Kind::final:
      return "last " + name;
    case Kind::value:
      return name + " at step " + std::to_string(e.at);
    case Kind::least:
      return "least " + name;
    case Kind::most:
      return "largest " + name;
  }
  return name;
}

}  // namespace grok
