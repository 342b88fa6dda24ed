#include "bench/cases.h"

#include "grok/lab/spec_schema.h"
#include "grok/spec/parse_spec.h"
#include "tests/support/small_spec.h"

namespace grok::bench {
namespace {

constexpr Case all_cases[] = {
    {"canonical", 113, 0.3, 128, 4, 32, 512},
    {"p59_d64", 59, 0.3, 64, 4, 16, 128},
    {"p59_d32", 59, 0.3, 32, 4, 8, 64},
    {"p23_d32", 23, 0.6, 32, 4, 8, 64},
};

// The network of power-division-97 on lists of three numbers.
constexpr const char* list_operation = R"(
[task]
name = "list_operation"
[model]
name = "transformer"
n_layers = 2
layer_norm = "post"
positions = "sinusoidal"
biases = "none"
init = "torch"
[loss]
name = "cross_entropy"
[optim]
name = "adamw"
[train]
steps = 10_000
batch = 512
)";

// Two layers of attention alone, as Olsson et al. 2022 (arXiv:2209.11895) look at them.
constexpr const char* induction = R"(
[task]
name = "induction"
[model]
name = "transformer"
n_layers = 2
d_model = 64
n_heads = 4
d_head = 16
attn_only = true
layer_norm = "pre"
[loss]
name = "cross_entropy"
[optim]
name = "adamw"
[train]
steps = 10_000
batch = 128
)";

// One wide hidden layer and fresh examples, as Abbe et al. 2022 (arXiv:2202.08658) train.
constexpr const char* boolean = R"(
[task]
name = "boolean"
data = "infinite"
n_bits = 30
[model]
name = "mlp"
d_mlp = 512
[loss]
name = "cross_entropy"
[optim]
name = "sgd"
lr = 0.1
[train]
steps = 10_000
batch = 64
)";

// The sizes of Levi et al. 2023 (arXiv:2310.16441): a thousand inputs, little more examples.
constexpr const char* teacher_student = R"(
[task]
name = "teacher_student"
d_in = 1000
lambda = 0.9
[model]
name = "deep_linear"
n_layers = 1
[loss]
name = "squared_error"
[optim]
name = "sgd"
lr = 0.01
[train]
steps = 10_000
)";

// A small language model of the built-in sample's bytes.
constexpr const char* text = R"(
[task]
name = "text"
[model]
name = "transformer"
n_layers = 2
act = "gelu_new"
layer_norm = "pre"
biases = "all"
init = "gpt2"
[loss]
name = "cross_entropy"
precision = "float32"
[optim]
name = "adamw"
[train]
steps = 10_000
batch = 32
)";

constexpr TaskCase all_task_cases[] = {{"power-division-97"},
                                       {"pizza-A"},
                                       {"gromov-quadratic"},
                                       {"power-s5"},
                                       {"list_operation", list_operation},
                                       {"sparse-parity-40-3"},
                                       {"boolean", boolean},
                                       {"addition-5digit-per-token"},
                                       {"quirke-1layer"},
                                       {"induction-infinite"},
                                       {"induction", induction},
                                       {"skip-trigram-infinite"},
                                       {"virtual-heads"},
                                       {"teacher_student", teacher_student},
                                       {"text", text}};

}  // namespace

std::span<const Case> cases() { return all_cases; }

RunSpec spec_of(const Case& c) {
  RunSpec spec = small_spec();
  const Params seed{{"seed", std::int64_t{0}}};
  spec.task = named("modular_addition", tasks::modular_addition().schema(),
                    {{"p", c.p}, {"train_fraction", c.fraction}}, seed);
  spec.model = named(
      "transformer", models::transformer().schema(),
      {{"d_model", c.d_model}, {"n_heads", c.n_heads}, {"d_head", c.d_head}, {"d_mlp", c.d_mlp}},
      seed);
  return spec;
}

std::span<const TaskCase> task_cases() { return all_task_cases; }

RunSpec spec_of(const TaskCase& c) {
  if (c.toml) return parse_spec(c.toml, c.name, {}, spec_schema());
  const std::string presets[] = {GROKSCOPE_SPECS_DIR};
  return load_spec(c.name, presets, {}, spec_schema());
}

}  // namespace grok::bench
