#include "grok/base/digest.h"

#include <string>

#include <gtest/gtest.h>

namespace grok {
namespace {

// Known answers: the examples of FIPS 180-2, appendix B.
TEST(digest, agrees_with_the_examples_of_the_standard) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(digest, of_nothing_is_known) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(digest, does_not_depend_on_how_the_bytes_are_cut) {
  const std::string text(1000, 'x');
  for (const std::size_t cut : {0u, 1u, 63u, 64u, 65u, 999u, 1000u}) {
    Sha256 sha;
    sha.update(std::string_view(text).substr(0, cut));
    sha.update(std::string_view(text).substr(cut));
    EXPECT_EQ(sha.finish_hex(), sha256_hex(text)) << cut;
  }
}

TEST(digest, starts_afresh_once_finished) {
  Sha256 sha;
  sha.update("something else");
  sha.finish_hex();
  sha.update("abc");
  EXPECT_EQ(sha.finish_hex(), sha256_hex("abc"));
}

}  // namespace
}  // namespace grok
