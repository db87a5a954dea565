// Dart source as a small tree: what the readers of an exported project look at, without the grammar's detail.
//
// tree-sitter's Dart grammar spreads `a?.b(c)!` over siblings (an identifier and a row of selectors) and
// changes its names between versions. parse_unit lowers that once into the shapes below, so that nobody else
// sees the grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::flutterflow::dart {

// Bytes [begin, end) of the file, and the lines of the first and the last of them, counted from 1.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t line = 0;
  std::uint32_t end_line = 0;
};

struct Function;
struct Statement;
struct Expression;

// All nodes are owned by their Unit and live as long as it; pointers between them are never null unless said
// so.
template <class T>
using List = std::span<const T>;
using ExpressionPtr = const Expression*;
using StatementPtr = const Statement*;

enum class ExpressionKind : std::uint8_t {
  identifier,  // text: the name; also `this` and `super`
  null_literal,
  bool_literal,  // text: true or false
  number,        // text: as written
  string,        // parts: the pieces of all adjacent literals; is_raw when every one of them is
  list,          // children
  // children; is_map says which. Of a map: key, value, key, value … A spread or a collection-if or -for is
  // one `unknown` with what is inside as its children; in a map an empty `unknown` follows in place of its
  // value.
  map_or_set,
  record,  // arguments
  member,  // target . text; null_aware for ?.
  index,   // target [ children[0] ]; null_aware for ?[
  // target ( arguments ); type: the type arguments as written, without < >. Constructors too:
  // `const Foo.named(x)` is a call of member(identifier Foo, named), and is_const.
  call,
  non_null,     // target !
  unary,        // text target; text: ! - ~ ++ --
  postfix,      // target text; text: ++ --
  binary,       // children[0] text children[1]; text: && || ?? == != < > <= >= + - * / ~/ % & | ^ << >> >>>
  conditional,  // children[0] ? children[1] : children[2]
  assign,       // target text children[0]; text: = ??= += …
  cast,         // target as type
  type_test,    // target is type; text: is or is!
  await,        // await target
  throw_,       // throw target; of a rethrow, the target is the identifier `rethrow`
  lambda,       // function
  // target, then children: each a member, call, index or assign chain that starts with an identifier of empty
  // text, which stands for the target
  cascade,
  switch_,  // children: the value, then the expressions of the cases
  unknown,  // anything else; children: the expressions found inside, in order
};

struct Argument {
  std::string_view name = {};  // empty when positional
  ExpressionPtr value = nullptr;
  Span span = {};  // of the whole argument, its name included
};

// A piece of a string: literal text as it stands in the source (escapes not resolved), or an interpolated
// expression.
struct StringPart {
  bool is_raw = false;
  std::string_view text = {};
  ExpressionPtr expression = nullptr;  // null for literal text
};

struct Expression {
  ExpressionKind kind = ExpressionKind::unknown;
  bool null_aware = false;
  bool is_const = false;
  bool is_raw = false;
  bool is_map = false;
  Span span = {};
  std::string_view text = {};
  std::string_view type = {};
  ExpressionPtr target = nullptr;  // null where the kind has none
  List<ExpressionPtr> children = {};
  List<Argument> arguments = {};
  List<StringPart> parts = {};
  const Function* function = nullptr;  // of a lambda

  // The argument of that name, or null.
  const Argument* find_argument(std::string_view name) const;
};

enum class StatementKind : std::uint8_t {
  expression,  // expression
  variables,   // variables: local declarations
  block,       // body
  if_,         // expression; body: the then branch; other: the else branch. Of an if-case, the value
  // for, for-in, while, do. expression: the condition or what is walked, may be null; variables: the loop's;
  // body; other: what a `for (;;)` does before the first and after each round, as expression statements
  loop,
  try_,      // body; catches: each a block whose variables are the names of `catch (e, s)`; other: finally
  switch_,   // expression; catches: the cases, each a block whose expression is the label's, null for the
             // default
  return_,   // expression, or null
  break_,    // break and continue
  function,  // function: a local one
  other,     // yield, assert, what was not understood. expression: may be null; body: statements found inside
};

struct Variable {
  std::string_view name = {};
  std::string_view type = {};       // as written, empty when none
  ExpressionPtr initial = nullptr;  // null when none
  bool is_static = false;
  bool is_const = false;
  bool is_final = false;
  Span span = {};                 // from the name to the end of the initial value
  std::string_view comment = {};  // the comment right above, raw, empty when none (fields and top level only)
};

struct Statement {
  StatementKind kind = StatementKind::other;
  Span span = {};
  ExpressionPtr expression = nullptr;
  List<Variable> variables = {};
  List<StatementPtr> body = {};
  List<StatementPtr> other = {};
  List<StatementPtr> catches = {};
  const Function* function = nullptr;
};

struct Parameter {
  std::string_view name = {};  // of `this.x` and `super.x`: x
  std::string_view type = {};
  bool is_named = false;
  bool is_required = false;
  bool is_field = false;                  // this.x or super.x
  ExpressionPtr default_value = nullptr;  // null when none
  Span span = {};
};

struct Function {
  std::string_view
      name;  // empty for a lambda; of a named constructor the part after the dot, of a plain one the class's
  std::string_view return_type = {};  // as written, empty when none
  List<Parameter> parameters = {};
  List<StatementPtr> body = {};           // `=> e` is one return_ statement; empty for abstract ones
  List<ExpressionPtr> initializers = {};  // of a constructor: field = value as `assign`, super(…) as `call`
  bool is_static = false;
  bool is_async = false;
  bool is_getter = false;
  bool is_setter = false;
  bool is_constructor = false;
  bool is_factory = false;
  Span span = {};
};

struct Class {
  std::string_view name = {};
  std::string_view extends = {};  // as written, empty when none; mixins in `with` and interfaces are not kept
  bool is_enum = false;
  List<std::string_view> enum_values = {};
  List<Variable> fields = {};
  List<const Function*> functions = {};  // methods, getters, setters, constructors, in their order
  Span span = {};

  const Function* find_function(std::string_view wanted) const;  // null when there is none; getters too
  const Variable* find_field(std::string_view wanted) const;
};

struct Import {
  std::string_view uri = {};     // without quotes
  std::string_view prefix = {};  // of `as`, empty when none
  bool is_export = false;
};

// One parsed file. Movable; owns its text and its nodes.
class Unit {
 public:
  Unit(Unit&&) noexcept;
  Unit& operator=(Unit&&) noexcept;
  ~Unit();

  std::string_view text() const;
  std::string_view text(const Span& span) const { return text().substr(span.begin, span.end - span.begin); }

  std::vector<Import> imports;
  std::vector<Class> classes;              // enums, mixins and extensions as well
  std::vector<const Function*> functions;  // top level
  std::vector<Variable> variables;         // top level
  std::uint32_t parse_errors =
      0;  // places the grammar did not understand; what is around them is still there

  struct Storage;

 private:
  friend Unit parse_unit(std::string text);
  explicit Unit(std::unique_ptr<Storage> storage);
  std::unique_ptr<Storage> storage_;
};

// Parses any bytes; never fails: what is no Dart becomes `unknown` nodes and counts in parse_errors. Deep
// nesting is cut off at kMaxDepth, below which nodes are `unknown` without children. Text beyond 4 GiB - 1 is
// not looked at.
Unit parse_unit(std::string text);

inline constexpr int kMaxDepth = 400;

// Helpers that every reader needs.

// `a.b?.c` as the names from the left, without what is called, indexed or asserted: {"a","b","c"}; empty when
// the chain starts with anything but a name. Looks through calls, indexes, `!`, `await` and parentheses.
std::vector<std::string_view> chain_of(ExpressionPtr expression);

// The value of a string literal without interpolation, escapes resolved; nothing when it is not one.
std::optional<std::string> constant_text(ExpressionPtr expression);

// The text of an expression on one line, runs of white space as one space, cut at `limit` bytes with an
// ellipsis (whole UTF-8 characters). Trivial `(x ?? '')` wrappers are kept: it is what stands in the source.
std::string one_line(const Unit& unit, const Span& span, std::size_t limit = 160);

}  // namespace latchkey::flutterflow::dart
