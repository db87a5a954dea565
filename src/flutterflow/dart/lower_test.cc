// The lowering, written as compact text: calls as (call f a), members as (. a b), and so on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "flutterflow/dart/syntax.h"
#include "flutterflow/dart/walk.h"

namespace latchkey::flutterflow::dart {
namespace {

std::string show(ExpressionPtr node);
std::string show(List<StatementPtr> nodes);

std::string show(const Function& function) {
  std::string text = function.is_async ? "async(" : "(";
  for (const Parameter& parameter : function.parameters) {
    text +=
        (parameter.is_named ? "{" : "[") + std::string(parameter.type) + " " + std::string(parameter.name);
    if (parameter.is_required) text += " required";
    if (parameter.is_field) text += " field";
    if (parameter.default_value != nullptr) text += "=" + show(parameter.default_value);
    text += parameter.is_named ? "}" : "]";
  }
  return text + ")=>" + show(function.body);
}

std::string show(ExpressionPtr node) {
  if (node == nullptr) return "none";
  const auto list = [&] {
    std::string text;
    for (const ExpressionPtr child : node->children) text += " " + show(child);
    return text;
  };
  const auto arguments = [&] {
    std::string text;
    for (const Argument& argument : node->arguments) {
      text += " " + (argument.name.empty() ? "" : std::string(argument.name) + ":") + show(argument.value);
    }
    return text;
  };
  const std::string text(node->text);
  const std::string aware = node->null_aware ? "?" : "";
  switch (node->kind) {
    case ExpressionKind::identifier:
    case ExpressionKind::bool_literal:
    case ExpressionKind::number:
      return text.empty() ? "_" : text;
    case ExpressionKind::null_literal:
      return "null";
    case ExpressionKind::string: {
      std::string parts = node->is_raw ? "r'" : "'";
      for (const StringPart& part : node->parts) {
        parts += part.expression != nullptr ? "${" + show(part.expression) + "}" : std::string(part.text);
      }
      return parts + "'";
    }
    case ExpressionKind::list:
      return "[" + list() + "]";
    case ExpressionKind::map_or_set:
      return (node->is_map ? "{map" : "{set") + list() + "}";
    case ExpressionKind::record:
      return "(record" + arguments() + ")";
    case ExpressionKind::member:
      return "(" + aware + ". " + show(node->target) + " " + text + ")";
    case ExpressionKind::index:
      return "(" + aware + "[] " + show(node->target) + list() + ")";
    case ExpressionKind::call:
      return std::string(node->is_const ? "(const " : "(call ") + show(node->target) +
             (node->type.empty() ? "" : "<" + std::string(node->type) + ">") + arguments() + ")";
    case ExpressionKind::non_null:
      return "(! " + show(node->target) + ")";
    case ExpressionKind::unary:
      return "(" + text + " " + show(node->target) + ")";
    case ExpressionKind::postfix:
      return "(post" + text + " " + show(node->target) + ")";
    case ExpressionKind::binary:
      return "(" + text + list() + ")";
    case ExpressionKind::conditional:
      return "(?:" + list() + ")";
    case ExpressionKind::assign:
      return "(" + text + " " + show(node->target) + list() + ")";
    case ExpressionKind::cast:
      return "(as " + show(node->target) + " " + std::string(node->type) + ")";
    case ExpressionKind::type_test:
      return "(" + text + " " + show(node->target) + " " + std::string(node->type) + ")";
    case ExpressionKind::await:
      return "(await " + show(node->target) + ")";
    case ExpressionKind::throw_:
      return "(throw " + show(node->target) + ")";
    case ExpressionKind::lambda:
      return show(*node->function);
    case ExpressionKind::cascade:
      return "(.. " + show(node->target) + list() + ")";
    case ExpressionKind::switch_:
      return "(switch" + list() + ")";
    case ExpressionKind::unknown:
      return "(unknown" + list() + ")";
  }
  return "?";
}

std::string show(StatementPtr node) {
  switch (node->kind) {
    case StatementKind::expression:
      return show(node->expression) + ";";
    case StatementKind::variables: {
      std::string text;
      for (const Variable& variable : node->variables) {
        text += "var " + std::string(variable.type) + " " + std::string(variable.name) + "=" +
                show(variable.initial) + ";";
      }
      return text;
    }
    case StatementKind::block:
      return "{" + show(node->body) + "}";
    case StatementKind::if_:
      return "if " + show(node->expression) + "{" + show(node->body) + "}else{" + show(node->other) + "}";
    case StatementKind::loop: {
      std::string text = "loop ";
      for (const Variable& variable : node->variables) text += std::string(variable.name) + " ";
      return text + show(node->expression) + "{" + show(node->body) + "}" + show(node->other);
    }
    case StatementKind::try_: {
      std::string text = "try{" + show(node->body) + "}";
      for (const StatementPtr handler : node->catches) {
        text += "catch";
        for (const Variable& variable : handler->variables) text += " " + std::string(variable.name);
        text += "{" + show(handler->body) + "}";
      }
      return text + (node->other.empty() ? "" : "finally{" + show(node->other) + "}");
    }
    case StatementKind::switch_: {
      std::string text = "switch " + show(node->expression);
      for (const StatementPtr branch : node->catches)
        text += " case " + show(branch->expression) + "{" + show(branch->body) + "}";
      return text;
    }
    case StatementKind::return_:
      return "return " + show(node->expression) + ";";
    case StatementKind::break_:
      return "break;";
    case StatementKind::function:
      return "function " + std::string(node->function->name) + show(*node->function) + ";";
    case StatementKind::other:
      return "other " + show(node->expression) + ";";
  }
  return "?";
}

std::string show(List<StatementPtr> nodes) {
  std::string text;
  for (const StatementPtr node : nodes) text += show(node);
  return text;
}

std::string expression(std::string_view source) {
  const Unit unit = parse_unit("var x = " + std::string(source) + ";");
  if (unit.variables.size() != 1) return "no variable";
  return (unit.parse_errors > 0 ? "errors: " : "") + show(unit.variables[0].initial);
}

std::string body(std::string_view source) {
  const Unit unit = parse_unit("void f() async { " + std::string(source) + " }");
  if (unit.functions.size() != 1) return "no function";
  return (unit.parse_errors > 0 ? "errors: " : "") + show(unit.functions[0]->body);
}

TEST(LowerExpression, chains) {
  EXPECT_EQ(expression("a?.b(c)!"), "(! (call (?. a b) c))");
  EXPECT_EQ(expression("a.b['c']?.d[0]"), "([] (?. ([] (. a b) 'c') d) 0)");
  EXPECT_EQ(expression("AuthGroup.loginCall.call(p, email: e)"),
            "(call (. (. AuthGroup loginCall) call) p email:e)");
  EXPECT_EQ(expression("this.a.b"), "(. (. this a) b)");
  EXPECT_EQ(expression("f()()(1)"), "(call (call (call f)) 1)");
}

TEST(LowerExpression, generic_calls) {
  EXPECT_EQ(expression("castToType<String>(a)"), "(call castToType<String> a)");
  EXPECT_EQ(expression("castToType<String>(a).b!"), "(! (. (call castToType<String> a) b))");
  EXPECT_EQ(expression("await f<int>(a)"), "(await (call f<int> a))");
  EXPECT_EQ(expression("!f<bool>(a)"), "(! (call f<bool> a))");
  EXPECT_EQ(expression("a + f<int>(b)"), "(+ a (call f<int> b))");
  EXPECT_EQ(expression("f<String>(a) ?? c"), "(?? (call f<String> a) c)");
  EXPECT_EQ(expression("f<Map<String, int>>(a, b)"), "(call f<Map<String, int>> a b)");
  EXPECT_EQ(expression("a < b"), "(< a b)");
}

TEST(LowerExpression, operators) {
  EXPECT_EQ(expression("a ?? b ?? c"), "(?? (?? a b) c)");
  EXPECT_EQ(expression("a && b || !c"), "(|| (&& a b) (! c))");
  EXPECT_EQ(expression("a + b - c * d"), "(- (+ a b) (* c d))");
  EXPECT_EQ(expression("a ? b : c ? d : e"), "(?: a b (?: c d e))");
  EXPECT_EQ(expression("a as String?"), "(as a String?)");
  EXPECT_EQ(expression("a is! Map<String, int>"), "(is! a Map<String, int>)");
  EXPECT_EQ(expression("(a ?? true) == false"), "(== (?? a true) false)");
  EXPECT_EQ(expression("a && b ? c : d"), "(?: (&& a b) c d)");
  EXPECT_EQ(expression("a + b < c + d && e"), "(&& (< (+ a b) (+ c d)) e)");
  EXPECT_EQ(expression("a && b is C && d"), "(&& (&& a (is b C)) d)");
  EXPECT_EQ(expression("(a as B).c ?? d"), "(?? (. (as a B) c) d)");
  EXPECT_EQ(expression("-a"), "(- a)");
  EXPECT_EQ(expression("await a.b()"), "(await (call (. a b)))");
}

TEST(LowerExpression, literals) {
  EXPECT_EQ(expression("'a' \"b\""), "'ab'");
  EXPECT_EQ(expression("'a $b ${c.d}'"), "'a ${b} ${(. c d)}'");
  EXPECT_EQ(expression("r'''$.a['b']'''"), "r'$.a['b']'");
  EXPECT_EQ(expression("'''{\"e\": \"${x}\"}'''"), "'{\"e\": \"${x}\"}'");
  EXPECT_EQ(expression("[1, ...a, if (b) c]"), "[ 1 (unknown a) (unknown b c)]");
  EXPECT_EQ(expression("{'a': b, 'c': 1.5}"), "{map 'a' b 'c' 1.5}");
  EXPECT_EQ(expression("{a, b}"), "{set a b}");
  EXPECT_EQ(expression("{}"), "{map}");
  EXPECT_EQ(expression("const Foo.named(1)"), "(const (. Foo named) 1)");
  EXPECT_EQ(expression("null"), "null");
}

TEST(LowerExpression, closures_and_cascades) {
  EXPECT_EQ(expression("f(onPressed: () async { g(); })"), "(call f onPressed:async()=>(call g);)");
  EXPECT_EQ(expression("(a, {int b = 1}) => a"), "([ a]{int b=1})=>return a;");
  EXPECT_EQ(body("a..b = 1..c(d)..[2] = 3;"), "(.. a (= (. _ b) 1) (call (. _ c) d) (= ([] _ 2) 3));");
  EXPECT_EQ(body("a.b ?\?= await c();"), "(?\?= (. a b) (await (call c)));");
  EXPECT_EQ(body("throw E('a');"), "(throw (call E 'a'));");
}

TEST(LowerStatement, all_kinds) {
  EXPECT_EQ(body("if (a) b(); else { c(); }"), "if a{(call b);}else{(call c);}");
  EXPECT_EQ(body("final String? a = b, c = 1;"), "var String? a=b;var String? c=1;");
  EXPECT_EQ(body("var r = await f(x: 1);"), "var  r=(await (call f x:1));");
  EXPECT_EQ(body("for (final e in list) { f(e); }"), "loop e list{(call f e);}");
  EXPECT_EQ(body("for (var i = 0; i < 3; i++) f(i);"), "loop i (< i 3){(call f i);}(post++ i);");
  EXPECT_EQ(body("while (a) { break; }"), "loop a{break;}");
  EXPECT_EQ(body("try { a(); } on E catch (e, s) { b(); } finally { c(); }"),
            "try{(call a);}catch e s{(call b);}finally{(call c);}");
  EXPECT_EQ(body("try { a(); } catch (_) { rethrow; }"), "try{(call a);}catch _{(throw rethrow);}");
  EXPECT_EQ(body("switch (a) { case 1: b(); break; default: return; }"),
            "switch a case 1{(call b);break;} case none{return none;}");
  EXPECT_EQ(body("int g(int a) => a; return g(1);"), "function g([int a])=>return a;;return (call g 1);");
  EXPECT_EQ(body("yield a;"), "other a;");
}

TEST(LowerDeclaration, classes) {
  const Unit unit = parse_unit(
      "import 'a.dart' as a;\nexport 'b.dart' show B;\n"
      "class C<T> extends State<W> with M implements I {\n"
      "  static const String routeName = 'Home';\n"
      "  // A note.\n  late final int? x;\n"
      "  C({required this.a, super.key, String b = ''}) : c = b, super(1);\n"
      "  factory C.fromMap(Map m) => C(a: m);\n"
      "  static Future<R> call({String? e = ''}) async { return f(); }\n"
      "  String? get token => _t;\n  set token(String? v) => _t = v;\n"
      "  bool operator ==(Object o) => true;\n  void later();\n}\n"
      "enum E { a, b }\nextension X on String { int get l => 1; }\nmixin M { void m() {} }\n"
      "String top = 'x';\nconst k = 1;\nFuture main() async {}\n");
  EXPECT_EQ(unit.parse_errors, 0U);
  ASSERT_EQ(unit.imports.size(), 2U);
  EXPECT_EQ(unit.imports[0].uri, "a.dart");
  EXPECT_EQ(unit.imports[0].prefix, "a");
  EXPECT_TRUE(unit.imports[1].is_export);
  ASSERT_EQ(unit.classes.size(), 4U);
  const Class& c = unit.classes[0];
  EXPECT_EQ(c.name, "C");
  EXPECT_EQ(c.extends, "State<W>");
  ASSERT_EQ(c.fields.size(), 2U);
  EXPECT_EQ(constant_text(c.find_field("routeName")->initial), "Home");
  EXPECT_TRUE(c.fields[0].is_static && c.fields[0].is_const);
  EXPECT_EQ(c.fields[1].type, "int?");
  EXPECT_EQ(c.fields[1].comment, "// A note.");
  EXPECT_TRUE(c.fields[1].is_final);
  ASSERT_EQ(c.functions.size(), 7U);
  EXPECT_EQ(show(*c.functions[0]), "({ a required field}{ key field}{String b=''})=>");
  EXPECT_TRUE(c.functions[0]->is_constructor);
  ASSERT_EQ(c.functions[0]->initializers.size(), 2U);
  EXPECT_EQ(show(c.functions[0]->initializers[0]), "(= c b)");
  EXPECT_TRUE(c.functions[1]->is_factory);
  EXPECT_EQ(c.functions[1]->name, "fromMap");
  EXPECT_TRUE(c.functions[2]->is_static && c.functions[2]->is_async);
  EXPECT_EQ(c.functions[2]->return_type, "Future<R>");
  EXPECT_TRUE(c.functions[3]->is_getter);
  EXPECT_EQ(c.functions[3]->return_type, "String?");
  EXPECT_TRUE(c.functions[4]->is_setter);
  EXPECT_EQ(c.functions[5]->name, "==");
  EXPECT_EQ(c.functions[6]->name, "later");
  EXPECT_TRUE(unit.classes[1].is_enum);
  EXPECT_EQ(unit.classes[1].enum_values.size(), 2U);
  EXPECT_EQ(unit.classes[2].name, "X");
  EXPECT_EQ(unit.classes[3].functions.size(), 1U);
  ASSERT_EQ(unit.variables.size(), 2U);
  EXPECT_EQ(unit.variables[0].type, "String");
  ASSERT_EQ(unit.functions.size(), 1U);
  EXPECT_EQ(unit.functions[0]->name, "main");
}

TEST(Lower, tells_lines_from_where_an_expression_starts) {
  const Unit unit = parse_unit("void f() {\n  await authManager\n      .signIn(\n    a: 1,\n  );\n}\n");
  const ExpressionPtr call = unit.functions[0]->body[0]->expression->target;
  EXPECT_EQ(call->span.line, 2U);
  EXPECT_EQ(call->span.end_line, 5U);
  EXPECT_EQ(unit.text(call->span).substr(0, 11), "authManager");
}

TEST(Lower, reads_around_what_it_does_not_know) {
  const Unit unit = parse_unit(
      "class A { void f() { final x = switch (a) { 1 => 'b', _ => c() }; g(); } void h() { i(); } }");
  EXPECT_GT(unit.parse_errors, 0U);
  bool has_h = false;
  for (const Class& owner : unit.classes) {
    walk(owner, [&](const Expression& node) {
      has_h = has_h || node.text == "i";
      return true;
    });
  }
  EXPECT_TRUE(has_h);
}

TEST(Lower, survives_what_is_no_dart) {
  EXPECT_EQ(parse_unit("").parse_errors, 0U);
  parse_unit(std::string(1'000'000, '('));
  parse_unit("var x = " + std::string(20'000, '(') + "1" + std::string(20'000, ')') + ";");
  parse_unit("var x = a" + std::string(40'000, '!') + ";");
  parse_unit(std::string("\xff\xfe\x00\x80 class \xc3(", 13));
  EXPECT_EQ(parse_unit(std::string(200'000, '!')).parse_errors, 1U);
  std::string many = "var x = f(";
  for (int i = 0; i < 100'000; ++i) many += "a" + std::to_string(i) + ",";
  const Unit unit = parse_unit(many + ");");
  ASSERT_EQ(unit.variables.size(), 1U);
  EXPECT_EQ(unit.variables[0].initial->arguments.size(), 100'000U);
  std::string sum = "var x = a";
  for (int i = 0; i < 10'000; ++i) sum += " + a";
  std::size_t nodes = 0;
  walk(parse_unit(sum + ";").variables.at(0), [&](const Expression&) {
    ++nodes;
    return true;
  });
  EXPECT_GT(nodes, 0U);
}

}  // namespace
}  // namespace latchkey::flutterflow::dart
