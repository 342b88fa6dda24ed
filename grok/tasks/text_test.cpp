#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "grok/base/digest.h"
#include "grok/base/error.h"
#include "grok/tasks/testing.h"

namespace grok {
namespace {

namespace fs = std::filesystem;

Value word(const char* text) { return std::string(text); }

// A directory of its own for each test, gone afterwards.
class TextFiles : public testing::Test {
 protected:
  TextFiles() : directory_(fs::temp_directory_path() / ("grok_text_" + std::to_string(getpid()))) {
    fs::create_directories(directory_);
  }
  ~TextFiles() override { fs::remove_all(directory_); }

  std::string write(const char* name, const std::string& bytes) const {
    const fs::path path = directory_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }

  fs::path directory_;
};

std::string text_of(Tokens tokens) { return {tokens.begin(), tokens.end()}; }

TEST_F(TextFiles, are_read_byte_by_byte_one_after_another) {
  const std::string a = write("a", "abcdefg"), b = write("b", std::string("\xff\0hij", 5));
  const TaskData data =
      made(tasks::text(),
           {{"files", Texts{a, b}}, {"length", std::int64_t{4}}, {"n_stretches", std::int64_t{1}}});
  EXPECT_EQ(data.d_vocab, 256);
  ASSERT_EQ(data.n_examples(), 2);  // of 12 bytes, the last has nothing after it
  EXPECT_EQ(text_of(row_of(data.tokens, 0)), "abcd");
  EXPECT_EQ(text_of(row_of(data.labels, 0)), "bcde");
  EXPECT_EQ(row_vector(data.tokens, 1), (std::vector<Token>{'e', 'f', 'g', 255}));
  EXPECT_EQ(row_vector(data.labels, 1), (std::vector<Token>{'f', 'g', 255, 0}));
}

// Every answer is the token after it, wherever that stands: in the row, or first in the next.
TEST_F(TextFiles, ask_for_the_next_token_everywhere) {
  const TaskData data = made(tasks::text());
  EXPECT_EQ(text_of(row_of(data.tokens, 0)), "one plus one is two.\none plus tw");
  for (std::int64_t i = 0; i < data.n_examples(); ++i) {
    const auto row = row_of(data.tokens, i), labels = row_of(data.labels, i);
    for (std::size_t k = 0; k + 1 < row.size(); ++k) EXPECT_EQ(labels[k], row[k + 1]);
    if (i + 1 < data.n_examples()) {
      EXPECT_EQ(labels.back(), row_of(data.tokens, i + 1)[0]);
    }
  }
}

TEST_F(TextFiles, hold_out_the_end_of_each_stretch) {
  const std::string path = write("long", std::string(401, 'x'));
  const TaskData data = made(tasks::text(), {{"files", Texts{path}},
                                             {"length", std::int64_t{20}},
                                             {"train_fraction", 0.75},
                                             {"n_stretches", std::int64_t{2}}});
  EXPECT_EQ(data.train,
            (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16}));
  EXPECT_EQ(data.test, (std::vector<std::int32_t>{7, 8, 9, 17, 18, 19}));
}

TEST_F(TextFiles, are_encoded_with_an_end_between_two) {
  const std::string vocab = write("vocab.json", R"({"a":0,"b":1,"ab":2,"<|endoftext|>":3})");
  const std::string merges = write("merges.txt", "a b\n");
  Params params{{"files", Texts{write("a", "abb"), write("b", "ba")}},
                {"tokenizer", word("gpt2")},
                {"vocab_file", vocab},
                {"merges_file", merges},
                {"length", std::int64_t{2}},
                {"n_stretches", std::int64_t{1}}};
  const TaskData data = made(tasks::text(), params);
  EXPECT_EQ(data.d_vocab, 4);
  // ab b end b a
  EXPECT_EQ(data.tokens.data, (AlignedVector<Token>{2, 1, 3, 1}));
  EXPECT_EQ(data.labels.data, (AlignedVector<Token>{1, 3, 1, 0}));
  const auto digest = [&](const char* bytes) { return sha256_hex(std::string_view(bytes)); };
  params.set("digests",
             Texts{digest("abb"), digest("ba"), digest(R"({"a":0,"b":1,"ab":2,"<|endoftext|>":3})"),
                   digest("a b\n")});
  EXPECT_EQ(made(tasks::text(), params).tokens, data.tokens);
  write("merges.txt", "a b\n\n");
  EXPECT_THROW(made(tasks::text(), params), Error);
}

TEST_F(TextFiles, are_refused_with_the_reason) {
  const auto refused = [](const Params& given, ErrorCode code, const std::string& why) {
    try {
      made(tasks::text(), given);
      ADD_FAILURE() << "accepted: " << why;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), code) << why;
      EXPECT_NE(std::string(e.what()).find(why), std::string::npos) << e.what();
    }
  };
  const std::string text = write("text", "some words"), empty = write("empty", "");
  const std::string latin = write("latin", "caf\xe9 au lait");
  const std::string vocab = write("vocab.json", R"({"a":0})"), merges = write("merges.txt", "\n");
  refused({{"files", Texts{"no/such/file"}}}, ErrorCode::not_found, "no/such/file does not exist");
  refused({{"files", Texts{directory_.string()}}}, ErrorCode::unavailable, "a directory");
  refused({{"files", Texts{text, empty}}}, ErrorCode::usage, "empty is empty");
  refused({{"files", Texts{text}}, {"digests", Texts{"00"}}}, ErrorCode::damaged,
          "expected SHA-256 00, found " + sha256_hex(std::string_view("some words")));
  refused({{"files", Texts{text}}, {"digests", Texts{"00", "11"}}}, ErrorCode::usage,
          "one for each of 1 files");
  refused({{"files", Texts{text}}, {"length", std::int64_t{10}}}, ErrorCode::usage,
          "less than the 10 tokens");
  refused({{"files", Texts{text}}, {"length", std::int64_t{9}}}, ErrorCode::usage,
          "no row to train on");
  refused({{"tokenizer", word("gpt2")}}, ErrorCode::usage, "vocab_file: missing");
  refused({{"merges_file", merges}}, ErrorCode::usage, "merges_file: expected none");
  const Params gpt2{{"tokenizer", word("gpt2")}, {"vocab_file", vocab}, {"merges_file", merges}};
  Params invalid = gpt2;
  invalid.set("files", Texts{latin});
  refused(invalid, ErrorCode::damaged, "latin is not UTF-8 at byte 3");
  refused(gpt2, ErrorCode::damaged, "no token for the byte");
}

}  // namespace
}  // namespace grok
