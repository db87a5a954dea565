// JSON paths and YAML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/json_reader.h"
#include "flutterflow/json_path.h"
#include "flutterflow/yaml.h"

namespace latchkey::flutterflow {
namespace {

using ::testing::HasSubstr;

std::string found(std::string_view path, std::string_view document) {
  const auto parsed = JsonPath::parse(path);
  if (!parsed) return "error";
  const auto json = base::parse_json(document);
  std::string text;
  for (const boost::json::value* value : parsed->find_in(*json)) {
    text.append(text.empty() ? "" : " ").append(boost::json::serialize(*value));
  }
  return text;
}

TEST(JsonPath, finds_what_it_names) {
  EXPECT_EQ(found("$", "[1]"), "[1]");
  EXPECT_EQ(found("$.a.b", R"({"a":{"b":1}})"), "1");
  EXPECT_EQ(found("$['a b'][\"c\"]", R"({"a b":{"c":true}})"), "true");
  EXPECT_EQ(found("$.a[1].b", R"({"a":[0,{"b":"x"}]})"), R"("x")");
  EXPECT_EQ(found("$.a[-1]", R"({"a":[1,2,3]})"), "3");
  EXPECT_EQ(found("$.a[*].b", R"({"a":[{"b":1},{"b":2}]})"), "1 2");
  EXPECT_EQ(found("$.a[:].b", R"({"a":[{"b":1},{"c":2}]})"), "1");
  EXPECT_EQ(found("$..id", R"({"id":1,"x":[{"id":2}]})"), "1 2");
  EXPECT_EQ(found("$.a.b", R"({"a":[1]})"), "");
  EXPECT_EQ(found("$.a[9]", R"({"a":[1]})"), "");
}

TEST(JsonPath, refuses_what_is_none) {
  for (const char* path : {"", "a.b", "$.", "$.a[", "$.a['b]", "$[x]", "$a", "$.a b"})
    EXPECT_EQ(found(path, "{}"), "error") << path;
}

TEST(JsonPath, has_one_way_of_being_written) {
  EXPECT_EQ(JsonPath::parse("$['data']['token']")->text(), "$.data.token");
  EXPECT_EQ(JsonPath::parse("$.a[0]['b c']")->text(), "$.a[0]['b c']");
  EXPECT_EQ(JsonPath::parse("$.a[0]['b c']")->last_name(), "b c");
}

std::string yaml(std::string_view text) {
  const auto value = read_yaml(text, {.depth = 8, .nodes = 100});
  return value ? boost::json::serialize(*value) : "error: " + value.error().detail;
}

TEST(Yaml, reads_scalars_lists_and_maps) {
  EXPECT_EQ(yaml("a: 1\nb: [x, 2.5, true, null, '1']\nc:\n  - d: ~\n"),
            R"({"a":1,"b":["x",2.5E0,true,null,"1"],"c":[{"d":null}]})");
  EXPECT_EQ(yaml("a: &x {k: v}\nb: *x\n"), R"({"a":{"k":"v"},"b":{"k":"v"}})");
}

TEST(Yaml, refuses_what_is_wrong_or_too_much) {
  EXPECT_THAT(yaml("a: [1, 2"), HasSubstr("error: The YAML is not right in line"));
  EXPECT_THAT(yaml("a: *none"), HasSubstr("an alias names nothing"));
  EXPECT_THAT(yaml(""), HasSubstr("empty"));
  EXPECT_THAT(yaml("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b]"),
              HasSubstr("it holds too much"));
  EXPECT_THAT(yaml("[[[[[[[[[[[[1]]]]]]]]]]]]"), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace latchkey::flutterflow
