#include "bench/step_case.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "bench/measure.h"
#include "grok/base/error.h"
#include "grok/store/safetensors.h"
#include "grok/train/trainer.h"

namespace grok::bench {
namespace {

// Enough that a step does not find its batch in the first cache.
constexpr std::int64_t n_ready = 16;

// Batches that are there already, one after another and then again.
class InTurn : public BatchSource {
 public:
  explicit InTurn(const std::vector<Examples>& ready) : ready_(ready) {}

  void fill(std::int64_t step, Examples& out) override {
    const Examples& from = ready_[static_cast<std::size_t>(step) % ready_.size()];
    std::ranges::copy(from.tokens.data, out.tokens.data.begin());
    std::ranges::copy(from.labels.data, out.labels.data.begin());
    if (out.positions.shape.rank() > 0)
      std::ranges::copy(from.positions.data, out.positions.data.begin());
  }

 private:
  std::vector<Examples> ready_;
};

void draw_batches(StepCase& c) {
  const std::int64_t n = c.spec.train.integer("batch");
  const auto seed = static_cast<std::uint64_t>(c.spec.train.integer("seed"));
  const Examples room = room_for(n, c.task.n_ctx, c.task.n_answers, c.task.has_positions());
  c.batches.assign(static_cast<std::size_t>(n_ready), room);
  const auto source = batches_of(c.task, n, seed);
  c.draw_ms = wall_milliseconds([&] {
                for (std::int64_t i = 0; i < n_ready; ++i)
                  source->fill(i, c.batches[static_cast<std::size_t>(i)]);
              }) /
              static_cast<double>(n_ready);
  c.task.endless = [ready = c.batches](std::int64_t) { return std::make_unique<InTurn>(ready); };
}

Tensor as_floats(const TokenTensor& from) {
  constexpr Token most = 1 << 24;
  Tensor out(from.shape);
  for (std::size_t i = 0; i < out.data.size(); ++i) {
    GROK_REQUIRE(from.data[i] < most, "token " + std::to_string(from.data[i]));
    out.data[i] = static_cast<float>(from.data[i]);
  }
  return out;
}

void add_examples(const std::string& prefix, const Examples& examples, NamedTensors& out) {
  out.add(prefix + "tokens", as_floats(examples.tokens));
  out.add(prefix + "labels", as_floats(examples.labels));
  if (examples.positions.shape.rank() > 0)
    out.add(prefix + "positions", as_floats(examples.positions));
}

Tensor target_rows(const Tensor& all, std::span<const std::int32_t> rows) {
  const auto width = static_cast<std::size_t>(all.shape[1]);
  Tensor out(all.shape.with(0, static_cast<std::int64_t>(rows.size())));
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy_n(&all.data[static_cast<std::size_t>(rows[i]) * width], width, &out.data[i * width]);
  return out;
}

}  // namespace

StepCase step_case(std::string name, RunSpec spec) {
  StepCase out{
      .name = std::move(name), .spec = std::move(spec), .task = {}, .batches = {}, .draw_ms = 0};
  out.task = tasks::data_of(out.spec.task);
  if (out.spec.train.is_text("batch"))
    out.batches = {examples_of(out.task, out.task.train)};
  else
    draw_batches(out);
  return out;
}

RunSpec full_batch(RunSpec spec) {
  spec.train.set("batch", std::string("full"));
  return spec;
}

void write_for_peer(const StepCase& c, const std::filesystem::path& path) {
  const TaskData& task = c.task;
  NamedTensors out;
  for (const auto& [name, tensor] : first_checkpoint(c.spec, task).weights)
    out.add("weights." + name, tensor);
  for (std::size_t i = 0; i < c.batches.size(); ++i)
    add_examples("batch." + std::to_string(i) + ".", c.batches[i], out);
  add_examples("test.", examples_of(task, task.test), out);
  if (task.features) out.add("features", *task.features);
  if (task.targets) {
    out.add("batch.0.targets", target_rows(*task.targets, task.train));
    out.add("test.targets", target_rows(*task.targets, task.test));
  }
  const nlohmann::json sizes{{"n_ctx", task.n_ctx},
                             {"d_vocab", task.d_vocab},
                             {"d_vocab_out", task.d_vocab_out},
                             {"n_answers", task.n_answers},
                             {"answers_begin", task.answers_begin()},
                             {"n_batches", c.batches.size()}};
  write_safetensors(path, out, {{"spec", canonical_json(c.spec)}, {"sizes", sizes.dump()}});
}

}  // namespace grok::bench
