#pragma once
// How the runs of a sweep are called: "lr=0.001,seed=3". A name depends on its own run alone, so
// that a sweep that is made larger finds its files again.

#include <string>
#include <string_view>
#include <vector>

#include "grok/spec/params.h"

namespace grok {

/// The last parts of keys, "lr" for "optim.lr", where no other key ends alike.
std::vector<std::string> short_keys(const std::vector<std::string>& keys);

/// Whether a key is that of a seed: "seed", "task.split_seed".
bool is_seed(std::string_view key);

/// "KEY=VALUE,KEY=VALUE", without what is awkward in the name of a file. Where that leaves
/// something out, or the name becomes too long, `digest` is added to tell the run from others.
std::string file_name(const std::vector<std::string>& keys, const std::vector<Value>& values,
                      const std::string& digest);

/// The text of a value with a '-' for what is awkward in the name of a file.
std::string file_name(const Value& value);

}  // namespace grok
