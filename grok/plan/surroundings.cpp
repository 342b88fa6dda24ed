#include "grok/plan/surroundings.h"

#include <algorithm>
#include <string>
#include <vector>

#include "grok/ops/catalog.h"

namespace grok {
namespace {

class Search {
 public:
  Search(const Graph& g, NodeId product, LeadsBack leads_back)
      : g_(g),
        product_(product),
        made_of_(static_cast<std::size_t>(g.size())),
        inside_(made_of_.size()),
        n_readers_(made_of_.size()) {
    for (NodeId id = 0; id < g.size(); ++id)
      for (const NodeId input : g[id].inputs) ++n_readers_[at(input)];
    for (const auto& [name, id] : g.outputs()) ++n_readers_[at(id)];
    look_back(leads_back);
    look_beside();
    look_ahead();
  }

  Surroundings cut_out() const {
    Surroundings out{{}, no_node};
    std::vector<NodeId> to(made_of_.size(), no_node);
    std::vector<int> n_readers_inside(made_of_.size());
    for (NodeId id = 0; id < g_.size(); ++id) {
      if (!inside_[at(id)]) continue;
      std::vector<NodeId> inputs;
      for (const NodeId input : g_[id].inputs) {
        ++n_readers_inside[at(input)];
        if (to[at(input)] == no_node) to[at(input)] = brought_in(out.graph, input);
        inputs.push_back(to[at(input)]);
      }
      to[at(id)] = out.graph.add_copy(g_[id], std::move(inputs));
    }
    for (NodeId id = 0; id < g_.size(); ++id)
      if (inside_[at(id)] && n_readers_inside[at(id)] < n_readers_[at(id)])
        out.graph.output(std::to_string(id), to[at(id)]);
    out.product = to[at(product_)];
    return out;
  }

 private:
  static std::size_t at(NodeId id) { return static_cast<std::size_t>(id); }

  NodeId brought_in(Graph& graph, NodeId id) const {
    if (is_leaf(g_[id])) return graph.add_copy(g_[id], {});
    return graph.input("%" + std::to_string(id), g_[id].type);
  }

  void look_back(LeadsBack leads_back) {
    inside_[at(product_)] = true;
    made_of_[at(g_[product_].inputs[0])] = true;
    for (NodeId id = product_ - 1; id >= 0; --id) {
      if (!made_of_[at(id)] || is_leaf(g_[id])) continue;
      inside_[at(id)] = true;
      if (!leads_back(*g_[id].op)) continue;
      for (const NodeId input : g_[id].inputs) made_of_[at(input)] = true;
    }
  }

  void look_beside() {
    for (NodeId id = 0; id < g_.size(); ++id)
      for (const NodeId input : g_[id].inputs)
        if (made_of_[at(input)] && !is_leaf(g_[input])) inside_[at(id)] = true;
  }

  // What a product takes along it takes from its only reader.
  void look_ahead() {
    NodeId end = product_;
    for (NodeId id = product_ + 1; id < g_.size() && n_readers_[at(end)] == 1; ++id) {
      const Node& node = g_[id];
      if (std::find(node.inputs.begin(), node.inputs.end(), end) == node.inputs.end()) continue;
      inside_[at(id)] = true;
      if (node.op != &ops::add() && node.op != &ops::relu() && node.op != &ops::reshape()) return;
      end = id;
    }
  }

  const Graph& g_;
  NodeId product_;
  std::vector<bool> made_of_, inside_;
  std::vector<int> n_readers_;
};

}  // namespace

Surroundings surroundings_of(const Graph& whole, NodeId product, LeadsBack leads_back) {
  return Search(whole, product, leads_back).cut_out();
}

}  // namespace grok
