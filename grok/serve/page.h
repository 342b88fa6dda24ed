#pragma once
// The page's files, which web/build.mjs has packed into this program.

#include <span>
#include <string_view>

namespace grok::serve {

struct PageFile {
  std::string_view name;  // "index.html"
  std::string_view type;
  std::string_view gzipped;  // its bytes, compressed
};

std::span<const PageFile> page_files();
/// Null if there is no file of that name.
const PageFile* find_page_file(std::string_view name);

}  // namespace grok::serve
