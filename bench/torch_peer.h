#pragma once
// PyTorch's same step as a peer process (bench/peers/torch_step.py), in the environment in which it
// is fastest on this machine.

#include <map>
#include <optional>
#include <string>

#include "bench/cases.h"
#include "bench/peer.h"

namespace grok::bench {

/// Environments, "K=V K=V", by the name of a case; empty where nothing is known.
using TorchSettings = std::map<std::string, std::string>;

/// Tries what can be set (bench/peers/torch_settings.py) on all cases: which BLAS, which core type,
/// how threads wait and where they run. Takes about a minute; empty without python3-torch.
TorchSettings find_torch_settings(int n_threads);

/// Starts the peer; nothing without python3-torch.
std::optional<Peer> start_torch(const Case& model, int n_threads, const std::string& settings);

}  // namespace grok::bench
