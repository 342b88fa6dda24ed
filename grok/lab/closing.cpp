#include "grok/lab/closing.h"

#include <nlohmann/json.hpp>

#include "grok/base/error.h"
#include "grok/lab/curves.h"
#include "grok/lab/foreign.h"
#include "grok/lab/keyframe.h"
#include "grok/lab/recorded.h"
#include "grok/spec/schedule.h"
#include "grok/store/safetensors_header.h"

namespace grok {
namespace {

using Json = nlohmann::ordered_json;

// A run that was interrupted keeps a keyframe off its schedule; it is passed over, so that the file
// holds the same numbers as that of a run without a break.
std::vector<std::int64_t> steps_to_measure(const RunFile& file, const RunSpec& spec) {
  const Schedule schedule = keyframe_schedule(spec);
  std::vector<std::int64_t> out;
  const std::vector<std::int64_t> all = file.keyframe_steps();
  for (const std::int64_t step : all)
    if (schedule.contains(step) || step == all.back()) out.push_back(step);
  return out;
}

// What the run has learnt and when; the last event says that the closing pass is complete.
Moment concluding_moment(const RunFile& file, const RunSpec& spec, const ProbeSet& probes,
                         std::int64_t step, std::span<const int> keys) {
  Moment moment;
  moment.step = step;
  const Json detail{{"rule", "embedding"},
                    {"frequencies", std::vector<int>(keys.begin(), keys.end())}};
  moment.events.push_back({step, "key_frequencies", detail.dump()});
  const auto curve = [&](std::string_view metric) { return recorded_points(file, metric); };
  // What holds when a fork begins was not found in it.
  for (Event& event : probes.conclude(curve))
    if (event.step > first_step(spec) || spec.fork.empty())
      moment.events.push_back(std::move(event));
  moment.events.push_back({step, "closed"});
  return moment;
}

bool is_stopped(const RunOptions& options) { return options.stop && options.stop->load(); }

}  // namespace

std::vector<int> key_frequencies_of(const RunFile& file) {
  const std::vector<Event> events = file.events("key_frequencies");
  if (events.empty()) return {};
  const std::string& detail = events.back().detail;
  const Json json = foreign_json<Json>(detail);
  const bool is_list =
      json.is_object() && json.contains("frequencies") && json["frequencies"].is_array();
  std::vector<int> out;
  if (is_list)
    for (const Json& k : json["frequencies"])
      if (k.is_number_unsigned() && k.get<std::uint64_t>() <= largest_frequency)
        out.push_back(k.get<int>());
  if (!is_list || out.size() != json["frequencies"].size())
    throw Error(ErrorCode::damaged,
                file.path().string() + ": event key_frequencies: unexpected " + in_quotes(detail));
  return out;
}

bool is_closed(const RunFile& file) { return !file.events("closed").empty(); }

bool close_run(RunFile& file, const RunSpec& spec, ProbeSet& probes, const RunOptions& options) {
  const std::optional<EndingEvent> ending = ending_of(file);
  GROK_REQUIRE(is_over(ending), file.path().string() + " has not ended");
  const Keyframe last = file.keyframe(ending->step);
  check_weights(weights_of(last), weight_infos(spec, tasks::data_of(spec.task)));
  std::vector<int> keys;  // stays empty where weights are no longer numbers
  if (ending->ending != Ending::diverged) keys = probes.key_frequencies(weights_of(last));
  if (!keys.empty()) {
    const std::vector<std::int64_t> steps = steps_to_measure(file, spec);
    Recorded recorded(file);  // by a closing pass that was broken off, or by a replay
    const int n_steps = static_cast<int>(steps.size());
    for (int i = 0; i < n_steps; ++i) {
      if (is_stopped(options)) return false;
      if (options.observer) options.observer->on_closing(i, n_steps);
      const std::int64_t step = steps[static_cast<std::size_t>(i)];
      Measurements found = probes.measure_with_keys(weights_of(file.keyframe(step)), keys);
      const Moment fresh =
          recorded.new_in({step, std::move(found.metrics), std::move(found.arrays)});
      if (!fresh.is_empty()) file.commit(fresh);
    }
  }
  file.commit(concluding_moment(file, spec, probes, ending->step, keys));
  return true;
}

}  // namespace grok
