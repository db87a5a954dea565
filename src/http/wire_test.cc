#include "http/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "http/testing_types.h"

namespace latchkey::http {
namespace {

namespace json = boost::json;
using testing::Colour;
using ::testing::ElementsAre;
using testing::Everything;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const std::string kGood =
    R"({"text":"hello","secret":"a\u0000b","flag":true,"number":5,"colour":"green","data":{"a":[1,null]},)"
    R"("inner":{"name":"abc"},"list":[{"name":"x"}],"words":["u","v"],"unknown":{"deep":[1]}})";
const Pairs kPath = {{"id", "7"}};

template <class T>
base::Result<T> decode_json(std::string_view text, const Pairs& query = {}) {
  const json::value value = json::parse({text.data(), text.size()});
  return decode<T>({.body = &value.get_object(), .query = &query, .path = &kPath});
}

std::map<std::string, std::string> problems(std::string_view text, const Pairs& query = {}) {
  std::map<std::string, std::string> all;
  const auto result = decode_json<Everything>(text, query);
  if (result) return all;
  EXPECT_EQ(result.error().code, base::ErrorCode::validation_failed);
  for (const base::FieldError& field : result.error().fields) all[field.field] = field.message;
  return all;
}

// kGood with one field changed or, when `value` is empty, without it.
std::map<std::string, std::string> problems_with(std::string_view field, std::string_view value) {
  json::object object = json::parse(kGood).get_object();
  if (value.empty()) {
    object.erase({field.data(), field.size()});
  } else {
    object[{field.data(), field.size()}] = json::parse({value.data(), value.size()});
  }
  return problems(json::serialize(object));
}

TEST(Decode, KeepsNumbersInsideObjectsAsTheyWereSent) {
  json::object object = json::parse(kGood).get_object();
  object["data"] = json::parse(R"({"a":[1.5,1e300,-0.0,1e-7,0.1]})");
  const json::value value = object;
  EXPECT_EQ(decode<Everything>({.body = &value.get_object(), .path = &kPath})->data.text(),
            R"({"a":[1.5,1e300,-0.0,1e-7,0.1]})");
}

TEST(Decode, ReadsEveryKindOfField) {
  const auto result = decode_json<Everything>(kGood, {{"page", "3"}});
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(result->id, "7");
  EXPECT_EQ(result->page, 3);
  EXPECT_EQ(result->text, "hello");
  EXPECT_EQ(result->secret.confidential_text(), std::string_view("a\0b", 3));
  EXPECT_TRUE(result->flag);
  EXPECT_EQ(result->number, 5);
  EXPECT_EQ(result->colour, Colour::green);
  EXPECT_EQ(result->data.text(), R"({"a":[1,null]})");
  EXPECT_EQ(result->inner.name, "abc");
  EXPECT_THAT(result->list, ElementsAre(testing::Inner{"x"}));
  EXPECT_THAT(result->words, ElementsAre("u", "v"));
  EXPECT_EQ(result->maybe, std::nullopt);
}

TEST(Decode, NamesAllBadFieldsAtOnceAndNeverTheirValues) {
  const auto result = decode_json<Everything>(R"({"secret":"hunter2","number":"hunter2"})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail.find("hunter2"), std::string::npos);
  EXPECT_THAT(
      problems(R"({"secret":5,"number":"x","text":null,"inner":{"name":7},"list":[{}]})", {{"page", "x"}}),
      UnorderedElementsAre(Pair("page", "must be a whole number"), Pair("text", "must not be null"),
                           Pair("secret", "must be a text"), Pair("flag", "is required"),
                           Pair("number", "must be a whole number"), Pair("colour", "is required"),
                           Pair("data", "is required"), Pair("inner.name", "must be a text"),
                           Pair("list[0].name", "is required"), Pair("words", "is required")));
}

TEST(Decode, HoldsBounds) {
  const auto one = [](const char* field, const char* value) {
    const auto all = problems_with(field, value);
    return all.empty()       ? std::string("fits")
           : all.size() == 1 ? all.begin()->first + " " + all.begin()->second
                             : "many";
  };
  EXPECT_EQ(one("text", R"("")"), "text must not be empty");
  EXPECT_EQ(one("text", R"("äöüßé")"), "fits");
  EXPECT_EQ(one("text", R"("äöüßéx")"), "text must be at most 5 characters");
  EXPECT_EQ(one("text", R"("a\u0000b")"), "text must not hold a NUL character");
  EXPECT_EQ(one("text", R"("null")"), "text is the text null: the variable behind it is not set");
  EXPECT_EQ(one("number", "10"), "fits");
  EXPECT_EQ(one("number", "10.0"), "fits");
  EXPECT_EQ(one("number", "10.5"), "number must be a whole number");
  EXPECT_EQ(one("number", "11"), "number must be at most 10");
  EXPECT_EQ(one("number", "-1"), "number must be at least 0");
  EXPECT_EQ(one("number", "18446744073709551615"), "number must be a whole number");
  EXPECT_EQ(one("number", R"("5")"), "number must be a whole number");
  EXPECT_EQ(one("flag", R"("true")"), "flag must be true or false");
  EXPECT_EQ(one("colour", R"("blue")"), "colour must be one of: red, green");
  EXPECT_EQ(one("data", "[]"), "data must be a JSON object");
  EXPECT_EQ(one("data", R"({"a":"01234567890123456789012345678901234567890"})"),
            "data must be at most 40 bytes");
  EXPECT_EQ(one("list", "[]"), "list must have at least 1 elements");
  EXPECT_EQ(one("list", R"([{"name":"a"},{"name":"b"},{"name":"c"}])"), "list must have at most 2 elements");
  EXPECT_EQ(one("words", R"(["a",1])"), "words[1] must be a text");
  EXPECT_EQ(one("inner", R"("x")"), "inner must be a JSON object");
  EXPECT_EQ(one("maybe", "null"), "fits");
  EXPECT_EQ(one("nullable", R"("pink")"), "nullable must be one of: red, green");
}

TEST(Decode, AnEmptyOptionalTextMayCountAsAbsent) {
  const auto result = decode_json<Everything>(kGood.substr(0, kGood.size() - 1) + R"(,"maybe":""})");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->maybe, std::nullopt);
}

TEST(Decode, FormsAreTextsThatAreParsed) {
  Pairs form;
  append_pairs("text=h%20i&secret=x&flag=true&number=7&colour=red&data=%7B%22a%22%3A1%7D&number=8&maybe=a+b",
               form);
  const auto result = decode<Everything>({.form = &form, .path = &kPath});
  ASSERT_FALSE(result);  // a form holds neither objects nor lists
  std::vector<std::string> names;
  for (const auto& field : result.error().fields) names.push_back(field.field);
  EXPECT_THAT(names, ElementsAre("inner", "list", "words"));

  form.emplace_back("text", "\xFF");
  form.emplace_back("flag", "yes");
  form.emplace_back("data", "{");
  names.clear();
  const auto worse = decode<Everything>({.form = &form, .path = &kPath});
  for (const auto& field : worse.error().fields) names.push_back(field.field);
  EXPECT_THAT(names, ElementsAre("text", "flag", "data", "inner", "list", "words"));
}

TEST(Encode, WritesBodyFieldsAndComesBackTheSame) {
  const auto value = decode_json<Everything>(kGood);
  ASSERT_TRUE(value);
  std::string text;
  encode(*value, text);
  EXPECT_EQ(
      text,
      R"({"text":"hello","secret":"a\u0000b","flag":true,"number":5,"colour":"green","data":{"a":[1,null]},)"
      R"("inner":{"name":"abc"},"list":[{"name":"x"}],"words":["u","v"],"nullable":null})");
  std::string again;
  encode(decode_json<Everything>(text).value(), again);
  EXPECT_EQ(again, text);
}

TEST(Schema, SaysWhatTheDecoderChecks) {
  const json::value schema = json::parse(json_schema<Everything>(SchemaUse::request));
  EXPECT_EQ(schema.at("type"), "object");
  EXPECT_EQ(json::serialize(schema.at("required")),
            R"(["text","secret","flag","number","colour","data","inner","list","words"])");
  const json::object& properties = schema.at("properties").get_object();
  EXPECT_FALSE(properties.contains("id"));
  EXPECT_EQ(json::serialize(properties.at("text")),
            R"({"type":"string","minLength":1,"maxLength":5,"pattern":"^[^\\u0000]*$",)"
            R"("not":{"enum":["null","undefined"]},"format":"email","examples":["hello"]})");
  EXPECT_EQ(json::serialize(properties.at("number")),
            R"({"type":"integer","format":"int64","minimum":0,"maximum":10,"examples":[5]})");
  EXPECT_EQ(json::serialize(properties.at("nullable")),
            R"({"type":["string","null"],"enum":["red","green",null]})");
  EXPECT_EQ(properties.at("secret").at("writeOnly"), true);
  EXPECT_EQ(properties.at("list").at("maxItems"), 2);
  EXPECT_EQ(properties.at("inner").at("properties").at("name").at("type"), "string");
}

TEST(Schema, OfAnAnswerNamesAllItsFields) {
  const json::value schema = json::parse(json_schema<Everything>(SchemaUse::response));
  EXPECT_EQ(schema.at("additionalProperties"), false);
  EXPECT_EQ(schema.at("properties").at("maybe").at("type"), "string");
  EXPECT_THAT(json::serialize(schema.at("required")), ::testing::HasSubstr("nullable"));
  EXPECT_THAT(json::serialize(schema.at("required")), ::testing::Not(::testing::HasSubstr("maybe")));
}

TEST(Example, IsAcceptedByTheDecoder) {
  const auto result = decode_json<Everything>(example_json(type_info<Everything>()));
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(result->inner.name, "abc");
}

}  // namespace
}  // namespace latchkey::http
