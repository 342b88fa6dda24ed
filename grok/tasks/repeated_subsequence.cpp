#include "grok/base/python_random.h"
#include "grok/spec/fields.h"
#include "grok/tasks/generated.h"
#include "grok/tasks/task.h"

// A stretch of random tokens that comes back among random tokens, at places that change: what an
// induction head predicts.
//
//   tokens     token 0, then `length` random tokens of 1 .. d_vocab - 1. These positions 1 ..
//   length
//              are cut into n_copies intervals of equal size; in each begins, anywhere where it
//              still fits, one copy of the same repeat_length tokens: those of the first interval
//   answers    in each later copy, at every position but its last: the token that follows.
//              (n_copies - 1) (repeat_length - 1) of them, copy by copy, at places of their own in
//              each example
//   data_rng   "numpy": RandomState(data_seed) draws, for each batch, randint(1, d_vocab) for all
//              positions of all rows, position 0 too, then the starts of all rows in the first
//              interval, then in the second, and so on; that of data_seed + 1 draws what is tested
//              with. An infinite run threw its first batch away
//   source     Nanda et al. 2023, arXiv:2301.05217 (repeated subsequences)
namespace grok {
namespace {

constexpr Token begin_token = 0;

struct Sizes {
  Token d_vocab;
  int length, n_copies, repeat;

  explicit Sizes(const Params& p)
      : d_vocab(static_cast<Token>(p.integer("d_vocab"))),
        length(static_cast<int>(p.integer("length"))),
        n_copies(static_cast<int>(p.integer("n_copies"))),
        repeat(static_cast<int>(p.integer("repeat_length"))) {}
  int interval() const { return length / n_copies; }
  // Where copy r may begin: from `first_start` to just before `end_start`.
  Token first_start(int r) const { return 1 + r * interval(); }
  Token end_start(int r) const { return first_start(r) + interval() - repeat + 1; }
};

Schema make_schema() {
  Schema out;
  out.fields.push_back(integer_field("d_vocab", 128, from_to(3, 100'000),
                                     "Tokens, with the one that begins every sequence."));
  out.fields.push_back(
      integer_field("length", 84, from_to(4, 10'000), "Positions after the begin token."));
  out.fields.push_back(integer_field("n_copies", 3, from_to(2, 100),
                                     "How often the subsequence stands in the sequence."));
  out.fields.push_back(
      integer_field("repeat_length", 16, from_to(2, 1'000), "Tokens of the subsequence."));
  for (Field& field : generated_fields(512)) out.fields.push_back(std::move(field));
  out.fields.push_back(data_rng_field("numpy"));
  out.check = [](const Params& params, Mistakes& mistakes) {
    const Sizes s(params);
    if (s.length % s.n_copies != 0)
      mistakes.add("length", "expected a multiple of n_copies = " + std::to_string(s.n_copies) +
                                 ", found " + std::to_string(s.length));
    else if (s.repeat > s.interval())
      mistakes.add("repeat_length",
                   "expected at most " + std::to_string(s.interval()) +
                       ", since length / n_copies positions must hold one copy, found " +
                       std::to_string(s.repeat));
  };
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

// Writes copy r (not the first) over the random tokens, and its answers.
void write_copy(const Sizes& s, int r, Token first, Token start, ExampleSlot out) {
  const auto at = [](Token position) { return static_cast<std::size_t>(position); };
  for (Token j = 0; j < s.repeat; ++j) out.tokens[at(start + j)] = out.tokens[at(first + j)];
  for (Token j = 0; j + 1 < s.repeat; ++j) {
    const std::size_t answer = at((r - 1) * (s.repeat - 1) + j);
    out.positions[answer] = start + j;
    out.labels[answer] = out.tokens[at(start + j + 1)];
  }
}

void draw_example(const Sizes& s, Draws& draws, ExampleSlot out) {
  for (Token& t : out.tokens) t = draws.between(1, s.d_vocab);
  const Token first = draws.between(s.first_start(0), s.end_start(0));
  for (int r = 1; r < s.n_copies; ++r)
    write_copy(s, r, first, draws.between(s.first_start(r), s.end_start(r)), out);
  out.tokens[0] = begin_token;
}

void draw_as_numpy(const Sizes& s, NumpyRandom& stream, Examples& out) {
  for (Token& t : out.tokens.data) t = static_cast<Token>(stream.randint(1, s.d_vocab));
  for (int r = 0; r < s.n_copies; ++r)
    for (std::int64_t i = 0; i < out.tokens.shape[0]; ++i) {
      const auto start = static_cast<Token>(stream.randint(s.first_start(r), s.end_start(r)));
      const ExampleSlot slot = slot_of(out, i);
      // Position 0 keeps in mind where the first copy is until all others are written.
      if (r == 0)
        slot.tokens[0] = start;
      else
        write_copy(s, r, slot.tokens[0], start, slot);
    }
  for (std::int64_t i = 0; i < out.tokens.shape[0]; ++i) slot_of(out, i).tokens[0] = begin_token;
}

TaskData make(const Params& params) {
  const Sizes sizes(params);
  TaskData data;
  data.d_vocab = sizes.d_vocab;
  data.d_vocab_out = sizes.d_vocab;
  data.n_ctx = sizes.length + 1;
  data.n_answers = (sizes.n_copies - 1) * (sizes.repeat - 1);
  if (params.text("data_rng") == "philox") {
    const MakeExample example = [sizes](Draws& draws, ExampleSlot out) {
      draw_example(sizes, draws, out);
    };
    return generated(std::move(data), params, example, true);
  }
  const auto seed = static_cast<std::uint64_t>(params.integer("data_seed"));
  const DrawBatch<NumpyRandom> draw = [sizes](NumpyRandom& stream, Examples& out) {
    draw_as_numpy(sizes, stream, out);
  };
  return generated_from(std::move(data), params,
                        batches_from(seed, draw, is_endless(params) ? 1 : 0),
                        batches_from(seed + 1, draw), true);
}

}  // namespace

const TaskDef& tasks::repeated_subsequence() {
  static constexpr TaskDef def{.name = "repeated_subsequence",
                               .meaning = "the next token of a subsequence seen before, in noise",
                               .source = "Nanda et al. 2023, arXiv:2301.05217",
                               .schema = schema,
                               .make = make};
  return def;
}

}  // namespace grok
