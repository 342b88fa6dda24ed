#pragma once
// What the tests of all tasks need: a task made from a few params, and its rows.

#include <span>
#include <vector>

#include "grok/spec/schema.h"
#include "grok/tasks/task.h"

namespace grok {

/// The data of a task, where `given` replaces its defaults; the run's seed is 7.
inline TaskData made(const TaskDef& def, const Params& given = {}) {
  return def.make(checked_params(def.schema(), given, Params{{"seed", std::int64_t{7}}}));
}

/// One row of a tensor of two axes.
inline std::span<const Token> row_of(const TokenTensor& t, std::int64_t row) {
  const auto width = static_cast<std::size_t>(t.shape[1]);
  return t.span().subspan(static_cast<std::size_t>(row) * width, width);
}

inline std::vector<Token> row_vector(const TokenTensor& t, std::int64_t row) {
  const auto r = row_of(t, row);
  return {r.begin(), r.end()};
}

/// The examples of one step of an endless task.
inline Examples batch_of(const TaskData& task, std::int64_t n, std::int64_t step) {
  Examples out = room_for(n, task.n_ctx, task.n_answers, task.has_positions());
  task.endless(n)->fill(step, out);
  return out;
}

}  // namespace grok
