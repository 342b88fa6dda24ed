#pragma once
// What a section of a spec may hold. Every entry of a catalogue (a task, a model, a loss, an
// optimizer) supplies the `Schema` of its section; the sections [train] and [record] have theirs
// in train_schema.h. The parser, the help texts and the page's form all read the same schema.
//
// To copy: train_schema.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grok/base/catalog.h"
#include "grok/spec/mistakes.h"
#include "grok/spec/params.h"

namespace grok {

enum class FieldType { flag, integer, real, text, integers, reals, texts };

struct Bound {
  double value = 0;
  bool is_inside = true;  // the bound itself is allowed
};

/// The numbers that a field allows; of a list, what each element may be. No bound: anything finite.
struct Range {
  std::optional<Bound> low = std::nullopt;
  std::optional<Bound> high = std::nullopt;

  bool holds(double x) const;
};

inline Range at_least(double low) { return {Bound{low, true}, std::nullopt}; }
inline Range above(double low) { return {Bound{low, false}, std::nullopt}; }
/// Both ends allowed.
inline Range from_to(double low, double high) { return {Bound{low, true}, Bound{high, true}}; }
/// Neither end allowed.
inline Range between(double low, double high) { return {Bound{low, false}, Bound{high, false}}; }
/// Low end allowed, high end not: betas, drop-out rates.
inline Range from_below(double low, double high) { return {Bound{low, true}, Bound{high, false}}; }

struct Schema;

/// A catalogue whose entries are parts of a section: the filters of an optimizer, its schedule.
struct PartCatalog {
  std::vector<std::string> names;
  /// Called only with one of `names`; lives as long as the program.
  const Schema& (*schema)(std::string_view name) = nullptr;
};

/// What a catalogue of entries that have schemas is, as one of parts.
template <auto catalog>
const PartCatalog& parts_of() {
  static const PartCatalog all = [] {
    PartCatalog out;
    for (const auto* def : catalog()) out.names.emplace_back(def->name);
    out.schema = [](std::string_view name) -> const Schema& {
      return entry_of(catalog(), "part", name).schema();
    };
    return out;
  }();
  return all;
}

/// One key of a section.
struct Field {
  std::string name = {};
  FieldType type = FieldType::real;
  /// Stands in where the spec gives no value. None: the field is required (but see default_from).
  std::optional<Value> default_value = std::nullopt;
  /// A key of [train], e.g. "seed", whose value stands in where the spec gives none.
  std::string default_from = {};
  Range range = {};
  /// For a text: the words allowed (empty: any). For another type: words that may stand in place
  /// of such a value, as in batch = "full".
  std::vector<std::string> words = {};
  /// For a list: how many elements it must have; 0: any number.
  std::size_t n_values = 0;
  /// One sentence, with the unit.
  std::string meaning = {};
  /// Of a text or of texts: the catalogue that it names entries of. What such an entry lets one set
  /// stands in a table of its own, [section.ENTRY], with keys "ENTRY.key"; an entry that is not
  /// named has none. It must outlive the schema.
  const PartCatalog* parts = nullptr;
};

struct Schema {
  std::vector<Field> fields = {};
  /// Checks what no field can check alone (d_model = n_heads * d_head). Called only when every
  /// field is sound. May be null.
  void (*check)(const Params&, Mistakes&) = nullptr;
  /// The parts that are named, and their schemas: only in what `with_parts` returns.
  std::vector<std::pair<std::string, const Schema*>> parts = {};

  /// Null if there is no field of that name.
  const Field* find(std::string_view name) const;
  std::vector<std::string> names() const;
  bool has_part(std::string_view name) const;
};

/// A value as it was found: nothing in `value` where a spec cannot hold such a thing (a date, a
/// table, a mixed list); `text` is how a message shows it.
struct Found {
  std::optional<Value> value = std::nullopt;
  std::string text = {};
};

/// How a message shows a value: 113, true (a flag), "1e-3" (a string).
std::string describe(const Value& value);

/// What a field expects, as a message says it: "a number above 0", "one of "log", "ends"".
std::string expected(const Field& field);

/// The value as the field's type holds it (an integer for a real becomes a real, -0.0 becomes 0.0);
/// nothing if the type, the range or the word is not allowed.
std::optional<Value> fitted(const Field& field, const Value& value);

/// `given` checked against `schema` and completed by its defaults. `train` supplies the values of
/// `default_from`. Throws Error{usage} that lists all mistakes, one a line.
Params checked_params(const Schema& schema, const Params& given, const Params& train = {});

/// One entry of a section as it was found.
struct FoundEntry {
  std::string key;
  Found found;
  Place place;
  /// Said of another entry of the catalogue than the one that was chosen since: left out, without a
  /// mistake, where the chosen one has no such key or does not take the value.
  bool yields = false;
  /// Keys of the section that were given another value since: what is said of a part is left out
  /// where one of them named it, and does no longer.
  std::vector<std::string> changed_since = {};
};

/// The schema of a section together with those of the parts that its entries name, their keys
/// written "PART.key".
Schema with_parts(const Schema& schema, const std::vector<FoundEntry>& entries);

/// The same for entries that were read: mistakes go to `mistakes`, which has entered the section.
/// Returns nothing if there were any.
std::optional<Params> check_entries(const Schema& schema, const std::vector<FoundEntry>& entries,
                                    const Params& train, Mistakes& mistakes);

}  // namespace grok
