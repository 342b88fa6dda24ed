#include "grok/base/error.h"
#include "grok/base/torch_random.h"
#include "grok/tasks/generated.h"
#include "grok/tasks/task.h"

// "A ... B -> C": somewhere among noise stands one of n_keys keys, at the end a query; the answer,
// at the query, says which key it was. One skip trigram per key: key, anything, query -> answer.
//
//   tokens    0, length tokens of noise with one key among them, 1 (the query)
//   noise     2 .. n_noise + 1
//   keys      n_noise + 2 .. n_noise + n_keys + 1; key m asks for class m
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
    const auto size = [&](const char* name, std::int64_t otherwise, const char* meaning) {
      out.fields.push_back({.name = name,
                            .type = FieldType::integer,
                            .default_value = Value{otherwise},
                            .range = from_to(1, 10'000),
                            .meaning = meaning});
    };
    size("length", 40, "Positions of noise, one of which the key takes.");
    size("n_noise", 10, "Different tokens of noise.");
    size("n_keys", 10, "Keys, and so classes.");
    for (Field& field : generated_fields(50)) out.fields.push_back(std::move(field));
    out.fields.push_back({.name = "data_rng",
                          .type = FieldType::text,
                          .default_value = Value{std::string("philox")},
                          .words = {"philox", "torch"},
                          .meaning = "Random stream of the examples: our own, or the original's "
                                     "PyTorch generator."});
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
class TorchBatches : public BatchSource {
 public:
  TorchBatches(const Sizes& sizes, std::uint64_t seed, std::int64_t n)
      : sizes_(sizes), seed_(seed), stream_(seed), n_(n), m_(static_cast<std::size_t>(n)) {}

  void fill(std::int64_t step, Examples& out) override {
    if (step < next_) {
      stream_ = TorchRandom(seed_);
      next_ = 0;
    }
    while (next_ <= step) {
      draw(out);
      ++next_;
    }
  }

 private:
  void draw(Examples& out) {
    const auto n_ctx = static_cast<std::size_t>(sizes_.length + 2);
    const auto row = [&](std::size_t i) { return out.tokens.span().subspan(i * n_ctx, n_ctx); };
    for (std::size_t i = 0; i < m_.size(); ++i)
      for (Token& t : row(i).subspan(1, n_ctx - 2))
        t = static_cast<Token>(stream_.randint(first_noise, first_noise + sizes_.n_noise));
    for (Token& m : m_) m = static_cast<Token>(stream_.randint(0, sizes_.n_keys));
    for (std::size_t i = 0; i < m_.size(); ++i)
      write(sizes_, m_[i], static_cast<Token>(stream_.randint(1, sizes_.length + 1)),
            {row(i), out.labels.span().subspan(i, 1), {}});
  }

  Sizes sizes_;
  std::uint64_t seed_;
  TorchRandom stream_;
  std::int64_t n_;
  std::vector<Token> m_;
  std::int64_t next_ = 0;
};

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
  if (params.text("data_rng") == "philox") return generated(std::move(data), params, example);
  const auto seed = static_cast<std::uint64_t>(params.integer("data_seed"));
  const auto torch = [sizes](std::uint64_t s) -> MakeBatches {
    return [sizes, s](std::int64_t n) { return std::make_unique<TorchBatches>(sizes, s, n); };
  };
  return generated_from(std::move(data), params, torch(seed), torch(seed + 1));
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
