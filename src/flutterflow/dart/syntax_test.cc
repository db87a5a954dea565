#include "flutterflow/dart/syntax.h"

#include <gtest/gtest.h>

namespace latchkey::flutterflow::dart {
namespace {

std::optional<std::string> text_of(std::string_view literal, bool is_raw = false) {
  const StringPart part{.is_raw = is_raw, .text = literal};
  const Expression expression{.kind = ExpressionKind::string, .parts = {&part, 1}};
  return constant_text(&expression);
}

TEST(ConstantText, resolves_escapes) {
  EXPECT_EQ(text_of(R"(a\n\t\'\\\$b)"), "a\n\t'\\$b");
  EXPECT_EQ(text_of(R"(\x41\u00e4\u{1F600}\u{41})"), "Aä😀A");
  EXPECT_EQ(text_of(R"(\u12 \xg \u{} \u{110000000} \)"), R"(u12 xg u{} u{110000000} )");
}

TEST(ConstantText, leaves_raw_text_as_it_is) { EXPECT_EQ(text_of(R"(a\n$b)", true), R"(a\n$b)"); }

TEST(OneLine, folds_white_space_and_cuts_whole_characters) {
  const Unit unit = parse_unit("f(\n    'ä',\r\n\t1);");
  const Span all{.begin = 0, .end = static_cast<std::uint32_t>(unit.text().size())};
  EXPECT_EQ(one_line(unit, all), "f( 'ä', 1);");
  EXPECT_EQ(one_line(unit, all, 8), "f( '…");
}

}  // namespace
}  // namespace latchkey::flutterflow::dart
