#include <algorithm>
#include <string>
#include <utility>

#include "grok/spec/fields.h"
#include "grok/tasks/generated.h"
#include "grok/tasks/task.h"

// Two hops through values: which value stands most often before a marker. Each attention pattern
// that is needed is there from the start (the position before; the markers); only what is moved has
// to be moved twice, by a head of the second layer from where a head of the first layer put it: a
// virtual head.
//
//   tokens     v_1 s_1 v_2 s_2 .. v_N s_N query, with N = n_values n_copies slots. v: a value, 0 ..
//              n_values - 1; s: n_values (blank) or n_values + 1 (marker); query: n_values + 2
//   example    each value stands in n_copies slots, n_marked of the slots are marked. Of the slots
//   of
//              one value, the answer, two are marked; of n_marked - 2 other values, one each; which
//              values, and in which slots they stand, is drawn
//   answer     at the query, the value that is marked twice
//
// Why two layers of attention, and composition of values:
//   - the row of all values has the same distribution for every answer (all orders of a fixed list
//     are equally likely), and so has the row of all marks. Only pairs (v_i, s_i) of neighbours
//     tell anything. A head of a single layer averages a sum of terms, each of one token and its
//     position; one term knows v_i or s_i, never both
//   - composition of keys is of no use at v_i, since s_i comes after it; at s_i it can weigh slots
//   by
//     their value, but what is read there without composition of values is the same marker for all.
//     A weight is one number a head, and the answer one of n_values: it would take about n_values
//     heads
//   - composition of queries would have to tell the query which n_marked of N slots are marked, as
//     one vector of d_head numbers, a sum over the slots, and get equal scores for just those:
//     exact only from d_head = N - 1 on. One marked slot found so is the answer with chance 2 /
//     n_marked
//   - composition of values needs one head a layer, and d_head of n_values - 1 or less
// So the size that is meant has two layers without MLPs, fewer heads than n_values, and n_values -
// 1
// <= d_head < N - 1: with the defaults 8 values, 24 slots, say 4 heads of 8.
//   source   our own, after the virtual heads of Elhage et al. 2021, "A mathematical framework for
//            transformer circuits"
namespace grok {
namespace {

struct Sizes {
  Token n_values, n_copies, n_marked;

  explicit Sizes(const Params& p)
      : n_values(static_cast<Token>(p.integer("n_values"))),
        n_copies(static_cast<Token>(p.integer("n_copies"))),
        n_marked(static_cast<Token>(p.integer("n_marked"))) {}
  Token n_slots() const { return n_values * n_copies; }
  Token blank() const { return n_values; }
  Token marker() const { return n_values + 1; }
  Token query() const { return n_values + 2; }
};

Schema make_schema() {
  Schema out;
  out.fields.push_back(
      integer_field("n_values", 8, from_to(2, 1'000), "Different values, and so classes."));
  out.fields.push_back(
      integer_field("n_copies", 3, from_to(2, 100), "Slots in which each value stands."));
  out.fields.push_back(integer_field("n_marked", 6, from_to(3, 1'001),
                                     "Slots with a marker, two of which hold the answer."));
  for (Field& field : generated_fields(1000)) out.fields.push_back(std::move(field));
  out.check = [](const Params& params, Mistakes& mistakes) {
    const Sizes s(params);
    if (s.n_marked > s.n_values + 1)
      mistakes.add("n_marked", "expected at most n_values + 1 = " + std::to_string(s.n_values + 1) +
                                   ", since no value but the answer is marked twice, found " +
                                   std::to_string(s.n_marked));
  };
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

// Writes the slots value by value, the marked ones of each first.
void write_in_order(const Sizes& s, Token answer, Draws& draws, std::span<Token> slots) {
  Token n_wanted = s.n_marked - 2, n_left = s.n_values - 1;
  auto to = slots.begin();
  for (Token value = 0; value < s.n_values; ++value) {
    Token n_marked = 2;
    if (value != answer) {
      n_marked = draws.below(n_left--) < n_wanted ? 1 : 0;
      n_wanted -= n_marked;
    }
    for (Token copy = 0; copy < s.n_copies; ++copy) {
      *to++ = value;
      *to++ = copy < n_marked ? s.marker() : s.blank();
    }
  }
}

void shuffle_slots(Token n_slots, Draws& draws, std::span<Token> slots) {
  for (Token i = n_slots; i-- > 1;) {
    const auto a = 2 * static_cast<std::size_t>(i);
    const auto b = 2 * static_cast<std::size_t>(draws.below(i + 1));
    std::swap(slots[a], slots[b]);
    std::swap(slots[a + 1], slots[b + 1]);
  }
}

TaskData make(const Params& params) {
  const Sizes s(params);
  TaskData data;
  data.d_vocab = s.n_values + 3;
  data.d_vocab_out = s.n_values;
  data.n_ctx = 2 * s.n_slots() + 1;
  return generated(std::move(data), params, [s](Draws& draws, ExampleSlot out) {
    out.labels[0] = draws.below(s.n_values);
    write_in_order(s, out.labels[0], draws, out.tokens);
    shuffle_slots(s.n_slots(), draws, out.tokens);
    out.tokens.back() = s.query();
  });
}

}  // namespace

const TaskDef& tasks::virtual_heads() {
  static constexpr TaskDef def{
      .name = "virtual_heads",
      .meaning = "the value marked most often: values moved by one head and again by another",
      .source = "Elhage et al. 2021, \"A mathematical framework for transformer circuits\"",
      .schema = schema,
      .make = make};
  return def;
}

}  // namespace grok
