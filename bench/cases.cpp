#include "bench/cases.h"

#include "tests/support/small_spec.h"

namespace grok::bench {
namespace {

constexpr Case all_cases[] = {
    {"canonical", 113, 0.3, 128, 4, 32, 512},
    {"p59_d64", 59, 0.3, 64, 4, 16, 128},
    {"p59_d32", 59, 0.3, 32, 4, 8, 64},
    {"p23_d32", 23, 0.6, 32, 4, 8, 64},
};

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

}  // namespace grok::bench
