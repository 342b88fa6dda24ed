// GPT-2's cutting into words, and its tokens, with a vocabulary made by hand.
#include <functional>

#include <gtest/gtest.h>

#include "grok/base/error.h"
#include "grok/tasks/gpt2_tokenizer.h"
#include "grok/tasks/gpt2_words.h"

namespace grok {
namespace {

using Words = std::vector<std::string_view>;

TEST(Gpt2Words, are_cut_as_its_pattern_cuts) {
  EXPECT_EQ(gpt2_words("Hello world"), (Words{"Hello", " world"}));
  EXPECT_EQ(gpt2_words("it's we'll 'said"), (Words{"it", "'s", " we", "'ll", " '", "said"}));
  EXPECT_EQ(gpt2_words("'said I'M"), (Words{"'s", "aid", " I", "'", "M"}));
  EXPECT_EQ(gpt2_words("a1b22 33"), (Words{"a", "1", "b", "22", " 33"}));
  EXPECT_EQ(gpt2_words("no, no!? ..."), (Words{"no", ",", " no", "!?", " ..."}));
  EXPECT_EQ(gpt2_words("a  b"), (Words{"a", " ", " b"}));
  EXPECT_EQ(gpt2_words("a\n\n\tb"), (Words{"a", "\n\n", "\t", "b"}));
  EXPECT_EQ(gpt2_words("a\nb"), (Words{"a", "\n", "b"}));
  EXPECT_EQ(gpt2_words("a   \n"), (Words{"a", "   \n"}));
  EXPECT_EQ(gpt2_words(" "), (Words{" "}));
  EXPECT_EQ(gpt2_words(""), Words{});
}

TEST(Gpt2Words, beyond_ascii_are_told_by_blocks) {
  EXPECT_EQ(gpt2_words("caf\u00e9 \u00fcber"), (Words{"caf\u00e9", " \u00fcber"}));
  EXPECT_EQ(gpt2_words("\u03b1\u03b2 \u4e2d\u6587\u3002"),
            (Words{"\u03b1\u03b2", " \u4e2d\u6587", "\u3002"}));
  EXPECT_EQ(gpt2_words("x\u00b2\u00d7y"), (Words{"x", "\u00b2", "\u00d7", "y"}));
  EXPECT_EQ(gpt2_words("a\u00a0\u2003b"), (Words{"a", "\u00a0", "\u2003", "b"}));
  EXPECT_EQ(gpt2_words("hi\U0001f600\u2026"), (Words{"hi", "\U0001f600\u2026"}));
}

TEST(Utf8, is_refused_where_it_ends_or_lies) {
  EXPECT_EQ(first_invalid_utf8("plain \u00e9 \u4e2d \U0001f600"), std::string_view::npos);
  for (const char* bad :
       {"ab\x80", "ab\xc3", "ab\xc3(", "ab\xc0\xaf", "ab\xe0\x80\x80", "ab\xe0\x9f\xbf",
        "ab\xf0\x8f\xbf\xbf", "ab\xed\xa0\x80", "ab\xf4\x90\x80\x80", "ab\xff", "ab\xe4\xb8"})
    EXPECT_EQ(first_invalid_utf8(bad), 2u);
}

// Ten letters, the space, and what grows out of them.
const char* const vocab = R"({"a":0,"b":1,"c":2,"\u0120":3,"ab":4,"\u0120a":5,"bc":6,"abc":7,
                             "\u0120abc":8,"\u00c3":9,"\u00a9":10,"\u00c3\u00a9":11,
                             "<|endoftext|>":12,"\u010a":13})";
const char* const merges = "#version: 0.2\n\u0120 a\na b\nab c\nb c\n\u0120a bc\n\u00c3 \u00a9\n";

Gpt2Tokenizer tokenizer() { return Gpt2Tokenizer(vocab, "v", merges, "m"); }

TEST(Gpt2Tokenizer, joins_the_pair_learnt_first) {
  const auto encoded = [](std::string_view text) { return tokenizer().encode(text); };
  EXPECT_EQ(encoded("abc"), std::vector<Token>{7});            // a b, then ab c; b c comes later
  EXPECT_EQ(encoded("abc abc"), (std::vector<Token>{7, 8}));   // space a; b c; both
  EXPECT_EQ(encoded("aabab"), (std::vector<Token>{0, 4, 4}));  // from the left, all of them
  EXPECT_EQ(encoded("\u00e9"), std::vector<Token>{11});        // two bytes
  EXPECT_EQ(encoded("a\nb"), (std::vector<Token>{0, 13, 1}));
  EXPECT_EQ(tokenizer().d_vocab(), 14);
  EXPECT_EQ(tokenizer().end_of_text(), 12);
  for (const char* text : {"abc cba  abc\n", " \u00e9a", ""})
    EXPECT_EQ(tokenizer().decode(encoded(text)), text);
}

TEST(Gpt2Tokenizer, refuses_files_that_do_not_fit) {
  const auto refused = [](const char* v, const char* m, const std::string& why) {
    try {
      Gpt2Tokenizer(v, "vocab.json", m, "merges.txt").encode("abz");
      ADD_FAILURE() << "accepted: " << why;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::damaged);
      EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
    }
  };
  refused("{", "", "vocab.json: expected a JSON object");
  refused("[1]", "", "expected a JSON object");
  refused("{}", "", "expected a JSON object");
  refused(R"({"a":0,"b":2})", "", "the token \"b\" has 2; expected each number from 0 to 1 once");
  refused(R"({"a":0,"b":0})", "", "has 0");
  refused(R"({"a":0,"b":-1})", "", "has -1");
  refused(R"({"a":0,"b":1.5})", "", "has 1.5");
  refused(R"({"a":0,"a b":1})", "", "stands for no byte");
  refused(R"({"a":0,"\u4e2d":1})", "", "stands for no byte");
  refused(R"({"a":0,"\u0144":1})", "", "stands for no byte");
  refused(R"({"a":0,"":1})", "", "stands for no byte");
  refused(vocab, "a\n", "merges.txt: line 1: expected two tokens");
  refused(vocab, "a b\na b c\n", "line 2: expected two tokens");
  refused(vocab, "a z\n", "line 1: \"z\" is not in vocab.json");
  refused(vocab, "c a\n", "line 1: \"ca\" is not in vocab.json");
  refused(vocab, merges, "vocab.json: has no token for the byte 0x7a");
}

}  // namespace
}  // namespace grok
