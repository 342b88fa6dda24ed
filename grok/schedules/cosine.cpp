#include "grok/base/exact_math.h"
#include "grok/schedules/decline.h"

// Half a cosine's wave from lr down to final * lr. After a long linear warm-up it is the schedule
// of Quirke et al. 2024 (arXiv:2402.02619); with until = 100000 and final = 0.1 openai/grok's.
//   source  Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts
namespace grok {
namespace {

double factor(const Params& params, std::int64_t step, std::int64_t warmup) {
  const double final = params.real("final");
  const double wave = exact_cos_sin_2pi(part_done(params, step, warmup) / 2).cos;
  return final + (1 - final) * (1 + wave) / 2;
}

}  // namespace

const LrScheduleDef& schedules::cosine() {
  static constexpr LrScheduleDef def{.name = "cosine",
                                     .meaning = "falls as half a cosine's wave",
                                     .source = "Loshchilov and Hutter 2017, arXiv:1608.03983",
                                     .schema = decline_schema,
                                     .factor = factor};
  return def;
}

}  // namespace grok
