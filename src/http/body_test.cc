#include "http/body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

Request request(std::string body, std::string_view content_type = {}) {
  Request made;
  made.body = std::move(body);
  if (!content_type.empty()) made.headers.push_back({"Content-Type", content_type});
  return made;
}

// The field `a` of a body that can be read.
std::optional<std::string> field_a(const Request& from) {
  ParsedBody body;
  const auto result = body.read(from);
  if (!result) return std::nullopt;
  const auto text = body.find_text("a");
  return text ? std::optional(std::string(*text)) : "(absent)";
}

TEST(ParsedBody, JsonWhateverItsContentTypeSays) {
  for (const char* type : {"", "application/json", "application/json; charset=utf-8; x=\"y\"", "text/plain",
                           "application/x-www-form-urlencoded", "nonsense", "multipart/form-data"}) {
    EXPECT_THAT(field_a(request(R"( {"a" : "x"} )", type)), Optional(std::string("x"))) << type;
  }
  EXPECT_THAT(field_a(request("\xEF\xBB\xBF{\"a\":\"x\"}")), Optional(std::string("x")));
  EXPECT_THAT(field_a(request(R"("{\"a\":\"x\"}")")), Optional(std::string("x")));
  EXPECT_THAT(field_a(request(R"({"a":"x","a":"y"})")), Optional(std::string("y")));
}

TEST(ParsedBody, FormsByTypeOrByLook) {
  EXPECT_THAT(field_a(request("a=x+y%26&b=2", "application/x-www-form-urlencoded; charset=UTF-8")),
              Optional(std::string("x y&")));
  EXPECT_THAT(field_a(request("b=2&a=x")), Optional(std::string("x")));
  EXPECT_THAT(field_a(request("a=x", "text/plain;charset=UTF-8")), Optional(std::string("x")));
  EXPECT_EQ(field_a(request("a=x", "application/json")), std::nullopt);
}

TEST(ParsedBody, AnEmptyBodyHasNoFields) {
  EXPECT_THAT(field_a(request("")), Optional(std::string("(absent)")));
  EXPECT_THAT(field_a(request(" \r\n", "application/json")), Optional(std::string("(absent)")));
}

TEST(ParsedBody, NumbersAreExact) {
  ParsedBody body;
  ASSERT_TRUE(body.read(request(R"({"a":1234.5678901234567,"b":1.5})")));
  EXPECT_EQ(body.input().body->at("a").as_double(), 1234.5678901234567);
  EXPECT_EQ(body.input().body->at("b").as_double(), 1.5);
}

base::Error error_of(std::string body) {
  ParsedBody parsed;
  const auto result = parsed.read(request(std::move(body), "application/json"));
  EXPECT_FALSE(result);
  return result ? base::Error{} : result.error();
}

TEST(ParsedBody, ValidJsonThatIsNoObjectIsAValidationError) {
  for (const char* text : {"[]", "5", "null", "\"x\"", "true"}) {
    EXPECT_EQ(error_of(text).code, base::ErrorCode::validation_failed) << text;
  }
}

TEST(ParsedBody, HintsAtWhatBrokeTheEscaping) {
  const auto hint = [](std::string body) {
    const base::Error error = error_of(std::move(body));
    EXPECT_EQ(error.code, base::ErrorCode::bad_json);
    return error.hint.value_or("(the table's)");
  };
  EXPECT_THAT(hint(R"({"a":"Ann "Ace" Lee","b":1})"), HasSubstr("quotation mark"));
  EXPECT_THAT(hint(R"({"a":"C:\path"})"), HasSubstr("backslash"));
  EXPECT_THAT(hint("{\"a\":\"two\nlines\"}"), HasSubstr("line break"));
  EXPECT_THAT(hint("{\"a\":\"a\tb\"}"), HasSubstr("line break or tab"));
  EXPECT_EQ(hint(R"({"a":unquoted})"), "(the table's)");
  EXPECT_EQ(hint(R"({"a":"x",})"), "(the table's)");
  EXPECT_EQ(hint("{"), "(the table's)");
  EXPECT_EQ(hint("\xFF\xFE"), "(the table's)");
}

TEST(ParsedBody, NestingIsBounded) {
  const auto nested = [](std::size_t levels) {
    return R"({"a":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  ParsedBody shallow;
  EXPECT_TRUE(shallow.read(request(nested(31))));
  EXPECT_EQ(error_of(nested(32)).code, base::ErrorCode::bad_json);
  EXPECT_EQ(error_of(nested(30'000)).code, base::ErrorCode::bad_json);
}

TEST(ParsedBody, BrokenUtf8IsNotJson) {
  EXPECT_EQ(error_of("{\"a\":\"\xC0\xAF\"}").code, base::ErrorCode::bad_json);
}

TEST(ParsedBody, NumbersOutOfRangeAreNotTaken) {
  EXPECT_EQ(error_of(R"({"a":1e400})").code, base::ErrorCode::bad_json);
}

}  // namespace
}  // namespace latchkey::http
