#include "grok/cli/steps.h"

#include <algorithm>
#include <charconv>

#include "grok/base/error.h"
#include "grok/lab/keyframe.h"

namespace grok::cli {
namespace {

std::int64_t parse_step(const std::string& text) {
  std::int64_t step = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc() || end != text.data() + text.size() || step < 0)
    throw Error(ErrorCode::usage,
                "expected a step (0, 1, 2, ...) or \"last\", found \"" + text + "\"");
  return step;
}

std::vector<std::int64_t> all_keyframes(const RunFile& file) {
  std::vector<std::int64_t> steps = file.keyframe_steps();
  if (steps.empty())
    throw Error(ErrorCode::not_found, file.path().string() + ": has no keyframe yet");
  return steps;
}

}  // namespace

std::int64_t step_named(const RunFile& file, const std::string& text) {
  const std::vector<std::int64_t> keyframes = all_keyframes(file);
  if (text == "last") return keyframes.back();
  const std::int64_t step = parse_step(text), last = file.last_step().value();
  if (step >= keyframes.front() && step <= last) return step;
  throw Error(ErrorCode::not_found, file.path().string() + ": no step " + std::to_string(step) +
                                        "; the run has steps " + std::to_string(keyframes.front()) +
                                        " to " + std::to_string(last));
}

std::vector<std::int64_t> steps_named(const RunFile& file, const std::vector<std::string>& list) {
  if (list.empty()) return {all_keyframes(file).back()};
  if (list.size() == 1 && list[0] == "all") return all_keyframes(file);
  std::vector<std::int64_t> out;
  for (const std::string& text : list) out.push_back(step_named(file, text));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Weights StepWeights::at(std::int64_t step) {
  const std::vector<std::int64_t> keyframes = file_.keyframe_steps();
  if (std::binary_search(keyframes.begin(), keyframes.end(), step))
    return weights_of(file_.keyframe(step));
  if (!replayer_) {
    pool_ = std::make_unique<ThreadPool>(n_threads_ > 0 ? n_threads_ : n_cores());
    replayer_ = std::make_unique<Replayer>(file_, *pool_);
  }
  return replayer_->at(step)->weights;
}

}  // namespace grok::cli
