#include "grok/cli/steps.h"

#include <algorithm>
#include <charconv>

#include "grok/base/error.h"
#include "grok/cli/format.h"

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

std::int64_t keyframe_step(const RunFile& file, const std::string& text) {
  const std::vector<std::int64_t> all = all_keyframes(file);
  if (text == "last") return all.back();
  const std::int64_t step = parse_step(text);
  const auto after = std::lower_bound(all.begin(), all.end(), step);
  if (after != all.end() && *after == step) return step;
  std::string near;
  if (after != all.begin()) near += " " + std::to_string(*(after - 1));
  if (after != all.end()) near += (near.empty() ? " " : " and ") + std::to_string(*after);
  throw Error(ErrorCode::not_found, file.path().string() + ": no keyframe at step " +
                                        std::to_string(step) + "; the nearest are at" + near);
}

std::vector<std::int64_t> keyframe_steps_named(const RunFile& file,
                                               const std::vector<std::string>& list) {
  if (list.empty()) return {all_keyframes(file).back()};
  if (list.size() == 1 && list[0] == "all") return all_keyframes(file);
  std::vector<std::int64_t> out;
  for (const std::string& text : list) out.push_back(keyframe_step(file, text));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace grok::cli
