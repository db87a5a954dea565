// Unit tests of the vocabulary everything else is written in.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <span>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "base/error.h"
#include "base/json_reader.h"
#include "base/json_text.h"
#include "base/scheduling.h"
#include "base/secret.h"
#include "base/testing/fakes.h"
#include "base/uuid.h"

namespace latchkey::base {
namespace {

TEST(ErrorTable, EveryCodeHasTextsAndAnHttpErrorStatus) {
  std::set<std::string_view> names;
  for (const ErrorInfo& info : all_errors()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_GE(info.status, 400) << info.name;
    EXPECT_LT(info.status, 600) << info.name;
    EXPECT_FALSE(info.message.empty()) << info.name;
    EXPECT_GT(info.hint.size(), 20u) << info.name;
    EXPECT_EQ(find_error_code(info.name), info.code);
    EXPECT_EQ(error_info(info.code).name, info.name);
  }
  EXPECT_EQ(find_error_code("no_such_code"), std::nullopt);
}

// docs/errors.md is made from the table: `./dev docs` writes it (with LATCHKEY_WRITE_DOCS set), this test
// keeps it true.
TEST(ErrorTable, IsWhatTheDocumentSays) {
  std::string expected =
      "# Error codes\n\nMade from `src/base/error_codes.def` by `./dev docs`. `code` is stable; `message` "
      "may be shown to "
      "people; `hint` speaks to the builder.\n\n| code | status | message | hint |\n| --- | --- | --- | --- "
      "|\n";
  for (const ErrorInfo& info : all_errors()) {
    expected += fmt::format("| `{}` | {} | {} | {} |\n", info.name, info.status, info.message, info.hint);
  }
  const std::filesystem::path path = std::filesystem::path(LATCHKEY_SOURCE_DIR) / "docs/errors.md";
  if (std::getenv("LATCHKEY_WRITE_DOCS") != nullptr) std::ofstream(path) << expected;
  std::stringstream stored;
  stored << std::ifstream(path).rdbuf();
  EXPECT_EQ(stored.str(), expected) << "run ./dev docs";
}

TEST(Clock, WritesIso8601InUtc) {
  EXPECT_EQ(to_iso8601(from_unix_seconds(1'700'003'600)), "2023-11-14T23:13:20Z");
  EXPECT_EQ(to_iso8601_ms(from_unix_ms(1'700'003'600'007)), "2023-11-14T23:13:20.007Z");
  EXPECT_EQ(to_iso8601(from_unix_ms(-1)), "1969-12-31T23:59:59Z");
}

TEST(Uuid, Version7CarriesTheTimeAndSortsByIt) {
  testing::FakeRandom random;
  const Timestamp t = from_unix_ms(0x0123456789AB);
  const Uuid early = Uuid::make_v7(t, random);
  const Uuid late = Uuid::make_v7(t + Milliseconds(1), random);
  EXPECT_LT(early, late);
  const std::string text = early.to_string();
  EXPECT_TRUE(text.starts_with("01234567-89ab-7")) << text;
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
  EXPECT_EQ(Uuid::parse(text), early);
}

TEST(Uuid, ParsesOnlyTheOneForm) {
  EXPECT_TRUE(Uuid::parse("01234567-89AB-7def-8000-000000000000"));
  for (const char* bad : {"", "0123456789ab7def8000000000000000", "{1234567-89ab-7def-8000-000000000000}",
                          "01234567-89ab-7def-8000-00000000000g", "01234567x89ab-7def-8000-000000000000",
                          "01234567-89ab-7def-8000-0000000000000"}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

TEST(Secret, MovingEmptiesTheSource) {
  Secret a(std::string("short"));
  const Secret b(std::move(a));
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): the guarantee under test
  EXPECT_EQ(b.confidential_text(), "short");
}

TEST(JsonText, ParsesObjectsOnly) {
  EXPECT_EQ(JsonObjectText::parse(R"( {"a" : 1} )", 100)->text(), R"({"a":1})");
  for (const char* bad : {"", "[]", "1", "{", R"({"a":1} x)"})
    EXPECT_FALSE(JsonObjectText::parse(bad, 100)) << bad;
  EXPECT_FALSE(JsonObjectText::parse(R"({"a":"0123456789"})", 10));
  EXPECT_FALSE(JsonObjectText::parse(R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}", 1000));
}

TEST(JsonText, MergeReplacesKeysAndNullRemoves) {
  const auto object = [](const char* text) { return *JsonObjectText::parse(text, 1000); };
  EXPECT_EQ(object(R"({"a":1,"b":2,"c":{"x":1}})").merged_with(object(R"({"b":null,"c":{"y":2},"d":"new"})")),
            object(R"({"a":1,"c":{"y":2},"d":"new"})"));
}

TEST(JsonText, NumbersComeBackAsTheyWereSent) {
  for (const char* number : {"1.5",
                             "1e300",
                             "-0.0",
                             "1e-7",
                             "123456789012345678",
                             "0.1",
                             "0",
                             "-1",
                             "5.0",
                             "-100.0",
                             "1.5e-7",
                             "1e21",
                             "100000000000000000000.0",
                             "0.000001",
                             "9223372036854775807",
                             "-9223372036854775808",
                             "18446744073709551615",
                             "3.141592653589793",
                             "0.30000000000000004",
                             "5e-324",
                             "1.7976931348623157e308"}) {
    const std::string text = fmt::format(R"({{"a":[{}]}})", number);
    EXPECT_EQ(JsonObjectText::parse(text, 100)->text(), text);
    const std::string changed = fmt::format(R"({{"a":[{}],"b":1}})", number);
    EXPECT_EQ(JsonObjectText::parse(text, 100)->merged_with(*JsonObjectText::parse(R"({"b":1})", 100)).text(),
              changed);
  }
  const auto written = [](const char* number) {
    return JsonObjectText::parse(fmt::format(R"({{"a":{}}})", number), 100)->text();
  };
  EXPECT_EQ(written("1.50E+1"), R"({"a":15.0})");
  EXPECT_EQ(written("12345678901234567890123"), R"({"a":1.2345678901234568e22})");
  EXPECT_EQ(written("1e-400"), R"({"a":0.0})");
}

TEST(JsonText, NumbersThatNoDoubleHoldsAreRefused) {
  for (const char* number : {"1e309", "-1e400", "1.7976931348623159e308", "1e99999999999"})
    EXPECT_FALSE(JsonObjectText::parse(fmt::format(R"({{"a":{}}})", number), 100)) << number;
}

TEST(JsonText, DoublesOfSeventeenDigitsAreExact) {
  testing::FakeRandom random;
  for (int i = 0; i < 10'000; ++i) {
    std::uint64_t bits = 0;
    random.fill(std::as_writable_bytes(std::span(&bits, 1)));
    const auto number = std::bit_cast<double>(bits);
    if (!std::isfinite(number)) continue;
    const auto read = parse_json(fmt::format("{:.17e}", number));
    ASSERT_TRUE(read && read->is_double()) << number;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(read->get_double()), bits) << number;
    std::string text;
    append_json(text, *read);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(parse_json(text)->get_double()), bits) << text;
  }
}

TEST(JsonText, StringsAreAlwaysValidJson) {
  std::string out;
  append_json_string(
      out, std::string_view("a\"\\\n\t\x01\x7f\xC3\xBC\xF0\x9F\x94\x91\xFF\xC0\x80\xED\xA0\x80", 19));
  EXPECT_EQ(out,
            "\"a\\\"\\\\\\n\\t\\u0001\\u007f\xC3\xBC\xF0\x9F\x94\x91"
            "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

// The members that are handed on, as "name=value", and " refused" at the end where the document was.
std::string members_of(std::string_view text, std::size_t max_depth = 8) {
  std::string all;
  const bool read = read_json_members(text, max_depth, [&](std::string_view name, JsonMember value) {
    all.append(name).append("=");
    if (const auto* words = std::get_if<std::string>(&value)) all.append(*words);
    if (const auto* number = std::get_if<std::int64_t>(&value)) all.append(std::to_string(*number));
    all.append(";");
    return name != "stop";
  });
  return all + (read ? "" : " refused");
}

TEST(JsonMembers, AreThoseAtTheTopInTheirOrder) {
  EXPECT_EQ(members_of("{}"), "");
  EXPECT_EQ(members_of(R"( {"b":"x\u0041\n","a":-5,"":""} )"), "b=xA\n;a=-5;=;");
  EXPECT_EQ(members_of(R"({"a":{"b":"x","b":1},"c":["y",[2]],"d":null,"e":true,"f":1.5,"g":"z"})"),
            "a=;c=;d=;e=;f=;g=z;");
  EXPECT_EQ(members_of(R"({"a":18446744073709551615,"b":9223372036854775807})"), "a=;b=9223372036854775807;");
}

TEST(JsonMembers, OfAnythingElseAreRefused) {
  for (const char* text :
       {"", "[]", "1", "null", "\"a\"", R"([{"a":1}])", "{", R"({"a":1}})", R"({"a":1} {})"})
    EXPECT_THAT(members_of(text), ::testing::EndsWith(" refused")) << text;
}

TEST(JsonMembers, StandOnceEach) {
  EXPECT_EQ(members_of(R"({"a":1,"a":1})"), "a=1; refused");
  EXPECT_EQ(members_of(R"({"a":1,"\u0061":1})"), "a=1; refused");
  EXPECT_EQ(members_of(R"({"a":{},"b":{"a":1},"c":2})"), "a=;b=;c=2;");
}

TEST(JsonMembers, AreBounded) {
  std::string many = "{";
  for (int i = 0; i < 64; ++i) many += fmt::format(R"("{}":0,)", i);
  many.back() = '}';
  EXPECT_THAT(members_of(many), ::testing::EndsWith("63=0;"));
  many.back() = ',';
  EXPECT_THAT(members_of(many + R"("one more":0})"), ::testing::EndsWith("63=0; refused"));
  EXPECT_EQ(members_of(R"({"a":[[1]]})", 3), "a=;");
  EXPECT_EQ(members_of(R"({"a":[[1]]})", 2), "a=; refused");
}

TEST(JsonMembers, EndWhereTheReaderSaysSo) {
  EXPECT_EQ(members_of(R"({"a":1,"stop":2,"b":3})"), "a=1;stop=2; refused");
}

TEST(JsonWriter, SeparatesAndNests) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("a", std::int64_t{1})
      .key("b")
      .begin_array()
      .value("x")
      .value(true)
      .null()
      .begin_object()
      .end_object()
      .end_array()
      .member("c", "y")
      .end_object();
  EXPECT_EQ(out, R"({"a":1,"b":["x",true,null,{}],"c":"y"})");
}

TEST(Scheduling, AThreadGivesWayByItself) {
  const int before = getpriority(PRIO_PROCESS, 0);
  int inside = before;
  std::thread([&] {
    give_way_to_others(19);
    ask_for_short_time_slices();  // changes nothing else of the thread
    inside = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
  }).join();
  EXPECT_EQ(inside, 19);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before);
}

}  // namespace
}  // namespace latchkey::base
