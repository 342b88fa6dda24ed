#include "grok/tasks/split.h"

#include <cmath>
#include <numeric>

#include "grok/base/error.h"
#include "grok/base/python_random.h"
#include "grok/base/rng.h"
#include "grok/base/torch_random.h"
#include "grok/spec/fields.h"

namespace grok {
namespace {

std::vector<std::int32_t> shuffled(std::int32_t n, std::uint64_t seed, std::string_view rng) {
  if (rng == "philox") return Rng(seed, "split").shuffled(n);
  if (rng == "torch") return TorchRandom(seed).randperm(n);
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  if (rng == "python") {
    PythonRandom(seed).shuffle(std::span<std::int32_t>(order));
  } else {
    GROK_REQUIRE(rng == "numpy", std::string(rng));
    NumpyRandom(static_cast<std::uint32_t>(seed)).shuffle(std::span<std::int32_t>(order));
  }
  return order;
}

}  // namespace

std::int32_t n_trained(std::int32_t n, double fraction, std::string_view rng) {
  if (rng != "numpy") return static_cast<std::int32_t>(fraction * n);
  return static_cast<std::int32_t>(std::nearbyint(fraction * n));
}

Split shuffled_split(std::int32_t n, double fraction, std::uint64_t seed, std::string_view rng) {
  const std::vector<std::int32_t> order = shuffled(n, seed, rng);
  const auto cut = order.begin() + n_trained(n, fraction, rng);
  return {{order.begin(), cut}, {cut, order.end()}};
}

std::vector<Field> split_fields(double train_fraction) {
  return {{.name = "train_fraction",
           .type = FieldType::real,
           .default_value = Value{train_fraction},
           .range = {Bound{0, false}, Bound{1, true}},
           .meaning = "Share of the examples that are trained on."},
          seed_field("split_seed", "Seed of the split into train and test."),
          {.name = "split_rng",
           .type = FieldType::text,
           .default_value = Value{std::string("philox")},
           .words = {"philox", "python", "numpy", "torch"},
           .meaning = "Random stream of the split: our own, Python's random.shuffle, NumPy's "
                      "RandomState.shuffle (which rounds the share), or PyTorch's random_split."}};
}

void check_split(const Params& task, std::int64_t n, Mistakes& mistakes) {
  if (n_trained(static_cast<std::int32_t>(n), task.real("train_fraction"), task.text("split_rng")) <
      1)
    mistakes.add("train_fraction", "leaves no example to train on: there are " + std::to_string(n));
}

Split split_of(const Params& task, std::int64_t n) {
  return shuffled_split(static_cast<std::int32_t>(n), task.real("train_fraction"),
                        static_cast<std::uint64_t>(task.integer("split_seed")),
                        task.text("split_rng"));
}

void split_rows(const Params& task, TaskData& data) {
  Split split = split_of(task, data.n_examples());
  data.train = std::move(split.train);
  data.test = std::move(split.test);
}

}  // namespace grok
