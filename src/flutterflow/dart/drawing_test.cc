#include "flutterflow/dart/drawing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "flutterflow/dart/syntax.h"

namespace latchkey::flutterflow::dart {
namespace {

// Without the blanks.
std::string dense(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

TEST(Drawing, replaces_values_that_only_draw) {
  EXPECT_EQ(dense(without_drawing("f(style: TextStyle(color: Colors.red), x: 1);")), "f(style:0,x:1);");
  EXPECT_EQ(dense(without_drawing("f(const EdgeInsets.all(8.0));")), "f(0);");
  EXPECT_EQ(
      dense(without_drawing("f(c: FlutterFlowTheme.of(context).titleSmall.override(fontFamily: 'A)b'),);")),
      "f(c:0,);");
  EXPECT_EQ(dense(without_drawing("f(a ? Color(0xff) : x ?? Color(0xee));")), "f(a?Color(0xff):x??0);");
}

TEST(Drawing, keeps_every_place) {
  const std::string source = "f(\n  style: TextStyle(\n    color: a,\n  ),\n  next: g(),\n);\n";
  const std::string out = without_drawing(source);
  ASSERT_EQ(out.size(), source.size());
  EXPECT_EQ(out.find("next"), source.find("next"));
  EXPECT_EQ(std::ranges::count(out, '\n'), std::ranges::count(source, '\n'));
}

TEST(Drawing, leaves_what_may_do_something) {
  for (const char* source : {
           "f(style: TextStyle(onTap: () { g(); }));",            // a function
           "f(icon: Icon(Icons.a, onTap: () => g()));",           // likewise
           "f(decoration: InputDecoration(hintText: 'a $b'));",   // a text with a value
           "f(decoration: BoxDecoration(child: CardWidget()));",  // a page
           "f(style: TextStyle(color: a /* why */));",
           "FlutterFlowTheme.of(context).primary = a;",
           "final a = Icon(Icons.b);",
           "class TextStyle { const TextStyle({this.a}); }",
           "f(my.TextStyle(a));",
           "// f(style: TextStyle(a))\n",
           "f('f(style: TextStyle(a))');",
           "f(style: TextStyle(a",
           "f('''TextStyle(' ''', \"${g('}')}\");",
       }) {
    EXPECT_EQ(without_drawing(source), "") << source;
  }
}

TEST(Drawing, is_not_seen_in_the_unit) {
  const Unit unit = parse_unit("void f() {\n  g(style: TextStyle(a: 1), b: h('x'));\n}\n");
  EXPECT_EQ(unit.parse_errors, 0U);
  EXPECT_NE(unit.text().find("TextStyle(a: 1)"), std::string_view::npos);
  ASSERT_EQ(unit.functions.size(), 1U);
}

}  // namespace
}  // namespace latchkey::flutterflow::dart
