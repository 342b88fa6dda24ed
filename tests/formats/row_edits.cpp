// Run files whose metrics, arrays or keyframes are not what they should be.

#include "tests/formats/run_file_corpus.h"
#include "tests/formats/safetensors_corpus.h"

namespace grok::formats {
namespace {

constexpr auto edit = RunEdit::How::edit;
constexpr auto forge = RunEdit::How::forge;

std::string hex_blob(const std::string& bytes) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string out = "x'";
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out + "'";
}

std::vector<RunEdit> of_metrics() {
  const std::string one_row = " WHERE step = 6 AND name = 'train_loss'";
  const auto set = [&](const std::string& what) { return "UPDATE metric SET " + what + one_row; };
  const auto loose = [&](const std::string& what) { return loosened("metric") + set(what); };
  return {
      {"a metric changed", edit, set("value = value * 1.0000001"), "metric"},
      {"a metric without a value that had one", edit, set("value = NULL"), "metric"},
      {"a metric under another name", edit, set("name = 'train_lossy'"), "metric"},
      {"a metric at another step", edit, set("step = 7"), "metric"},
      {"a step that is text", forge, set("step = 'six'"), "holds text; expected an integer"},
      {"a step that is a fraction", forge, set("step = 6.5"),
       "step holds a real number; expected an integer"},
      {"a step that is a blob", forge, set("step = x'06'"), "holds a blob; expected an integer"},
      {"a step that is NULL", forge, loose("step = NULL"), "step holds NULL"},
      {"a negative step", forge, set("step = -6"), "step -6"},
      {"the most negative step", forge, set("step = -9223372036854775807 - 1"),
       "step -92233720368"},
      {"the largest step", forge, set("step = 9223372036854775807"), "step 9223372036854775807"},
      {"a value that is text", forge, set("value = 'much'"), "value holds text; expected a number"},
      {"a value that is a blob", forge, set("value = x'0102030405060708'"), "value holds a blob"},
      {"a name that is a blob", forge, set("name = x'FF00'"), "name holds a blob; expected text"},
      {"a name that is a number", forge, loose("name = 7"), "name holds an integer; expected text"},
      {"a name that is NULL", forge, loose("name = NULL"), "name holds NULL; expected text"},
      {"a metric twice at one step", forge,
       loosened("metric") + "INSERT INTO metric SELECT * FROM metric" + one_row, "twice"},
  };
}

std::vector<RunEdit> of_arrays() {
  const std::string where = " WHERE name = 'embedding_spectrum'";
  const auto set = [&](const std::string& what) {
    return "UPDATE array_metric SET " + what + where;
  };
  const auto loose = [&](const std::string& what) { return loosened("array_metric") + set(what); };
  const std::string words = "array metric embedding_spectrum at step";
  const auto shaped = [&](const std::string& shape) {
    return RunEdit{"an array of shape '" + shape.substr(0, 40) + "'", forge,
                   set("shape = '" + shape + "'"), words};
  };
  std::vector<RunEdit> out = {
      {"an array changed", edit, set("data = CAST(x'FF' || substr(data, 2) AS BLOB)"), "array"},
      {"an array of integers", forge, set("dtype = 'I64'"), words},
      {"an array of halves", forge, set("dtype = 'F16'"), words},
      {"an array of no dtype", forge, set("dtype = ''"), words},
      {"a dtype in small letters", forge, set("dtype = 'f64'"), words},
      {"a dtype that is a blob", forge, set("dtype = x'463634'"), "dtype holds a blob"},
      {"a shape that is a number", forge, loose("shape = 2"), "shape holds an integer"},
      {"a shape that is NULL", forge, loose("shape = NULL"), "shape holds NULL"},
      {"data that is text", forge, set("data = '0123456789ABCDEF'"), "data holds text"},
      {"data that is NULL", forge, loose("data = NULL"), "data holds NULL"},
      {"data that is a number", forge, set("data = 4.5"), "data holds a real number"},
      {"no data", forge, set("data = x''"), words},
      {"a byte too few", forge, set("data = CAST(substr(data, 2) AS BLOB)"), words},
      {"a byte too many", forge, set("data = CAST(data || x'00' AS BLOB)"), words},
      {"an array at a negative step", forge, set("step = -1 - step"), "step -"},
      {"an array twice at one step", forge,
       loosened("array_metric") + "INSERT INTO array_metric SELECT * FROM array_metric", "twice"},
  };
  for (const char* shape : {"[3]",
                            "[-2]",
                            "[-1, -2]",
                            "[4294967296, 4294967296]",
                            "[9223372036854775807]",
                            "[9223372036854775808]",
                            "[2305843009213693954]",
                            "[2",
                            "2]",
                            "2",
                            "",
                            "[2,]",
                            "[,2]",
                            "[2 2]",
                            "[2.0]",
                            "[\"2\"]",
                            "[[2]]",
                            "[0]",
                            "[1,1,1,1,1,1,1,1,2]",
                            "[2]]",
                            "[+2]",
                            "[99999999999999999999999]",
                            "null",
                            "[0, 4294967296, 4294967296]",
                            "[1099511627776]"})
    out.push_back(shaped(shape));
  out.push_back(shaped("[" + std::string(100'000, '2') + "]"));
  out.push_back(shaped("[1" + [] {
    std::string ones;
    for (int i = 0; i < 50'000; ++i) ones += ",1";
    return ones;
  }() + "]"));
  return out;
}

std::vector<RunEdit> of_keyframes() {
  const auto set = [&](const std::string& what) {
    return "UPDATE keyframe SET " + what + " WHERE step = 12";
  };
  const auto loose = [&](const std::string& what) { return loosened("keyframe") + set(what); };
  const auto data = [&](const std::string& bytes) { return set("data = " + hex_blob(bytes)); };
  const std::string good = "{" + safetensors_entry("weights.w", "[2]", "[0,8]") + "}";
  std::vector<RunEdit> out = {
      {"a keyframe changed", edit,
       set("data = CAST(substr(data, 1, length(data) - 1) || x'77' AS BLOB)"), "has digest"},
      {"a keyframe cut short", edit, set("data = CAST(substr(data, 1, 1000) AS BLOB)"),
       "(1000 bytes) has digest"},
      {"a keyframe of another step", edit, set("data = (SELECT data FROM keyframe WHERE step = 0)"),
       "has digest"},
      {"a wrong digest", edit, set("digest = replace(digest, substr(digest, 1, 1), 'e') || ''"),
       ""},
      {"a digest in capitals", edit, set("digest = upper(digest)"), "keyframe at step 12"},
      {"a digest of 8 digits", edit, set("digest = substr(digest, 1, 8)"), "keyframe at step 12"},
      {"a digest of a megabyte", edit, set("digest = hex(zeroblob(500000))"),
       "keyframe at step 12"},
      {"no digest", edit, set("digest = ''"), "keyframe at step 12"},
      {"a digest that is a blob", edit, set("digest = CAST(digest AS BLOB)"),
       "digest holds a blob"},
      {"a digest that is NULL", edit, loose("digest = NULL"), "digest holds NULL"},
      {"a keyframe at another step", edit, "UPDATE keyframe SET step = 11 WHERE step = 12", ""},
      {"a keyframe at a negative step", forge, "UPDATE keyframe SET step = -12 WHERE step = 12",
       "step -12"},
      {"a keyframe at the largest step", forge,
       "UPDATE keyframe SET step = 9223372036854775807 WHERE step = 12",
       "step 9223372036854775807"},
      {"keyframe data that is text", forge, set("data = CAST(data AS TEXT)"), "data holds text"},
      {"keyframe data that is NULL", forge, loose("data = NULL"), "data holds NULL"},
      {"an empty keyframe", forge, set("data = x''"), "keyframe at step 12: has 0 bytes"},
      {"a keyframe twice", forge,
       loosened("keyframe") + "INSERT INTO keyframe SELECT * FROM keyframe", "twice"},
      {"a tensor that is neither weight nor state", forge,
       data(safetensors_file("{" + safetensors_entry("w", "[2]", "[0,8]") + "}", 8)),
       "neither a weight nor state of the optimizer or of a term"},
      {"a keyframe's header that claims a gigabyte", forge, data(length_prefix(1 << 30) + good),
       "over the format's limit"},
      {"a keyframe's header that claims 99 megabytes", forge,
       data(length_prefix(99'000'000) + good), "claims 99000000 bytes, but"},
      {"a keyframe whose tensors overlap", forge,
       data(safetensors_file("{" + safetensors_entry("weights.a", "[2]", "[0,8]") + "," +
                                 safetensors_entry("weights.b", "[1]", "[4,8]") + "}",
                             8)),
       "they overlap"},
      {"a keyframe whose shape overflows", forge,
       data(safetensors_file(
           "{" + safetensors_entry("weights.a", "[4294967296,4294967296]", "[0,0]") + "}")),
       "more than 2^59"},
  };
  return out;
}

}  // namespace

std::vector<RunEdit> row_edits() {
  std::vector<RunEdit> out = of_metrics();
  for (const auto& more : {of_arrays(), of_keyframes()})
    out.insert(out.end(), more.begin(), more.end());
  return out;
}

}  // namespace grok::formats
