#include "grok/cli/files.h"

#include <array>
#include <fstream>
#include <string>
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

std::string in_small_letters(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace

RunFile open_run(const std::filesystem::path& path) {
  return reading([&] { return RunFile::open(path, Access::read); });
}

SafetensorsFile open_weights(const std::filesystem::path& path) {
  return reading([&] { return read_safetensors(path); });
}

void check_new_run(const std::filesystem::path& path) {
  constexpr const char* ours = ".grok";
  std::error_code unknown;
  if (path.extension() == ours || !path.has_filename() ||
      std::filesystem::exists(std::filesystem::symlink_status(path, unknown)))
    return;
  std::filesystem::path meant = path;
  if (in_small_letters(path.extension().string()) == ours)
    meant.replace_extension(ours);
  else
    meant += ours;
  throw Error(ErrorCode::usage, "--out " + path.string() +
                                    ": a run's file is called NAME.grok, or serve and phases do "
                                    "not find it in its folder; did you mean " +
                                    meant.string() + "?");
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
