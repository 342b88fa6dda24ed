#pragma once
// For tests: a small catalogue, so that the parser is tested without any task or model.

#include <string>
#include <string_view>

#include "grok/base/error.h"
#include "grok/spec/parse_spec.h"

namespace grok::fake {

inline void check_widths(const Params& params, Mistakes& mistakes) {
  const auto product = params.integer("n_heads") * params.integer("d_head");
  if (product != params.integer("d_model"))
    mistakes.add("d_head", "expected n_heads * d_head = d_model, found " + std::to_string(product));
}

inline const Schema& addition() {
  static const Schema schema{
      .fields = {
          {.name = "p", .type = FieldType::integer, .range = at_least(2), .meaning = "the modulus"},
          {.name = "train_fraction", .type = FieldType::real, .range = between(0, 1)},
          {.name = "split_seed",
           .type = FieldType::integer,
           .default_from = "seed",
           .range = at_least(0)},
          {.name = "split_rng",
           .type = FieldType::text,
           .default_value = "philox",
           .words = {"python", "philox"}}}};
  return schema;
}

inline const Schema& transformer() {
  static const Schema schema{
      .fields = {{.name = "n_layers", .type = FieldType::integer, .default_value = 1},
                 {.name = "d_model", .type = FieldType::integer, .default_value = 128},
                 {.name = "n_heads", .type = FieldType::integer, .default_value = 4},
                 {.name = "d_head", .type = FieldType::integer, .default_value = 32},
                 {.name = "d_mlp", .type = FieldType::integer, .default_value = 512},
                 {.name = "act", .type = FieldType::text, .default_value = "relu"},
                 {.name = "layer_norm", .type = FieldType::text, .default_value = "none"},
                 {.name = "init", .type = FieldType::text, .default_value = "nanda"},
                 {.name = "init_seed", .type = FieldType::integer, .default_from = "seed"},
                 {.name = "init_rng", .type = FieldType::text, .default_value = "philox"},
                 {.name = "biases", .type = FieldType::flag, .default_value = true}},
      .check = check_widths};
  return schema;
}

inline const Schema& cross_entropy() {
  static const Schema schema{.fields = {{.name = "precision",
                                         .type = FieldType::text,
                                         .default_value = "float64",
                                         .words = {"float32", "float64"}}}};
  return schema;
}

inline const Schema& adamw() {
  static const Schema schema{
      .fields = {
          {.name = "lr", .type = FieldType::real, .range = above(0), .meaning = "learning rate"},
          {.name = "betas",
           .type = FieldType::reals,
           .default_value = Reals{0.9, 0.98},
           .range = from_below(0, 1),
           .n_values = 2},
          {.name = "eps", .type = FieldType::real, .default_value = 1e-8, .range = above(0)},
          {.name = "weight_decay",
           .type = FieldType::real,
           .default_value = 1,
           .range = at_least(0)},
          {.name = "warmup_steps",
           .type = FieldType::integer,
           .default_value = 10,
           .range = at_least(0)}}};
  return schema;
}

inline const Schema& sgd() {
  static const Schema schema{
      .fields = {{.name = "lr", .type = FieldType::real, .range = above(0)}}};
  return schema;
}

inline const Schema& excluded() {
  static const Schema schema{.fields = {{.name = "weight", .type = FieldType::real},
                                        {.name = "frequencies",
                                         .type = FieldType::integers,
                                         .default_value = "key",
                                         .range = at_least(1),
                                         .words = {"key"}}}};
  return schema;
}

inline SpecSchema spec_schema() {
  SpecSchema out;
  out.task = {{"modular_addition"}, [](std::string_view) { return &addition(); }};
  out.model = {{"transformer"}, [](std::string_view) { return &transformer(); }};
  out.loss = {{"cross_entropy"}, [](std::string_view) { return &cross_entropy(); }};
  out.terms = {{"excluded"}, [](std::string_view) { return &excluded(); }};
  out.optim = {{"adamw", "sgd"},
               [](std::string_view name) { return name == "sgd" ? &sgd() : &adamw(); }};
  out.probe_names = {"gini", "weight_norms"};
  out.stop_metrics = {"train_loss", "test_loss"};
  return out;
}

/// A sound spec, each value on its own line.
inline constexpr const char* sound =
    "[task]\n"                       // 1
    "name = \"modular_addition\"\n"  // 2
    "p = 113\n"                      // 3
    "train_fraction = 0.3\n"         // 4
    "[model]\n"                      // 5
    "name = \"transformer\"\n"       // 6
    "[loss]\n"                       // 7
    "name = \"cross_entropy\"\n"     // 8
    "[optim]\n"                      // 9
    "name = \"adamw\"\n"             // 10
    "lr = 1e-3\n"                    // 11
    "[train]\n"                      // 12
    "steps = 1000\n"                 // 13
    "seed = 7\n";                    // 14

inline RunSpec parse(const std::string& text, std::vector<std::string> overrides = {}) {
  return parse_spec(text, "a.toml", overrides, spec_schema());
}

/// The message of the error that parsing gives; empty if it gives none.
inline std::string mistakes_in(const std::string& text, std::vector<std::string> overrides = {}) {
  try {
    parse(text, std::move(overrides));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// `sound` with one piece of its text replaced by another.
inline std::string sound_with(const std::string& from, const std::string& to) {
  std::string text = sound;
  const std::size_t at = text.find(from);
  GROK_REQUIRE(at != std::string::npos, "no " + from + " in the sound spec");
  return text.replace(at, from.size(), to);
}

}  // namespace grok::fake
