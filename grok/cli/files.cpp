#include "grok/cli/files.h"

#include <array>
#include <fstream>
#include <string_view>

#include "grok/cli/exit_code.h"

namespace grok::cli {
namespace {

template <class F>
auto reading(F&& read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::damaged) throw;
    throw UnreadableFile(error.code(), error.what());
  }
}

}  // namespace

RunFile open_run(const std::filesystem::path& path) {
  return reading([&] { return RunFile::open(path, Access::read); });
}

SafetensorsFile open_weights(const std::filesystem::path& path) {
  return reading([&] { return read_safetensors(path); });
}

void check_output(const std::filesystem::path& path) {
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path, unknown)) return;  // a pipe would be waited for
  constexpr std::string_view sqlite_magic = "SQLite format 3";
  std::array<char, sqlite_magic.size()> start{};
  std::ifstream in(path, std::ios::binary);
  in.read(start.data(), start.size());
  if (in && std::string_view(start.data(), start.size()) == sqlite_magic)
    throw Error(ErrorCode::usage, path.string() + ": holds a run, which nothing may overwrite");
}

}  // namespace grok::cli
