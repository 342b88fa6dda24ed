#pragma once
// What a spec of this version may say: the schemas of the catalogues in one place, and the checks
// that no catalogue can make alone.

#include <string>
#include <string_view>
#include <vector>

#include "grok/spec/parse_spec.h"

namespace grok {

/// Tasks, models, losses, optimizers, probes, and the metrics that may end a run.
const SpecSchema& spec_schema();

/// The same with what a spec leaves to the world around it, such as the digests of the files that
/// its task reads: so that the spec of a run names its data.
///   throws   Error as the task's data: a file is missing, unreadable, or not the one that is meant
RunSpec completed_spec(RunSpec spec);

/// A spec that came out of a run file, checked as if it had been written by hand, and completed by
/// the defaults of keys that are newer than the file.
///   throws   Error{unsupported} if this version does not know what it names; Error{damaged} if its
///            values break the schema
RunSpec stored_spec(std::string_view canonical_json);

/// The probes that a run measures, by name. Losses and accuracies are always among them: the stop
/// rule and the phases are read from them.
std::vector<std::string> probes_of(const RunSpec& spec);

}  // namespace grok
