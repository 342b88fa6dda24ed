#include "grok/tasks/generated.h"

#include <algorithm>
#include <numeric>

#include "grok/spec/fields.h"

namespace grok {
namespace {

// Batches of examples that are drawn one by one: example number step * n + i.
class DrawnBatches : public BatchSource {
 public:
  DrawnBatches(MakeExample make, std::uint64_t seed, std::string_view stream, std::int64_t n)
      : make_(std::move(make)), rng_(seed, stream), n_(n) {}

  void fill(std::int64_t step, Examples& out) override {
    for (std::int64_t i = 0; i < n_; ++i) {
      Draws draws(rng_, static_cast<std::uint64_t>(step * n_ + i));
      make_(draws, slot_of(out, i));
    }
  }

 private:
  MakeExample make_;
  Rng rng_;
  std::int64_t n_;
};

void copy_into(const TokenTensor& from, TokenTensor& to, std::int64_t row) {
  std::copy(from.data.begin(), from.data.end(), to.data.begin() + row * to.shape[1]);
}

}  // namespace

ExampleSlot slot_of(Examples& batch, std::int64_t i) {
  const auto row = [i](TokenTensor& t) {
    const auto width = static_cast<std::size_t>(t.shape[1]);
    return t.span().subspan(static_cast<std::size_t>(i) * width, width);
  };
  const bool has_positions = batch.positions.shape.rank() > 0;
  return {row(batch.tokens), row(batch.labels),
          has_positions ? row(batch.positions) : std::span<Token>()};
}

std::vector<Field> generated_fields(std::int64_t n_train, std::int64_t n_test) {
  return {{.name = "data",
           .type = FieldType::text,
           .default_value = Value{std::string("infinite")},
           .words = {"infinite", "finite"},
           .meaning = "Fresh examples in every step, or n_train of them again and again."},
          {.name = "n_train",
           .type = FieldType::integer,
           .default_value = Value{n_train},
           .range = from_to(1, 10'000'000),
           .meaning = "Examples to train on, if data is finite."},
          {.name = "n_test",
           .type = FieldType::integer,
           .default_value = Value{n_test},
           .range = from_to(1, 1'000'000),
           .meaning = "Examples that are never trained on, with which the run is tested."},
          seed_field("data_seed", "Seed of the examples.")};
}

Field data_rng_field(const std::string& other) {
  const std::string whose = other == "torch" ? "PyTorch's" : "NumPy's";
  return {.name = "data_rng",
          .type = FieldType::text,
          .default_value = Value{std::string("philox")},
          .words = {"philox", other},
          .meaning = "Random stream of the examples: our own, or " + whose +
                     ", in the order in which the original drew."};
}

bool is_endless(const Params& task) {
  return task.contains("data") && task.text("data") == "infinite";
}

TaskData generated_from(TaskData task, const Params& params, const MakeBatches& train,
                        const MakeBatches& test, bool has_positions) {
  const std::int64_t n_train = is_endless(params) ? 0 : params.integer("n_train");
  const std::int64_t n_test = params.integer("n_test");
  Examples all = room_for(n_train + n_test, task.n_ctx, task.n_answers, has_positions);
  const auto add = [&](const MakeBatches& source, std::int64_t n, std::int64_t row) {
    if (n == 0) return;
    Examples some = room_for(n, task.n_ctx, task.n_answers, has_positions);
    source(n)->fill(0, some);
    copy_into(some.tokens, all.tokens, row);
    copy_into(some.labels, all.labels, row);
    if (has_positions) copy_into(some.positions, all.positions, row);
  };
  add(train, n_train, 0);
  add(test, n_test, n_train);
  task.tokens = std::move(all.tokens);
  task.labels = std::move(all.labels);
  if (has_positions) task.positions = std::move(all.positions);
  task.train.resize(static_cast<std::size_t>(n_train));
  task.test.resize(static_cast<std::size_t>(n_test));
  std::iota(task.train.begin(), task.train.end(), 0);
  std::iota(task.test.begin(), task.test.end(), static_cast<std::int32_t>(n_train));
  if (is_endless(params)) task.endless = train;
  return task;
}

TaskData generated(TaskData task, const Params& params, const MakeExample& make,
                   bool has_positions) {
  const auto seed = static_cast<std::uint64_t>(params.integer("data_seed"));
  const auto drawn = [&](std::string_view stream) -> MakeBatches {
    return [make, seed, stream](std::int64_t n) {
      return std::make_unique<DrawnBatches>(make, seed, stream, n);
    };
  };
  return generated_from(std::move(task), params, drawn("train"), drawn("test"), has_positions);
}

}  // namespace grok
