#include <cmath>
#include <numeric>
#include <string>

#include "grok/base/rng.h"
#include "grok/spec/fields.h"
#include "grok/tasks/task.h"

// Linear regression: a student is to find the linear teacher that made the targets, from n_train
// examples of d_in inputs.
//
//   features   X [n, d_in], each number normal with mean 0 and variance 1. Token i stands for
//              example i, so d_vocab = n and an example is the one token i
//   targets    X T [n, d_out], summed in double from the first input on, with a teacher T
//              [d_in, d_out] of normal numbers with mean 0 and variance 1 / (2 d_in); no noise
//   rows       first n_train = round(d_in / lambda) to train on, then n_test
//   streams    "inputs" and "teacher" of data_seed, ours
//   source     Levi, Beck and Bar-Sinai 2023, arXiv:2310.16441
namespace grok {
namespace {

struct Sizes {
  std::int64_t d_in, d_out, n_train, n_test;

  explicit Sizes(const Params& p)
      : d_in(p.integer("d_in")),
        d_out(p.integer("d_out")),
        n_train(std::llround(static_cast<double>(d_in) / p.real("lambda"))),
        n_test(p.integer("n_test")) {}
  std::int64_t n() const { return n_train + n_test; }
};

void check(const Params& params, Mistakes& mistakes) {
  const Sizes s(params);
  if (s.n_train < 1)
    mistakes.add("lambda", "leaves no example to train on: d_in / lambda is below one half");
  // The features of all examples are held at once.
  constexpr std::int64_t most_numbers = std::int64_t{1} << 30;
  if (s.n() > most_numbers / s.d_in)
    mistakes.add("lambda", "gives " + std::to_string(s.n()) + " examples of " +
                               std::to_string(s.d_in) + " inputs, more than " +
                               std::to_string(most_numbers) + " numbers");
}

Schema make_schema() {
  Schema out;
  out.fields.push_back(integer_field("d_in", 100, from_to(1, 100'000), "Inputs of an example."));
  out.fields.push_back(integer_field("d_out", 1, from_to(1, 1'000), "Numbers in a target."));
  out.fields.push_back({.name = "lambda",
                        .type = FieldType::real,
                        .default_value = Value{0.5},
                        .range = {Bound{1e-3, true}, Bound{1e3, true}},
                        .meaning = "Inputs per training example, d_in / n_train; below 1 the "
                                   "teacher can be found."});
  out.fields.push_back(
      integer_field("n_test", 500, from_to(1, 1'000'000), "Examples that are never trained on."));
  out.fields.push_back({.name = "data_seed",
                        .type = FieldType::integer,
                        .default_from = "seed",
                        .range = at_least(0),
                        .meaning = "Seed of inputs and teacher."});
  out.check = check;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

Tensor normals(std::uint64_t seed, const char* stream, Shape shape, double scale) {
  Tensor out(shape);
  const Rng rng(seed, stream);
  for (std::size_t i = 0; i < out.data.size(); ++i)
    out.data[i] = static_cast<float>(scale * rng.normal(i));
  return out;
}

Tensor product_of(const Tensor& x, const Tensor& teacher) {
  const auto d_in = static_cast<std::size_t>(teacher.shape[0]);
  const auto d_out = static_cast<std::size_t>(teacher.shape[1]);
  Tensor out({x.shape[0], teacher.shape[1]});
  for (std::size_t i = 0; i < out.data.size(); ++i) {
    const std::size_t row = i / d_out, column = i % d_out;
    double sum = 0;
    for (std::size_t k = 0; k < d_in; ++k)
      sum += static_cast<double>(x.data[row * d_in + k]) *
             static_cast<double>(teacher.data[k * d_out + column]);
    out.data[i] = static_cast<float>(sum);
  }
  return out;
}

TaskData make(const Params& params) {
  const Sizes s(params);
  const auto seed = static_cast<std::uint64_t>(params.integer("data_seed"));
  Tensor x = normals(seed, "inputs", {s.n(), s.d_in}, 1);
  const double deviation = std::sqrt(0.5 / static_cast<double>(s.d_in));
  const Tensor teacher = normals(seed, "teacher", {s.d_in, s.d_out}, deviation);
  TaskData data;
  data.d_vocab = static_cast<int>(s.n());
  data.d_vocab_out = static_cast<int>(s.d_out);
  data.n_ctx = 1;
  data.tokens = TokenTensor({s.n(), 1});
  data.labels = TokenTensor({s.n(), 1});
  std::iota(data.tokens.data.begin(), data.tokens.data.end(), 0);
  data.targets = std::make_shared<const Tensor>(product_of(x, teacher));
  data.features = std::make_shared<const Tensor>(std::move(x));
  data.train.resize(static_cast<std::size_t>(s.n_train));
  data.test.resize(static_cast<std::size_t>(s.n_test));
  std::iota(data.train.begin(), data.train.end(), 0);
  std::iota(data.test.begin(), data.test.end(), static_cast<std::int32_t>(s.n_train));
  return data;
}

}  // namespace

const TaskDef& tasks::teacher_student() {
  static constexpr TaskDef def{.name = "teacher_student",
                               .meaning = "linear regression on the outputs of a linear teacher",
                               .source = "Levi et al. 2023, arXiv:2310.16441",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
