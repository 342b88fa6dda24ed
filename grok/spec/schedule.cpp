#include "grok/spec/schedule.h"

#include <algorithm>

#include "grok/base/error.h"

namespace grok {
namespace {

struct Ratio {
  std::int64_t numerator, denominator;
};

// Within one octave. Small fractions rather than powers of the root of two: exact on any machine.
constexpr Ratio octave_in_4[] = {{1, 1}, {6, 5}, {7, 5}, {5, 3}};
constexpr Ratio octave_in_2[] = {{1, 1}, {7, 5}};
constexpr Ratio octave_in_1[] = {{1, 1}};

std::span<const Ratio> octave(std::int64_t n_points) {
  if (n_points == 4) return octave_in_4;
  if (n_points == 2) return octave_in_2;
  if (n_points == 1) return octave_in_1;
  return {};
}

// To nearest; never a tie, since the denominators are odd.
std::int64_t rounded(const Ratio& ratio, std::int64_t power) {
  return (2 * ratio.numerator * power + ratio.denominator) / (2 * ratio.denominator);
}

// The log-spaced steps up to `last` that are closer than `every` to the one before (0: however
// far).
std::vector<std::int64_t> log_steps(std::int64_t n_per_octave, std::int64_t every,
                                    std::int64_t last) {
  std::vector<std::int64_t> out;
  std::int64_t before = 0;
  for (std::int64_t power = 1; power <= last && n_per_octave > 0; power *= 2) {
    for (const Ratio& ratio : octave(n_per_octave)) {
      const std::int64_t step = rounded(ratio, power);
      if (step > last || (every && step - before >= every)) return out;
      if (step > before) out.push_back(step);  // among the first, two points may round to one
      before = step;
    }
  }
  return out;
}

}  // namespace

Schedule::Schedule(std::int64_t every, std::int64_t n_per_octave, std::int64_t last,
                   std::int64_t first)
    : every_(every), last_(last), first_(first) {
  GROK_REQUIRE(every >= 0, "every " + std::to_string(every));
  GROK_REQUIRE(last >= 0 && last <= (1LL << 40), "last step " + std::to_string(last));
  GROK_REQUIRE(first >= 0 && first <= last, "first step " + std::to_string(first));
  GROK_REQUIRE(is_log_density(n_per_octave), std::to_string(n_per_octave) + " points an octave");
  log_steps_ = log_steps(n_per_octave, every, last);
}

bool Schedule::contains(std::int64_t step) const {
  if (step == first_ || step == last_) return true;
  if (step < first_ || step > last_) return false;
  const bool is_regular = every_ > 0 && step % every_ == 0;
  return is_regular || std::binary_search(log_steps_.begin(), log_steps_.end(), step);
}

std::vector<std::int64_t> Schedule::steps(std::int64_t up_to) const {
  const std::int64_t end = std::min(up_to, last_);
  std::vector<std::int64_t> out = log_steps_;
  if (every_ > 0)
    for (std::int64_t step = every_; step <= end; step += every_) out.push_back(step);
  out.push_back(first_);
  out.push_back(last_);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  out.erase(std::upper_bound(out.begin(), out.end(), end), out.end());
  out.erase(out.begin(), std::lower_bound(out.begin(), out.end(), first_));
  return out;
}

bool is_log_density(std::int64_t n_per_octave) {
  return n_per_octave == 0 || !octave(n_per_octave).empty();
}

Schedule record_schedule(const RunSpec& spec) {
  return {spec.record.integer("every"), spec.record.integer("log_points_per_octave"),
          spec.train.integer("steps"), first_step(spec)};
}

Schedule keyframe_schedule(const RunSpec& spec) {
  const std::string& kind = spec.record.text("keyframes");
  const std::int64_t every = kind == "ends" ? 0 : spec.record.integer("keyframe_every");
  return {every, kind == "log" ? 2 : 0, spec.train.integer("steps"), first_step(spec)};
}

bool is_recorded(const RunSpec& spec, std::int64_t step) {
  return record_schedule(spec).contains(step);
}
bool is_keyframe(const RunSpec& spec, std::int64_t step) {
  return keyframe_schedule(spec).contains(step);
}
std::vector<std::int64_t> record_steps(const RunSpec& spec, std::int64_t up_to) {
  return record_schedule(spec).steps(up_to);
}
std::vector<std::int64_t> keyframe_steps(const RunSpec& spec, std::int64_t up_to) {
  return keyframe_schedule(spec).steps(up_to);
}

}  // namespace grok
