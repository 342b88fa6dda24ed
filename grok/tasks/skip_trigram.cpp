#include <algorithm>

#include "grok/base/error.h"
#include "grok/base/torch_random.h"
#include "grok/spec/fields.h"
#include "grok/tasks/generated.h"
#include "grok/tasks/task.h"

// "A ... B -> C": somewhere among noise stands one of n_keys keys, at the end a query; the answer,
// at the query, says which key it was. One skip trigram per key: key, anything, query -> answer.
//
//   tokens    0, length tokens of noise with one key among them, 1 (the query)
//   noise     2 .. n_noise + 1
//   keys      n_noise + 2 .. n_noise + n_keys + 1; key m asks for class m
//   data_rng  "torch": a generator of data_seed draws, for each batch, the noise of all rows (also
//             where the key goes), then all keys, then their places; that of data_seed + 1 draws
//             what is tested with
//   source    Nanda et al. 2023, arXiv:2301.05217 (skip trigrams); a one-layer attention-only model
namespace grok {
namespace {

constexpr Token begin_token = 0, query_token = 1, first_noise = 2;

struct Sizes {
  int length, n_noise, n_keys;

  explicit Sizes(const Params& p)
      : length(static_cast<int>(p.integer("length"))),
        n_noise(static_cast<int>(p.integer("n_noise"))),
        n_keys(static_cast<int>(p.integer("n_keys"))) {}
  Token key(Token m) const { return static_cast<Token>(first_noise + n_noise) + m; }
};

const Schema& schema() {
  static const Schema schema = [] {
    Schema out;
    out.fields.push_back(integer_field("length", 40, from_to(1, 10'000),
                                       "Positions of noise, one of which the key takes."));
    out.fields.push_back(
        integer_field("n_noise", 10, from_to(1, 10'000), "Different tokens of noise."));
    out.fields.push_back(integer_field("n_keys", 10, from_to(1, 10'000), "Keys, and so classes."));
    for (Field& field : generated_fields(50)) out.fields.push_back(std::move(field));
    out.fields.push_back(data_rng_field("torch"));
    return out;
  }();
  return schema;
}

void write(const Sizes& s, Token m, Token index, ExampleSlot out) {
  out.tokens[0] = begin_token;
  out.tokens[out.tokens.size() - 1] = query_token;
  out.tokens[static_cast<std::size_t>(index)] = s.key(m);
  out.labels[0] = m;
}

// As the original draws a batch: all noise, then all keys, then all places.
void draw_as_torch(const Sizes& sizes, TorchRandom& stream, Examples& out) {
  const std::int64_t n = out.labels.shape[0];
  for (std::int64_t i = 0; i < n; ++i)
    for (Token& t : slot_of(out, i).tokens.subspan(1, static_cast<std::size_t>(sizes.length)))
      t = static_cast<Token>(stream.randint(first_noise, first_noise + sizes.n_noise));
  for (Token& m : out.labels.data) m = static_cast<Token>(stream.randint(0, sizes.n_keys));
  for (std::int64_t i = 0; i < n; ++i) {
    const ExampleSlot slot = slot_of(out, i);
    write(sizes, slot.labels[0], static_cast<Token>(stream.randint(1, sizes.length + 1)), slot);
  }
}

TaskData with_sources(TaskData data, const Sizes& sizes) {
  const std::int64_t n = data.n_examples();
  data.sources = TokenTensor(Shape{n});
  for (std::int64_t i = 0; i < n; ++i) {
    const auto row = data.tokens.data.begin() + i * data.n_ctx;
    const auto key =
        std::find_if(row, row + data.n_ctx, [&](Token t) { return t >= sizes.key(0); });
    data.sources.data[static_cast<std::size_t>(i)] = static_cast<Token>(key - row);
  }
  return data;
}

TaskData make(const Params& params) {
  const Sizes sizes(params);
  TaskData data;
  data.d_vocab = first_noise + sizes.n_noise + sizes.n_keys;
  data.d_vocab_out = sizes.n_keys;
  data.n_ctx = sizes.length + 2;
  const MakeExample example = [sizes](Draws& draws, ExampleSlot out) {
    for (Token& t : out.tokens) t = draws.between(first_noise, first_noise + sizes.n_noise);
    const Token m = draws.below(sizes.n_keys);
    write(sizes, m, draws.between(1, sizes.length + 1), out);
  };
  if (params.text("data_rng") == "philox")
    return with_sources(generated(std::move(data), params, example), sizes);
  const auto seed = static_cast<std::uint64_t>(params.integer("data_seed"));
  const DrawBatch<TorchRandom> draw = [sizes](TorchRandom& stream, Examples& out) {
    draw_as_torch(sizes, stream, out);
  };
  return with_sources(generated_from(std::move(data), params, batches_from(seed, draw),
                                     batches_from(seed + 1, draw)),
                      sizes);
}

}  // namespace

const TaskDef& tasks::skip_trigram() {
  static constexpr TaskDef def{.name = "skip_trigram",
                               .meaning = "which key stood before the query, somewhere in noise",
                               .source = "Nanda et al. 2023, arXiv:2301.05217",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
