#pragma once
// PyTorch's same step as a peer process (bench/peers/torch_step.py), in the environment in which it
// is fastest on this machine. A case is handed over as a file (write_for_peer in
// bench/step_case.h).

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/peer.h"

namespace grok::bench {

/// Tries what can be set (bench/peers/torch_settings.py) on all cases: which BLAS, which core type,
/// how threads wait and where they run, and whether freed memory stays with the process; what
/// counts is a step and one with the test loss. Takes half a minute and ten seconds more a case.
///   returns  the environment of each case, "K=V K=V"; nothing without python3-torch
std::vector<std::string> find_torch_settings(std::span<const std::filesystem::path> cases,
                                             int n_threads);

/// Starts the peer; nothing without python3-torch.
std::optional<Peer> start_torch(const std::filesystem::path& of, int n_threads,
                                const std::string& settings);

}  // namespace grok::bench
