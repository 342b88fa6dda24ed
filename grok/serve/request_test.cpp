#include "grok/serve/request.h"

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok::serve {
namespace {

TEST(Targets, are_read_as_segments_and_values) {
  const std::optional<Target> target = parse_target("/a/b%20c/%C3%A9?x=1&y=&z=a%3Db%26c");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a", "b c", "\xC3\xA9"}));
  EXPECT_EQ(target->query,
            (std::map<std::string, std::string>{{"x", "1"}, {"y", ""}, {"z", "a=b&c"}}));
}

TEST(Targets, of_the_root_and_of_a_folder_are_read) {
  EXPECT_TRUE(parse_target("/")->segments.empty());
  EXPECT_EQ(parse_target("/a/")->segments, std::vector<std::string>{"a"});
  EXPECT_EQ(parse_target("/a?")->query.size(), 0U);
}

TEST(Targets, that_are_not_plainly_sound_are_refused) {
  const std::string long_one = "/" + std::string(longest_target, 'a');
  for (const std::string& text : std::vector<std::string>{"",
                                                          "a",
                                                          "http://127.0.0.1/a",
                                                          "/a//b",
                                                          "//",
                                                          "/a/./b",
                                                          "/a/../b",
                                                          "/..",
                                                          "/%2e%2e/a",
                                                          "/%2E/a",
                                                          "/a%2fb",
                                                          "/a%2Fb",
                                                          "/a%5cb",
                                                          "/a\\b",
                                                          "/a%00b",
                                                          "/%0a",
                                                          "/a b",
                                                          "/a\tb",
                                                          std::string("/a\0b", 4),
                                                          "/\x80",
                                                          "/a%",
                                                          "/a%4",
                                                          "/a%zz",
                                                          "/a%4g",
                                                          "/a?x=%",
                                                          "/a?x=%00",
                                                          "/a?=1",
                                                          "/a?x=1&x=2",
                                                          "/a?x=1&%78=2",
                                                          long_one})
    EXPECT_FALSE(parse_target(text)) << text;
}

TEST(Parameters, say_what_they_expect) {
  Request request;
  request.target = *parse_target("/a?n=12&bad=12x&far=99999999999999999999&neg=-3&list=a,,b&none=");
  EXPECT_EQ(request.integer("n", 0, 12), 12);
  EXPECT_EQ(request.integer("neg", -3, 0), -3);
  EXPECT_EQ(request.integer_or("missing", 0, 9, 4), 4);
  EXPECT_EQ(request.list("list", 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(request.list("none", 2).empty());
  for (const char* name : {"bad", "far", "none", "missing"})
    EXPECT_THROW(request.integer(name, 0, 100), Error) << name;
  EXPECT_THROW(request.integer("n", 0, 11), Error);
  EXPECT_THROW(request.integer("n", 13, 20), Error);
  EXPECT_THROW(request.list("list", 1), Error);
  EXPECT_THROW(request.list("missing", 1), Error);
}

}  // namespace
}  // namespace grok::serve
