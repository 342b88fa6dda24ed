#include "grok/lab/fork.h"

#include <algorithm>

#include "grok/analysis/neurons.h"
#include "grok/base/error.h"
#include "grok/edits/edit.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/manifest.h"
#include "grok/lab/origin.h"
#include "grok/lab/replayer.h"
#include "grok/lab/spec_schema.h"
#include "grok/optim/update_rule.h"
#include "grok/probes/probe.h"
#include "grok/terms/terms.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

// The state from which a fork begins, while it is made.
class Fork {
 public:
  Fork(const fs::path& parent, const ForkRequest& request, const RunOptions& options)
      : parent_(RunFile::open(parent, Access::read)),
        pool_(options.n_threads > 0 ? options.n_threads : n_cores()),
        replayer_(parent_, pool_),
        spec_(spec_at(request)),
        options_(options) {
    origin_.parent = parent_.spec_digest();
    origin_.parent_file = parent.filename().string();
    origin_.step = request.step;
    origin_.overrides = request.overrides;
    for (const std::string& text : request.edits) edits_.push_back(parse_edit(text));
  }

  /// False if it was broken off.
  bool prepare() {
    const Checkpoint* state = replayer_.at(origin_.step, options_.stop);
    if (!state) return false;
    state_ = *state;
    adopt_optimizer_state();
    apply_edits();
    adopt_terms();
    spec_.fork = origin_spec(origin_);
    return true;
  }

  const RunSpec& spec() const { return spec_; }

  void write(const fs::path& path) const {
    Moment first{.step = origin_.step};
    first.keyframe = keyframe_tensors(state_);
    first.events.push_back(make_event(origin_, parent_.spec_json()));
    RunFile::create(path, canonical_json(spec_), spec_digest(spec_),
                    manifest_json(pool_.n_threads()), &first)
        .close();
  }

 private:
  RunSpec spec_at(const ForkRequest& request) const {
    replayer_.require_step(request.step);
    return forked_spec(replayer_.spec(), request.step, request.overrides);
  }

  // Another optimizer or filter remembers other things; what both remember goes on.
  void adopt_optimizer_state() {
    NamedTensors state = first_optimizer_state(spec_.optim, state_.weights);
    for (auto& [name, tensor] : state) {
      const Tensor* before = state_.optimizer.find(name);
      if (before && before->shape == tensor.shape)
        tensor = *before;
      else
        origin_.has_new_optimizer_state = true;
    }
    state_.optimizer = std::move(state);
  }

  // Terms of another loss keep other things, or read them from the weights where the fork begins.
  // In a fork with the same ones they go on with what they have.
  void adopt_terms() {
    if (spec_.terms == replayer_.spec().terms) return;
    state_.terms =
        terms::read(spec_.terms, tasks::data_of(spec_.task), spec_.model, state_.weights, pool_);
  }

  void apply_edits() {
    const Params& before = replayer_.spec().fork;
    Texts frozen = before.empty() ? Texts{} : before.texts("frozen");
    const TaskData task = tasks::data_of(spec_.task);
    const EditHelp help{
        [&](const Weights& weights, std::int64_t frequency) {
          return cluster(task, weights, frequency);
        },
        [&](const std::string& path, std::optional<std::int64_t> step, const std::string& tensor) {
          return tensor_of_run(path, step, tensor);
        }};
    for (Edit& edit : edits_) {
      edit.def->apply({edit.params, spec_, task, state_, frozen, help});
      origin_.edits.push_back(edit_text(edit));
    }
    std::sort(frozen.begin(), frozen.end());
    origin_.frozen = frozen;
  }

  std::vector<int> cluster(const TaskData& task, const Weights& weights, std::int64_t frequency) {
    const std::vector<std::string> names{"neuron_clusters"};
    require_applicable(names, task, spec_.model);
    const Measurements found = ProbeSet(spec_.model, task, names, pool_).measure(weights);
    const DoubleTensor& frequencies = *found.array("neuron_frequency");
    const DoubleTensor& explained = *found.array("neuron_explained");
    std::vector<int> out;
    for (std::size_t n = 0; n < frequencies.data.size(); ++n)
      if (frequencies.data[n] == static_cast<double>(frequency) &&
          explained.data[n] >= cluster_threshold)
        out.push_back(static_cast<int>(n));
    return out;
  }

  EditHelp::Found tensor_of_run(const std::string& path, std::optional<std::int64_t> asked,
                                const std::string& tensor) {
    const RunFile donor = RunFile::open(path, Access::read);
    const std::vector<std::int64_t> keyframes = donor.keyframe_steps();
    const std::int64_t last = keyframes.empty() ? 0 : keyframes.back();
    const std::int64_t step = asked.value_or(last);
    const Weights weights = weights_at(donor, step, pool_.n_threads());
    const Tensor* found = weights.find(tensor);
    if (!found) throw Error(ErrorCode::usage, path + ": has no weight named " + tensor);
    return {donor.spec_digest(), step, *found};
  }

  RunFile parent_;
  ThreadPool pool_;
  Replayer replayer_;
  RunSpec spec_;
  const RunOptions& options_;
  std::vector<Edit> edits_;
  Origin origin_;
  Checkpoint state_;
};

// The parent is closed again before the fork trains.
std::optional<RunSpec> make_fork(const fs::path& parent, const ForkRequest& request,
                                 const fs::path& path, const RunOptions& options) {
  Fork fork(parent, request, options);
  if (!fork.prepare()) return std::nullopt;
  std::error_code error;
  if (!fs::exists(fs::symlink_status(path, error))) fork.write(path);
  return fork.spec();
}

}  // namespace

RunResult fork_run(const fs::path& parent, const ForkRequest& request, const fs::path& path,
                   const RunOptions& options) {
  const std::optional<RunSpec> spec = make_fork(parent, request, path, options);
  if (!spec) return {Ending::interrupted, request.step, request.step};
  return run(*spec, path, options);
}

}  // namespace grok
