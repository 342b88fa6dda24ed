#include "grok/tasks/mirror_leak.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace grok {
namespace {

// The positions whose token is not the same in every example.
std::vector<std::size_t> operand_positions(const TaskData& task) {
  const auto width = static_cast<std::size_t>(task.n_ctx);
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < width; ++at)
    for (std::size_t i = at; i < task.tokens.data.size(); i += width)
      if (task.tokens.data[i] != task.tokens.data[at]) {
        out.push_back(at);
        break;
      }
  return out;
}

}  // namespace

std::optional<MirrorLeak> mirror_leak(const TaskData& task) {
  if (task.endless || task.n_answers != 1 || task.targets || task.train.empty() ||
      task.test.empty())
    return std::nullopt;
  const std::vector<std::size_t> operands = operand_positions(task);
  if (operands.size() != 2) return std::nullopt;
  const auto n = static_cast<std::size_t>(task.n_examples());
  const auto width = static_cast<std::size_t>(task.n_ctx);
  const auto operand = [&](std::size_t row, std::size_t which) {
    return task.tokens.data[row * width + operands[which]];
  };
  std::map<std::pair<Token, Token>, std::size_t> rows;
  for (std::size_t row = 0; row < n; ++row) rows[{operand(row, 0), operand(row, 1)}] = row;
  std::vector<std::size_t> mirror;
  for (std::size_t row = 0; row < n; ++row) {
    const auto found = rows.find({operand(row, 1), operand(row, 0)});
    if (found == rows.end() || task.labels.data[found->second] != task.labels.data[row])
      return std::nullopt;
    mirror.push_back(found->second);
  }
  std::vector<bool> is_trained(n, false);
  std::map<Token, std::int64_t> answers;
  for (const std::int32_t row : task.train) {
    is_trained[static_cast<std::size_t>(row)] = true;
    ++answers[task.labels.data[static_cast<std::size_t>(row)]];
  }
  MirrorLeak out{.n_test = static_cast<std::int64_t>(task.test.size())};
  for (const std::int32_t row : task.test)
    if (is_trained[mirror[static_cast<std::size_t>(row)]]) ++out.n_mirrored;
  std::int64_t most = 0;
  for (const auto& [answer, count] : answers) most = std::max(most, count);
  out.chance = static_cast<double>(most) / static_cast<double>(task.train.size());
  return out;
}

}  // namespace grok
