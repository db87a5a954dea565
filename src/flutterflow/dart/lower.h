// Turns tree-sitter's tree into the one of syntax.h.
//
// The grammar spreads `a?.b(c)!` and everything else whose rule it hides over siblings, so an expression is a
// run of children: what begins it, then its selectors. Nodes that were not understood are replaced by what is
// inside of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "flutterflow/dart/grammar.h"
#include "flutterflow/dart/syntax.h"

namespace latchkey::flutterflow::dart {

// Without the white space around it.
std::string_view trimmed(std::string_view text);

// One file's lowering; used by one thread, once.
class Lowering {
 public:
  // Both must outlive what is lowered.
  Lowering(std::string_view source, std::pmr::memory_resource& arena);
  Lowering(const Lowering&) = delete;
  Lowering& operator=(const Lowering&) = delete;
  ~Lowering();

  void lower(TSNode root, Unit& unit);

 private:
  struct Child {
    TSNode node;
    NodeKind kind = NodeKind::other;
    NodeField field = NodeField::none;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  using Children = std::vector<Child>;
  // A place in a list of children.
  struct Reader {
    const Children& nodes;
    std::size_t at = 0;

    bool done() const { return at >= nodes.size(); }
    const Child& peek() const { return nodes[at]; }
    const Child& take() { return nodes[at++]; }
    bool next_is(NodeKind kind) const { return !done() && peek().kind == kind; }
  };
  // Counts how deep the tree gets below what is being made.
  class Depth {
   public:
    Depth(Lowering& lowering, std::size_t levels) : lowering_(lowering), levels_(levels) {
      lowering_.depth_ += levels_;
    }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    ~Depth() { lowering_.depth_ -= levels_; }
    bool is_too_deep() const { return lowering_.depth_ > static_cast<std::size_t>(kMaxDepth); }

   private:
    Lowering& lowering_;
    std::size_t levels_;
  };

  // Children without comments, unless wanted.
  Children children(TSNode node, bool with_comments = false);
  std::string_view text(std::uint32_t begin, std::uint32_t end) const {
    return source_.substr(begin, end > begin ? end - begin : 0);
  }
  std::string_view text(const Child& child) const { return text(child.begin, child.end); }
  static Span span_of(const Child& first, const Child& last);
  static Span span_of(const Child& child) { return span_of(child, child); }
  static Span span_to(const Span& from, const Child& last);
  template <class T>
  List<T> keep(const std::vector<T>& items);
  template <class T>
  const T* make(T value);

  // --- lower_expression.cc
  // The expression that begins at the reader; null when none does.
  ExpressionPtr expression(Reader& reader);
  ExpressionPtr first_expression(const Children& nodes);  // the first there is; null when there is none
  ExpressionPtr whole(const Child& child);                // of a node that holds one: `argument`, parentheses
  ExpressionPtr primary(const Child& child);
  ExpressionPtr selected(ExpressionPtr target, Reader& reader, const Span& from);
  ExpressionPtr select(ExpressionPtr target, const Child& selector, const Span& from);
  ExpressionPtr access(ExpressionPtr target, const Child& selector, const Span& from, const Child& last);
  ExpressionPtr call(ExpressionPtr target, const Child& argument_part, const Span& from, const Child& last);
  // `f<T>(x)` that the grammar takes for two comparisons.
  ExpressionPtr generic_call(const Children& comparison);
  ExpressionPtr generic_call_of(ExpressionPtr callee, std::string_view type, const Children& comparison);
  // An operand or an operator of a row such as `a && b as T ?? c ? d : e`.
  struct Operation {
    ExpressionPtr operand = nullptr;
    std::string_view text = {};      // of an operator; `?` of a conditional
    std::string_view type = {};      // of as and is
    Span last = {};                  // of the type
    ExpressionPtr middle = nullptr;  // of a conditional
  };
  ExpressionPtr operators(const Child& child);
  void flatten(const Child& child, std::vector<Operation>& row);
  ExpressionPtr ordered(const std::vector<Operation>& row, std::size_t& at, int least);
  static bool holds_operators(NodeKind kind);
  static int precedence_of(std::string_view op);
  ExpressionPtr assignment(const Child& child);
  ExpressionPtr unary(const Child& child);
  ExpressionPtr postfix(const Child& child);
  ExpressionPtr construction(const Child& child);
  ExpressionPtr cascade(ExpressionPtr target, Reader& reader, const Child& first);
  ExpressionPtr section(const Child& child);
  ExpressionPtr string(const Child& child);
  ExpressionPtr collection(const Child& child);
  ExpressionPtr lambda(const Child& child);
  ExpressionPtr parenthesized(const Child& child);
  ExpressionPtr unknown(const Child& child);
  ExpressionPtr cut(const Child& child);  // nothing of what is inside
  void gather(const Child& child, std::vector<ExpressionPtr>& out);
  List<Argument> arguments(const Child& child);
  static bool begins_expression(NodeKind kind);
  static bool continues_expression(NodeKind kind);

  // --- lower_statement.cc
  StatementPtr statement(const Child& child);
  void statements(const Children& nodes, std::vector<StatementPtr>& out);
  List<StatementPtr> block(const Child& child);  // of a block; a single statement otherwise
  std::vector<Variable> local_variables(const Child& child);
  StatementPtr loop(const Child& child);
  StatementPtr try_statement(const Child& child);
  StatementPtr switch_statement(const Child& child);
  StatementPtr expression_statement(ExpressionPtr expression);
  void loop_parts(const Child& child, Statement& out);
  void body(const Child& child, Function& out);

  // --- lower_declaration.cc
  struct Words {
    bool is_static = false;
    bool is_const = false;
    bool is_final = false;
    bool is_required = false;
    std::string_view type = {};
  };
  // What stands before a declared name: `static late final Map<String, int>?`.
  Words words_before(std::uint32_t begin, std::uint32_t end) const;
  // The comments that end right above the line, as one text; empty when there are none.
  std::string_view comment_above(const Children& comments, std::uint32_t line) const;
  void import(const Child& child, Unit& unit);
  Class class_of(const Child& child);
  void members(const Child& body, Class& out);
  void member_declaration(const Child& child, std::string_view comment, Class& out,
                          std::vector<Variable>& fields, std::vector<const Function*>& functions);
  std::optional<Function> signature(const Child& child, std::string_view class_name);
  void parameters(const Child& list, Function& out);
  Parameter parameter(const Child& child, std::uint32_t begin, bool is_named, ExpressionPtr default_value,
                      std::uint32_t end);
  void initializers(const Child& child, Function& out);
  void declared(const Child& list, const Words& words, std::string_view comment, std::vector<Variable>& out);

  std::string_view source_;
  std::pmr::memory_resource& arena_;
  std::optional<TSTreeCursor> cursor_;
  std::size_t depth_ = 0;
};

template <class T>
List<T> Lowering::keep(const std::vector<T>& items) {
  static_assert(std::is_trivially_destructible_v<T>);
  if (items.empty()) return {};
  // NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers is meant where T is one.
  T* const kept = static_cast<T*>(arena_.allocate(items.size() * sizeof(T), alignof(T)));
  std::uninitialized_copy(items.begin(), items.end(), kept);
  return {kept, items.size()};
}

template <class T>
const T* Lowering::make(T value) {
  static_assert(std::is_trivially_destructible_v<T>);
  return new (arena_.allocate(sizeof(T), alignof(T))) T(std::move(value));
}

}  // namespace latchkey::flutterflow::dart
