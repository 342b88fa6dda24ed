#include "grok/tasks/split.h"
#include "grok/tasks/task.h"

// Tokens a, b, '=' (token p); the answer is (a + b) mod p. All p * p pairs, row a * p + b. The
// class of '=' exists among the outputs, as in the original, and is never right.
//   source  Nanda et al. 2023, arXiv:2301.05217
namespace grok {
namespace {

const Schema& schema() {
  static const Schema schema{
      {{.name = "p",
        .type = FieldType::integer,
        .default_value = Value{std::int64_t{113}},
        .range = from_to(2, 1000),
        .meaning = "The modulus; there are p * p pairs."},
       {.name = "train_fraction",
        .type = FieldType::real,
        .default_value = Value{0.3},
        .range = {Bound{0, false}, Bound{1, true}},
        .meaning = "Share of the pairs that are trained on."},
       {.name = "split_seed",
        .type = FieldType::integer,
        .default_from = "seed",
        .range = at_least(0),
        .meaning = "Seed of the split into train and test."},
       {.name = "split_rng",
        .type = FieldType::text,
        .default_value = Value{std::string("philox")},
        .words = {"philox", "python"},
        .meaning = "Random stream of the split: our own, or Python's random.shuffle."}},
      [](const Params& params, Mistakes& mistakes) {
        const auto p = static_cast<double>(params.integer("p"));
        const double n_train = params.real("train_fraction") * p * p;
        if (n_train < 1)
          mistakes.add("train_fraction", "leaves no example to train on: p * p is " +
                                             std::to_string(static_cast<int>(p * p)));
      }};
  return schema;
}

TaskData make(const Params& params) {
  const auto p = static_cast<std::int32_t>(params.integer("p"));
  TaskData data;
  data.d_vocab = p + 1;
  data.d_vocab_out = p + 1;
  data.n_ctx = 3;
  data.tokens = TokenTensor({p * p, 3});
  data.labels = TokenTensor({p * p, 1});
  for (std::int32_t a = 0; a < p; ++a)
    for (std::int32_t b = 0; b < p; ++b) {
      const auto row = static_cast<std::size_t>(a * p + b);
      data.tokens.data[row * 3] = a;
      data.tokens.data[row * 3 + 1] = b;
      data.tokens.data[row * 3 + 2] = p;
      data.labels.data[row] = (a + b) % p;
    }
  Split split = shuffled_split(p * p, params.real("train_fraction"),
                               static_cast<std::uint64_t>(params.integer("split_seed")),
                               params.text("split_rng"));
  data.train = std::move(split.train);
  data.test = std::move(split.test);
  data.modulus = p;
  return data;
}

}  // namespace

const TaskDef& tasks::modular_addition() {
  static constexpr TaskDef def{.name = "modular_addition",
                               .meaning = "a + b mod p from the tokens a, b, =",
                               .source = "Nanda et al. 2023, arXiv:2301.05217",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
