#include "grok/plan/pass.h"
#include "grok/plan/rewrite.h"

// What no output depends on is not computed.
namespace grok {
namespace {

Graph run(const Graph& old) {
  std::vector<bool> live(static_cast<std::size_t>(old.size()));
  for (const auto& [name, id] : old.outputs()) live[static_cast<std::size_t>(id)] = true;
  for (NodeId id = old.size() - 1; id >= 0; --id)
    if (live[static_cast<std::size_t>(id)])
      for (const NodeId input : old[id].inputs) live[static_cast<std::size_t>(input)] = true;
  Rewrite rewrite(old);
  for (NodeId id = 0; id < old.size(); ++id)
    if (live[static_cast<std::size_t>(id)]) rewrite.copy(id);
  return std::move(rewrite).finish();
}

}  // namespace

const Pass& passes::dead_nodes() {
  static constexpr Pass pass{"dead_nodes", "what no output depends on is not computed", run};
  return pass;
}

}  // namespace grok
