// Broken safetensors files: each is refused with a message, none does harm.

#include "tests/formats/safetensors_corpus.h"

#include <set>

#include <gtest/gtest.h>

#include "grok/store/safetensors.h"
#include "tests/support/expect_error.h"

namespace grok::formats {
namespace {

TEST(bad_safetensors, of_every_kind_are_refused_and_named) {
  const std::vector<BadFile> files = bad_safetensors();
  EXPECT_GE(files.size(), 100u);
  for (const BadFile& file : files) {
    const auto parse = [&] { parse_safetensors(bytes_of(file.bytes), "FILE"); };
    EXPECT_TRUE(fails_with(file.code, file.words, parse)) << file.what;
    EXPECT_TRUE(fails_with(file.code, "FILE: ", parse)) << file.what;
  }
}

TEST(bad_safetensors, are_each_another) {
  std::set<std::string> names, contents;
  for (const BadFile& file : bad_safetensors()) {
    EXPECT_TRUE(names.insert(file.what).second) << file.what;
    EXPECT_TRUE(contents.insert(file.bytes).second) << file.what;
  }
}

TEST(bad_safetensors, are_told_from_odd_ones) {
  for (const BadFile& file : odd_safetensors())
    EXPECT_NO_THROW(parse_safetensors(bytes_of(file.bytes), "FILE")) << file.what;
}

}  // namespace
}  // namespace grok::formats
