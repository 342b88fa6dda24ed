#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "grok/base/digest.h"
#include "grok/base/error.h"
#include "grok/tasks/gpt2_tokenizer.h"
#include "grok/tasks/gpt2_words.h"
#include "grok/tasks/task.h"

// The next token of the user's own texts.
//
//   tokenizer   "bytes": token = byte, d_vocab 256. "gpt2": see gpt2_tokenizer.h; texts are UTF-8
//   stream      the tokens of all files in the order of `files`, one after another; between two
//   files
//               comes "<|endoftext|>" if the vocabulary has it. No files: a built-in sample, sums
//               in words
//   row i       tokens i * length .. (i + 1) * length - 1; its answers, at every position, are the
//               tokens that follow each. What is left at the end is dropped
//   split       the rows are cut into n_stretches stretches of equal length (give or take one row);
//               of each, the first floor(train_fraction of its rows) are trained on and the rest,
//               one block of neighbouring text, held out
//
// A run is named by its spec, and a spec holds the paths of files, not their bytes. So it holds
// their digests too: SHA-256 in hexadecimal, of each of `files` in order, and for "gpt2" of
// vocab_file and merges_file after them. A run that is begun without them has them filled in; they
// are checked whenever the files are read. Relative paths begin at the directory in which the
// program runs.
namespace grok {
namespace {

namespace fs = std::filesystem;

bool is_gpt2(const Params& params) { return params.text("tokenizer") == "gpt2"; }

void check(const Params& params, Mistakes& mistakes) {
  for (const char* key : {"vocab_file", "merges_file"}) {
    const bool is_given = !params.text(key).empty();
    if (is_gpt2(params) && !is_given)
      mistakes.add(key, "missing; expected the path of the file, since tokenizer is \"gpt2\"");
    if (!is_gpt2(params) && is_given)
      mistakes.add(key, "expected none, since tokenizer is \"bytes\"");
  }
  const std::size_t n_files = params.texts("files").size() + (is_gpt2(params) ? 2 : 0);
  const std::size_t n_digests = params.texts("digests").size();
  if (n_digests != 0 && n_digests != n_files)
    mistakes.add("digests", "expected one for each of " + std::to_string(n_files) +
                                " files (the texts, and for \"gpt2\" vocabulary and merges), "
                                "found " +
                                std::to_string(n_digests));
}

Schema make_schema() {
  Schema out;
  out.fields = {{.name = "files",
                 .type = FieldType::texts,
                 .default_value = Value{Texts{}},
                 .meaning = "Paths of the texts; none: a built-in sample."},
                {.name = "digests",
                 .type = FieldType::texts,
                 .default_value = Value{Texts{}},
                 .meaning = "SHA-256 of each file in hexadecimal, then of vocabulary and merges; "
                            "none: those that the files have when a run begins."},
                {.name = "tokenizer",
                 .type = FieldType::text,
                 .default_value = Value{std::string("bytes")},
                 .words = {"bytes", "gpt2"},
                 .meaning = "One token a byte, or GPT-2's."},
                {.name = "vocab_file",
                 .type = FieldType::text,
                 .default_value = Value{std::string()},
                 .meaning = "Path of vocab.json, for gpt2."},
                {.name = "merges_file",
                 .type = FieldType::text,
                 .default_value = Value{std::string()},
                 .meaning = "Path of merges.txt, for gpt2."},
                {.name = "length",
                 .type = FieldType::integer,
                 .default_value = Value{std::int64_t{32}},
                 .range = from_to(1, 100'000),
                 .meaning = "Tokens in a row."},
                {.name = "train_fraction",
                 .type = FieldType::real,
                 .default_value = Value{0.9},
                 .range = {Bound{0, false}, Bound{1, true}},
                 .meaning = "Share of each stretch that is trained on; the rest is held out."},
                {.name = "n_stretches",
                 .type = FieldType::integer,
                 .default_value = Value{std::int64_t{10}},
                 .range = from_to(1, 10'000),
                 .meaning = "Stretches of the text, at the end of each of which a block is held "
                            "out."}};
  out.check = check;
  return out;
}

const Schema& schema() {
  static const Schema schema = make_schema();
  return schema;
}

// "one plus one is two." and so on, to nine plus nine.
std::string sample_text() {
  constexpr std::array<const char*, 19> words{
      "nothing",  "one",     "two",     "three",     "four",    "five",   "six",
      "seven",    "eight",   "nine",    "ten",       "eleven",  "twelve", "thirteen",
      "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"};
  std::string out;
  for (std::size_t a = 1; a < 10; ++a)
    for (std::size_t b = 1; b < 10; ++b)
      out += std::string(words[a]) + " plus " + words[b] + " is " + words[a + b] + ".\n";
  return out;
}

struct File {
  std::string name, bytes;
};

File read_file(const std::string& path) {
  std::error_code ignored;
  const std::string where = "task: the file " + path;
  if (!fs::exists(path, ignored))
    throw Error(ErrorCode::not_found, where + " does not exist; relative paths begin at " +
                                          fs::current_path(ignored).string());
  if (!fs::is_regular_file(path, ignored))
    throw Error(ErrorCode::unavailable, where + " cannot be read: a directory, or a device");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorCode::unavailable, where + " cannot be read: no permission");
  File out{path, {std::istreambuf_iterator<char>(in), {}}};
  if (in.bad()) throw Error(ErrorCode::unavailable, where + " cannot be read to its end");
  if (out.bytes.empty()) throw Error(ErrorCode::usage, where + " is empty");
  return out;
}

// The texts; for "gpt2" vocabulary and merges after them.
Texts paths_of(const Params& params) {
  Texts out = params.texts("files");
  if (is_gpt2(params))
    out.insert(out.end(), {params.text("vocab_file"), params.text("merges_file")});
  return out;
}

void complete(Params& params) {
  if (!params.texts("digests").empty()) return;
  Texts digests;
  for (const std::string& path : paths_of(params))
    digests.push_back(sha256_hex(read_file(path).bytes));
  params.set("digests", digests);
}

std::vector<File> read_files(const Params& params) {
  std::vector<File> out;
  for (const std::string& path : paths_of(params)) out.push_back(read_file(path));
  const Texts digests = params.texts("digests");
  for (std::size_t i = 0; i < digests.size(); ++i) {
    const std::string found = sha256_hex(out[i].bytes);
    if (found != digests[i])
      throw Error(ErrorCode::damaged, "task: the file " + out[i].name +
                                          " is not the one that the spec means: expected SHA-256 " +
                                          digests[i] + ", found " + found);
  }
  return out;
}

struct Stream {
  int d_vocab = 256;
  std::vector<Token> tokens;
};

Stream encoded_as_bytes(const std::vector<File>& texts) {
  Stream out;
  for (const File& text : texts)
    for (const char c : text.bytes) out.tokens.push_back(static_cast<unsigned char>(c));
  return out;
}

Stream encoded_as_gpt2(const std::vector<File>& texts, const File& vocab, const File& merges) {
  const Gpt2Tokenizer tokenizer(vocab.bytes, vocab.name, merges.bytes, merges.name);
  Stream out{tokenizer.d_vocab(), {}};
  for (const File& text : texts) {
    const std::size_t bad = first_invalid_utf8(text.bytes);
    if (bad != std::string_view::npos)
      throw Error(ErrorCode::damaged, "task: the file " + text.name + " is not UTF-8 at byte " +
                                          std::to_string(bad) +
                                          "; tokenizer = \"bytes\" takes any bytes");
    if (!out.tokens.empty() && tokenizer.end_of_text())
      out.tokens.push_back(*tokenizer.end_of_text());
    const std::vector<Token> tokens = tokenizer.encode(text.bytes);
    out.tokens.insert(out.tokens.end(), tokens.begin(), tokens.end());
  }
  return out;
}

Stream stream_of(const Params& params) {
  std::vector<File> files = read_files(params);
  std::vector<File> texts(files.begin(), files.end() - (is_gpt2(params) ? 2 : 0));
  if (texts.empty()) texts.push_back({"(built in)", sample_text()});
  if (!is_gpt2(params)) return encoded_as_bytes(texts);
  return encoded_as_gpt2(texts, files[files.size() - 2], files.back());
}

void split_stretches(const Params& params, TaskData& data) {
  const std::int64_t n = data.n_examples(), n_stretches = params.integer("n_stretches");
  for (std::int64_t stretch = 0; stretch < n_stretches; ++stretch) {
    const std::int64_t begin = stretch * n / n_stretches, end = (stretch + 1) * n / n_stretches;
    const auto n_train =
        static_cast<std::int64_t>(params.real("train_fraction") * static_cast<double>(end - begin));
    for (std::int64_t row = begin; row < end; ++row)
      (row < begin + n_train ? data.train : data.test).push_back(static_cast<std::int32_t>(row));
  }
  if (data.train.empty())
    throw Error(ErrorCode::usage, "task.train_fraction: leaves no row to train on: there are " +
                                      std::to_string(n) + " rows in " +
                                      std::to_string(n_stretches) + " stretches");
}

TaskData make(const Params& params) {
  const Stream stream = stream_of(params);
  const std::int64_t length = params.integer("length");
  const std::int64_t n = (static_cast<std::int64_t>(stream.tokens.size()) - 1) / length;
  if (n < 1)
    throw Error(ErrorCode::usage, "task.length: expected less than the " +
                                      std::to_string(stream.tokens.size()) +
                                      " tokens of all files, found " + std::to_string(length));
  TaskData data;
  data.d_vocab = stream.d_vocab;
  data.d_vocab_out = stream.d_vocab;
  data.n_ctx = static_cast<int>(length);
  data.n_answers = static_cast<int>(length);
  const Tokens tokens(stream.tokens);
  const auto n_tokens = static_cast<std::size_t>(n * length);
  data.tokens = TokenTensor({n, length}, tokens.first(n_tokens));
  data.labels = TokenTensor({n, length}, tokens.subspan(1, n_tokens));
  split_stretches(params, data);
  return data;
}

}  // namespace

const TaskDef& tasks::text() {
  static constexpr TaskDef def{.name = "text",
                               .meaning = "the next token of texts of your own",
                               .source = "",
                               .schema = schema,
                               .make = make,
                               .complete = complete};
  return def;
}

}  // namespace grok
