#include "grok/store/safetensors.h"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "grok/base/digest.h"
#include "tests/support/expect_error.h"
#include "tests/support/reference_data.h"
#include "tests/support/temporary_directory.h"

namespace grok {
namespace {

NamedTensors some_tensors() {
  NamedTensors tensors;
  tensors.add("z.last_in_the_alphabet", Tensor(Shape{2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6}));
  tensors.add("empty", Tensor(Shape{0, 7}));
  tensors.add("a", Tensor(Shape{}, std::vector<float>{-0.0f}));
  tensors.add("ümlaut \"quoted\" \n",
              Tensor(Shape{2}, std::vector<float>{std::numeric_limits<float>::infinity(),
                                                  std::numeric_limits<float>::denorm_min()}));
  return tensors;
}

std::vector<std::byte> file_of(const std::string& header, std::initializer_list<unsigned> data) {
  std::vector<std::byte> out(8);
  for (std::size_t i = 0; i < 8; ++i) out[i] = std::byte(header.size() >> (8 * i));
  for (const char c : header) out.push_back(static_cast<std::byte>(c));
  for (const unsigned byte : data) out.push_back(std::byte(byte));
  return out;
}

TEST(safetensors, come_back_as_they_went) {
  const std::map<std::string, std::string> metadata = {{"a", "1"}, {"source", "här\"\\"}};
  const SafetensorsFile back =
      parse_safetensors(encode_safetensors(some_tensors(), metadata), "test");
  EXPECT_EQ(back.metadata, metadata);
  EXPECT_EQ(back.tensors, some_tensors());  // names, shapes, values and order
  EXPECT_TRUE(std::signbit(back.tensors.at("a").data[0]));
}

TEST(safetensors, keep_every_bit_of_a_nan) {
  NamedTensors tensors;
  const float odd_nan = std::bit_cast<float>(0xFFC12345u);
  tensors.add("nan", Tensor(Shape{1}, std::vector<float>{odd_nan}));
  const SafetensorsFile back = parse_safetensors(encode_safetensors(tensors), "test");
  EXPECT_EQ(std::bit_cast<std::uint32_t>(back.tensors.at("nan").data[0]), 0xFFC12345u);
}

TEST(safetensors, of_nothing_are_ten_bytes_padded) {
  const std::vector<std::byte> bytes = encode_safetensors({});
  EXPECT_EQ(bytes.size(), 16u);
  EXPECT_EQ(parse_safetensors(bytes, "test").tensors.size(), 0u);
}

// Pins the bytes: keyframes' digests rest on them.
TEST(safetensors, have_deterministic_bytes) {
  const std::vector<std::byte> bytes = encode_safetensors(some_tensors(), {{"b", "2"}, {"a", "1"}});
  EXPECT_EQ(bytes, encode_safetensors(some_tensors(), {{"a", "1"}, {"b", "2"}}));
  NamedTensors one;
  one.add("w", Tensor(Shape{1}, std::vector<float>{1}));
  EXPECT_EQ(encode_safetensors(one),
            file_of("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}  ",
                    {0, 0, 128, 63}));
}

TEST(safetensors, begin_their_data_on_a_multiple_of_eight) {
  for (std::size_t n = 1; n < 20; ++n) {
    NamedTensors one;
    one.add(std::string(n, 'w'), Tensor(Shape{1}));
    EXPECT_EQ((encode_safetensors(one).size() - sizeof(float)) % 8, 0u) << n;
  }
}

TEST(safetensors, of_other_float_types_become_float32) {
  const auto value = [](const std::string& dtype, std::initializer_list<unsigned> bytes) {
    const std::string header = "{\"x\":{\"dtype\":\"" + dtype +
                               "\",\"shape\":[],\"data_offsets\":[0," +
                               std::to_string(bytes.size()) + "]}}";
    return parse_safetensors(file_of(header, bytes), "test").tensors.at("x").data[0];
  };
  EXPECT_EQ(value("F64", {0, 0, 0, 0, 0, 0, 0xF8, 0xBF}), -1.5f);
  EXPECT_EQ(value("F64", {0x9A, 0x99, 0x99, 0x99, 0x99, 0x99, 0xB9, 0x3F}), 0.1f);  // rounded
  EXPECT_EQ(value("F64", {0, 0, 0, 0, 0, 0, 0xF0, 0x7E}), std::numeric_limits<float>::infinity());
  EXPECT_EQ(value("BF16", {0xC0, 0xBF}), -1.5f);
  EXPECT_EQ(value("F16", {0x00, 0xBE}), -1.5f);
  EXPECT_EQ(value("F16", {0xFF, 0x7B}), 65504.0f);
  EXPECT_EQ(value("F16", {0x01, 0x00}), 0x1p-24f);  // the smallest half
  EXPECT_EQ(value("F16", {0xFF, 0x83}), -1023 * 0x1p-24f);
  EXPECT_EQ(value("F16", {0x00, 0x04}), 0x1p-14f);  // the smallest normal half
  EXPECT_EQ(value("F16", {0x00, 0xFC}), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(value("F16", {0x01, 0x7E})));
  EXPECT_TRUE(std::signbit(value("F16", {0x00, 0x80})));
}

TEST(safetensors, keep_the_order_of_their_data_not_of_their_header) {
  const std::string header = R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                             R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const SafetensorsFile file = parse_safetensors(file_of(header, {0, 0, 0, 0, 0, 0, 0, 0}), "test");
  EXPECT_EQ(file.tensors.begin()->name, "a");
}

TEST(safetensors, without_elements_keep_the_order_of_the_header) {
  NamedTensors tensors;
  for (int i = 0; i < 100; ++i) tensors.add(std::to_string((i * 37) % 100), Tensor(Shape{0}));
  EXPECT_EQ(parse_safetensors(encode_safetensors(tensors), "test").tensors, tensors);
}

TEST(safetensors, refuse_names_that_the_format_cannot_hold) {
  NamedTensors reserved;
  reserved.add("__metadata__", Tensor());
  EXPECT_THROW(encode_safetensors(reserved), ContractBroken);
  NamedTensors not_utf8;
  not_utf8.add("\xFF", Tensor());
  EXPECT_THROW(encode_safetensors(not_utf8), ContractBroken);
  EXPECT_THROW(encode_safetensors({}, {{"key", "\xC3"}}), ContractBroken);
}

TEST(safetensors, are_written_whole_and_leave_no_other_file) {
  const TemporaryDirectory directory;
  const auto path = directory / "w.safetensors";
  write_safetensors(path, some_tensors());
  write_safetensors(path, some_tensors(), {{"second", "time"}});
  EXPECT_EQ(read_safetensors(path).tensors, some_tensors());
  EXPECT_EQ(read_safetensors(path).metadata.size(), 1u);
  EXPECT_EQ(directory.n_files(), 1u);
}

TEST(safetensors, that_are_not_there_are_not_found) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "none.safetensors: cannot open",
                         [&] { read_safetensors(directory / "none.safetensors"); }));
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "is a directory",
                         [&] { read_safetensors(directory.path()); }));
}

// The reference files were written by other programs, each listed with its first tensor.
TEST(safetensors, of_other_programs_are_read) {
  const std::map<std::string, Shape> unembeddings = {
      {"weights/5_digit_addition_infinite.safetensors", Shape{128, 12}},
      {"weights/induction_head_infinite.safetensors", Shape{48, 128}},
      {"weights/pizza_model_A.safetensors", Shape{128, 59}},
      {"weights/wd_10-1_mod_addition_loss_curve.safetensors", Shape{128, 114}},
      {"inits/modadd_d128_init_seed0.safetensors", Shape{128, 114}}};
  for (const auto& [name, shape] : unembeddings) {
    const auto path = reference_file(name);
    if (!path) GTEST_SKIP() << "no reference files here; see GROKSCOPE_REFERENCE";
    const SafetensorsFile file = read_safetensors(*path);
    EXPECT_EQ(file.tensors.at("embed.W_E").shape, shape) << name;
    EXPECT_FALSE(file.metadata.empty());
    // Those files keep their own order of keys and padding, so only the content can be compared.
    const SafetensorsFile again =
        parse_safetensors(encode_safetensors(file.tensors, file.metadata), name);
    EXPECT_EQ(again.tensors, file.tensors) << name;
  }
}

}  // namespace
}  // namespace grok
