#pragma once
// What a fork changes in a run's state: one thing, so that the difference between two futures has
// one cause. To add an edit, copy reset_moments.cpp and put its name into catalog.def.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grok/spec/run_spec.h"
#include "grok/spec/schema.h"
#include "grok/tasks/task.h"
#include "grok/train/trainer.h"

namespace grok {

/// What edits ask of those who know run files and probes.
struct EditHelp {
  /// The neurons of the last layer that answer to a frequency, with the given weights.
  std::function<std::vector<int>(const Weights& weights, std::int64_t frequency)> cluster;
  struct Found {
    std::string run;  // the digest of its spec
    std::int64_t step = 0;
    Tensor tensor;
  };
  /// A weight of another run, at any step of it; none: at its last keyframe.
  std::function<Found(const std::string& path, std::optional<std::int64_t> step,
                      const std::string& tensor)>
      tensor_of_run;
};

/// One edit at work. It may complete its params, so that they say what was done without the help.
struct EditCall {
  Params& params;
  const RunSpec& spec;
  const TaskData& task;
  Checkpoint& state;
  Texts& frozen;  // names of the weights that stay as they are
  const EditHelp& help;
};

struct EditDef {
  std::string_view name;
  std::string_view meaning;
  const Schema& (*schema)() = nullptr;
  /// throws   Error{usage} where the edit has no meaning: no such tensor, head, frequency
  void (*apply)(const EditCall& call) = nullptr;
};

namespace edits {
#define GROK_EDIT(name) const EditDef& name();
#include "grok/edits/catalog.def"
#undef GROK_EDIT

std::span<const EditDef* const> catalog();
/// Null if there is no edit of that name.
const EditDef* find(std::string_view name);
}  // namespace edits

/// An edit as it was asked for.
struct Edit {
  const EditDef* def = nullptr;
  Params params;
};

/// "NAME" or "NAME:KEY=VALUE,KEY=VALUE", with values as in a spec:
/// remove_frequency:frequency=14,of=unembedding
///   throws   Error{usage} with all mistakes
Edit parse_edit(const std::string& text);

/// The one text of an edit, from which parse_edit reads the same.
std::string edit_text(const Edit& edit);

}  // namespace grok
