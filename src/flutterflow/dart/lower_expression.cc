#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "flutterflow/dart/lower.h"

namespace latchkey::flutterflow::dart {
namespace {

using Kind = NodeKind;

}  // namespace

bool Lowering::begins_expression(Kind kind) {
  switch (kind) {
    case Kind::assignable_expression:
    case Kind::assignment_expression:
    case Kind::assignment_without_cascade:
    case Kind::await_expression:
    case Kind::constructor_invocation:
    case Kind::const_object_expression:
    case Kind::decimal_floating_point_literal:
    case Kind::decimal_integer_literal:
    case Kind::false_:
    case Kind::function_expression:
    case Kind::hex_integer_literal:
    case Kind::identifier:
    case Kind::identifier_dollar_escaped:
    case Kind::list_literal:
    case Kind::new_expression:
    case Kind::null_literal:
    case Kind::parenthesized_expression:
    case Kind::postfix_expression:
    case Kind::set_or_map_literal:
    case Kind::string_literal:
    case Kind::super:
    case Kind::symbol_literal:
    case Kind::this_:
    case Kind::throw_expression:
    case Kind::throw_without_cascade:
    case Kind::true_:
    case Kind::unary_expression:
      return true;
    default:
      return holds_operators(kind);
  }
}

bool Lowering::continues_expression(Kind kind) {
  switch (kind) {
    case Kind::selector:
    case Kind::argument_part:
    case Kind::unconditional_assignable_selector:
    case Kind::conditional_assignable_selector:
    case Kind::index_selector:
      return true;
    default:
      return false;
  }
}

ExpressionPtr Lowering::expression(Reader& reader) {
  while (!reader.done() && !begins_expression(reader.peek().kind)) {
    // `foo<int>(…)` without a constructor's name, and what errors left behind.
    if (reader.peek().kind == Kind::type_identifier) break;
    ++reader.at;
  }
  if (reader.done()) return nullptr;
  const Child& first = reader.take();
  std::size_t following = 0;
  while (reader.at + following < reader.nodes.size() &&
         continues_expression(reader.nodes[reader.at + following].kind)) {
    ++following;
  }
  const Depth depth(*this, following + 1);
  if (depth.is_too_deep()) {
    reader.at += following;
    while (reader.next_is(Kind::cascade_section)) ++reader.at;
    return cut(first);
  }
  return cascade(selected(primary(first), reader, span_of(first)), reader, first);
}

ExpressionPtr Lowering::first_expression(const Children& nodes) {
  Reader reader{nodes};
  return expression(reader);
}

ExpressionPtr Lowering::whole(const Child& child) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return cut(child);
  const ExpressionPtr found = first_expression(children(child.node));
  return found != nullptr ? found : cut(child);
}

ExpressionPtr Lowering::cut(const Child& child) { return make(Expression{.span = span_of(child)}); }

ExpressionPtr Lowering::primary(const Child& child) {
  const auto leaf = [&](ExpressionKind kind) {
    return make(Expression{.kind = kind, .span = span_of(child), .text = text(child)});
  };
  switch (child.kind) {
    case Kind::identifier:
    case Kind::identifier_dollar_escaped:
    case Kind::type_identifier:
    case Kind::this_:
    case Kind::super:
      return leaf(ExpressionKind::identifier);
    case Kind::null_literal:
      return leaf(ExpressionKind::null_literal);
    case Kind::true_:
    case Kind::false_:
      return leaf(ExpressionKind::bool_literal);
    case Kind::decimal_integer_literal:
    case Kind::decimal_floating_point_literal:
    case Kind::hex_integer_literal:
      return leaf(ExpressionKind::number);
    case Kind::string_literal:
      return string(child);
    case Kind::list_literal:
    case Kind::set_or_map_literal:
      return collection(child);
    case Kind::function_expression:
      return lambda(child);
    case Kind::parenthesized_expression:
      return parenthesized(child);
    case Kind::new_expression:
    case Kind::const_object_expression:
    case Kind::constructor_invocation:
      return construction(child);
    case Kind::assignment_expression:
    case Kind::assignment_without_cascade:
      return assignment(child);
    case Kind::assignable_expression:
    case Kind::argument:
      return whole(child);
    case Kind::unary_expression:
    case Kind::await_expression:
    case Kind::throw_expression:
    case Kind::throw_without_cascade:
      return unary(child);
    case Kind::postfix_expression:
      return postfix(child);
    default:
      return holds_operators(child.kind) ? operators(child) : unknown(child);
  }
}

ExpressionPtr Lowering::unknown(const Child& child) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return cut(child);
  std::vector<ExpressionPtr> found;
  gather(child, found);
  return make(Expression{.span = span_of(child), .children = keep(found)});
}

void Lowering::gather(const Child& child, std::vector<ExpressionPtr>& out) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return;
  const Children nodes = children(child.node);
  Reader reader{nodes};
  while (!reader.done()) {
    if (begins_expression(reader.peek().kind)) {
      out.push_back(expression(reader));
    } else {
      gather(reader.take(), out);
    }
  }
}

// --- selectors

ExpressionPtr Lowering::selected(ExpressionPtr target, Reader& reader, const Span& from) {
  while (!reader.done() && continues_expression(reader.peek().kind)) {
    target = select(target, reader.take(), from);
  }
  return target;
}

ExpressionPtr Lowering::select(ExpressionPtr target, const Child& selector, const Span& from) {
  if (selector.kind == Kind::argument_part) return call(target, selector, from, selector);
  if (selector.kind != Kind::selector) return access(target, selector, from, selector);
  for (const Child& inner : children(selector.node)) {
    if (inner.kind == Kind::argument_part) return call(target, inner, from, selector);
    if (continues_expression(inner.kind)) return access(target, inner, from, selector);
  }
  // Nothing but `!`, whose rule is hidden.
  return make(
      Expression{.kind = ExpressionKind::non_null, .span = span_to(from, selector), .target = target});
}

ExpressionPtr Lowering::access(ExpressionPtr target, const Child& selector, const Span& from,
                               const Child& last) {
  const Children nodes = selector.kind == Kind::index_selector ? Children{selector} : children(selector.node);
  const bool is_conditional = selector.kind == Kind::conditional_assignable_selector;
  for (const Child& inner : nodes) {
    if (inner.kind == Kind::identifier) {
      return make(Expression{.kind = ExpressionKind::member,
                             .null_aware = is_conditional,
                             .span = span_to(from, last),
                             .text = text(inner),
                             .target = target});
    }
    if (inner.kind == Kind::index_selector) {
      return make(Expression{.kind = ExpressionKind::index,
                             .null_aware = is_conditional || text(selector).starts_with('?'),
                             .span = span_to(from, last),
                             .target = target,
                             .children = keep(std::vector{whole(inner)})});
    }
  }
  return make(Expression{
      .kind = ExpressionKind::unknown, .span = span_to(from, last), .children = keep(std::vector{target})});
}

ExpressionPtr Lowering::call(ExpressionPtr target, const Child& argument_part, const Span& from,
                             const Child& last) {
  Expression made{.kind = ExpressionKind::call, .span = span_to(from, last), .target = target};
  for (const Child& inner : children(argument_part.node)) {
    if (inner.kind == Kind::type_arguments) made.type = text(inner.begin + 1, inner.end - 1);
    if (inner.kind == Kind::arguments) made.arguments = arguments(inner);
  }
  return make(std::move(made));
}

List<Argument> Lowering::arguments(const Child& child) {
  std::vector<Argument> out;
  const Children nodes = children(child.node);
  Reader reader{nodes};
  while (!reader.done()) {
    const Child& node = reader.peek();
    if (node.kind == Kind::argument) {
      out.push_back({.value = whole(node), .span = span_of(node)});
      ++reader.at;
    } else if (node.kind == Kind::named_argument) {
      Argument argument{.span = span_of(node)};
      for (const Child& inner : children(node.node)) {
        if (inner.kind != Kind::label) continue;
        for (const Child& name : children(inner.node)) {
          if (name.kind == Kind::identifier) argument.name = text(name);
        }
      }
      argument.value = whole(node);
      out.push_back(argument);
      ++reader.at;
    } else if (begins_expression(node.kind)) {  // left behind by an error
      const std::size_t begin = reader.at;
      const ExpressionPtr value = expression(reader);
      out.push_back({.value = value, .span = span_of(nodes[begin], nodes[reader.at - 1])});
    } else {
      ++reader.at;
    }
  }
  return keep(out);
}

ExpressionPtr Lowering::cascade(ExpressionPtr target, Reader& reader, const Child& first) {
  if (!reader.next_is(Kind::cascade_section)) return target;
  Expression made{.kind = ExpressionKind::cascade, .target = target};
  std::vector<ExpressionPtr> sections;
  while (reader.next_is(Kind::cascade_section)) {
    const Child& child = reader.take();
    made.span = span_of(first, child);
    for (const Child& inner : children(child.node)) {
      made.null_aware = made.null_aware || inner.kind == Kind::question_dots;
    }
    sections.push_back(section(child));
  }
  made.children = keep(sections);
  return make(std::move(made));
}

ExpressionPtr Lowering::section(const Child& child) {
  const Children nodes = children(child.node);
  const Depth depth(*this, nodes.size());
  if (depth.is_too_deep()) return cut(child);
  ExpressionPtr target = make(Expression{.kind = ExpressionKind::identifier,
                                         .span = {.begin = child.begin,
                                                  .end = child.begin,
                                                  .line = span_of(child).line,
                                                  .end_line = span_of(child).line}});
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Child& node = nodes[i];
    if (node.kind == Kind::cascade_selector) {
      target = access(target, node, span_of(child), node);
    } else if (continues_expression(node.kind)) {
      target = select(target, node, span_of(child));
    } else if (begins_expression(node.kind)) {
      Reader reader{nodes, i};
      const ExpressionPtr value = expression(reader);
      std::string_view between = i > 0 ? text(nodes[i - 1]) : std::string_view{};
      if (between.empty() || !between.ends_with('='))
        between = trimmed(text(i > 0 ? nodes[i - 1].end : child.begin, node.begin));
      return make(Expression{.kind = ExpressionKind::assign,
                             .span = span_of(child),
                             .text = between,
                             .target = target,
                             .children = keep(std::vector{value})});
    }
  }
  return target;
}

// --- operators

ExpressionPtr Lowering::generic_call(const Children& comparison) {
  // [ f < T ] > ( x ) selectors…
  if (comparison.size() < 3 || comparison[0].kind != Kind::relational_expression ||
      comparison[2].kind != Kind::parenthesized_expression || text(comparison[1]) != ">") {
    return nullptr;
  }
  const Children inner = children(comparison[0].node);
  const auto less = std::ranges::find_if(inner, [&](const Child& node) { return text(node) == "<"; });
  if (less == inner.end() || less == inner.begin() || less + 1 == inner.end()) return nullptr;
  const ExpressionPtr callee = first_expression(inner);
  if (callee == nullptr) return nullptr;
  return generic_call_of(callee, trimmed(text(less->end, comparison[0].end)), comparison);
}

// The comparison took all that binds more strongly for its left side: `await f`, `!f`, `a + f`.
ExpressionPtr Lowering::generic_call_of(ExpressionPtr callee, std::string_view type,
                                        const Children& comparison) {
  const auto last = std::ranges::find_if(comparison.begin() + 3, comparison.end(),
                                         [](const Child& node) { return !continues_expression(node.kind); });
  const Depth depth(*this, 1 + static_cast<std::size_t>(last - comparison.begin()));
  if (depth.is_too_deep()) return cut(comparison[0]);
  if (callee->kind == ExpressionKind::await || callee->kind == ExpressionKind::unary) {
    Expression made = *callee;
    made.target = generic_call_of(callee->target, type, comparison);
    made.span = span_to(callee->span, *(last - 1));
    return make(std::move(made));
  }
  if (callee->kind == ExpressionKind::binary) {
    Expression made = *callee;
    made.children =
        keep(std::vector{callee->children[0], generic_call_of(callee->children[1], type, comparison)});
    made.span = span_to(callee->span, *(last - 1));
    return make(std::move(made));
  }
  const ExpressionPtr argument = parenthesized(comparison[2]);
  ExpressionPtr made =
      make(Expression{.kind = ExpressionKind::call,
                      .span = span_to(callee->span, comparison[2]),
                      .type = type,
                      .target = callee,
                      .arguments = keep(std::vector{Argument{.value = argument, .span = argument->span}})});
  Reader reader{comparison, 3};
  return selected(made, reader, callee->span);
}

// The grammar does not hold to the order of the operators on the left side: `a && b || c` comes as a && (b ||
// c). So the operands and operators are put into a row again, and ordered by their precedence (the Dart
// language, section 17.19 on).
void Lowering::flatten(const Child& child, std::vector<Operation>& row) {
  const Children nodes = children(child.node);
  if (child.kind == Kind::relational_expression) {
    if (const ExpressionPtr call = generic_call(nodes)) {
      row.push_back({.operand = call});
      return;
    }
  }
  const bool is_conditional = child.kind == Kind::conditional_expression;
  Reader reader{nodes};
  std::size_t operands = 0;
  while (!reader.done()) {
    const Child& node = reader.peek();
    if (node.kind == Kind::type_cast || node.kind == Kind::type_test) {
      // `as T`, `is T`, `is! T`
      std::string_view type = trimmed(text(node));
      const bool is_cast = node.kind == Kind::type_cast;
      type.remove_prefix(std::min<std::size_t>(2, type.size()));
      const bool is_negated = !is_cast && type.starts_with('!');
      if (is_negated) type.remove_prefix(1);
      row.push_back({.text = is_cast ? "as" : (is_negated ? "is!" : "is"),
                     .type = trimmed(type),
                     .last = span_of(node)});
      ++reader.at;
      continue;
    }
    if (!begins_expression(node.kind)) {
      ++reader.at;
      continue;
    }
    // Between two operands stands the operator, as a node of its own or hidden.
    std::string_view between;
    if (operands > 0) between = trimmed(text(nodes[reader.at - 1].end, node.begin));
    if (operands > 0 && !begins_expression(nodes[reader.at - 1].kind) &&
        !continues_expression(nodes[reader.at - 1].kind)) {
      between = trimmed(text(nodes[reader.at - 1]));
    }
    if (is_conditional && operands == 1) {
      const ExpressionPtr middle = expression(reader);
      row.push_back({.text = "?", .middle = middle});
      ++operands;
      continue;
    }
    if (operands > 0 && !is_conditional) row.push_back({.text = between});
    ++operands;
    // A run with selectors behind it is one operand; a node alone may hold more of the row.
    const bool is_alone = reader.at + 1 >= nodes.size() || !continues_expression(nodes[reader.at + 1].kind);
    if (is_alone && holds_operators(node.kind)) {
      const Depth depth(*this, 1);
      if (depth.is_too_deep()) {
        row.push_back({.operand = cut(node)});
      } else {
        flatten(node, row);
      }
      ++reader.at;
    } else {
      row.push_back({.operand = expression(reader)});
    }
  }
}

bool Lowering::holds_operators(Kind kind) {
  switch (kind) {
    case Kind::additive_expression:
    case Kind::multiplicative_expression:
    case Kind::shift_expression:
    case Kind::relational_expression:
    case Kind::equality_expression:
    case Kind::bitwise_and_expression:
    case Kind::bitwise_or_expression:
    case Kind::bitwise_xor_expression:
    case Kind::logical_and_expression:
    case Kind::logical_or_expression:
    case Kind::if_null_expression:
    case Kind::conditional_expression:
    case Kind::type_cast_expression:
    case Kind::type_test_expression:
      return true;
    default:
      return false;
  }
}

int Lowering::precedence_of(std::string_view op) {
  static constexpr std::array<std::pair<std::string_view, int>, 24> kOrder = {
      {{"*", 15},   {"/", 15}, {"~/", 15}, {"%", 15}, {"+", 14}, {"-", 14}, {"<<", 13}, {">>", 13},
       {">>>", 13}, {"&", 12}, {"^", 11},  {"|", 10}, {"<", 9},  {">", 9},  {"<=", 9},  {">=", 9},
       {"as", 9},   {"is", 9}, {"is!", 9}, {"==", 7}, {"!=", 7}, {"&&", 6}, {"||", 5},  {"??", 4}}};
  if (op == "?") return 3;
  const auto found = std::ranges::find(kOrder, op, &std::pair<std::string_view, int>::first);
  return found == kOrder.end() ? 8 : found->second;
}

// Of the row from `at`, as far as the operators bind at least as strongly as `least`.
ExpressionPtr Lowering::ordered(const std::vector<Operation>& row, std::size_t& at, int least) {
  if (at >= row.size() || row[at].operand == nullptr) return nullptr;
  ExpressionPtr left = row[at++].operand;
  while (at < row.size() && row[at].operand == nullptr) {
    const Operation& operation = row[at];
    const int precedence = precedence_of(operation.text);
    if (precedence < least) break;
    ++at;
    const auto to = [&](const Span& last) {
      return Span{
          .begin = left->span.begin, .end = last.end, .line = left->span.line, .end_line = last.end_line};
    };
    if (!operation.type.empty()) {
      const bool is_cast = operation.text == "as";
      left = make(Expression{.kind = is_cast ? ExpressionKind::cast : ExpressionKind::type_test,
                             .span = to(operation.last),
                             .text = is_cast ? std::string_view{} : operation.text,
                             .type = operation.type,
                             .target = left});
      continue;
    }
    // Right after a conditional's colon stands another one as well.
    const ExpressionPtr right = ordered(row, at, operation.middle != nullptr ? precedence : precedence + 1);
    if (right == nullptr) break;
    if (operation.middle != nullptr) {
      left = make(Expression{.kind = ExpressionKind::conditional,
                             .span = to(right->span),
                             .children = keep(std::vector{left, operation.middle, right})});
    } else {
      left = make(Expression{.kind = ExpressionKind::binary,
                             .span = to(right->span),
                             .text = operation.text,
                             .children = keep(std::vector{left, right})});
    }
  }
  return left;
}

ExpressionPtr Lowering::operators(const Child& child) {
  std::vector<Operation> row;
  flatten(child, row);
  const Depth depth(*this, row.size());
  if (depth.is_too_deep()) return cut(child);
  std::size_t at = 0;
  const ExpressionPtr found = ordered(row, at, 0);
  if (found == nullptr) return unknown(child);
  if (at == row.size()) return found;
  // What is left over was not understood; it is kept.
  std::vector<ExpressionPtr> all = {found};
  for (; at < row.size(); ++at) {
    if (row[at].operand != nullptr) all.push_back(row[at].operand);
    if (row[at].middle != nullptr) all.push_back(row[at].middle);
  }
  return make(Expression{.span = span_of(child), .children = keep(all)});
}

ExpressionPtr Lowering::assignment(const Child& child) {
  const Children nodes = children(child.node);
  Expression made{.kind = ExpressionKind::assign, .span = span_of(child)};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].field == NodeField::left) {
      made.target = primary(nodes[i]);
    } else if (made.target != nullptr && begins_expression(nodes[i].kind)) {
      Reader reader{nodes, i};
      made.children = keep(std::vector{expression(reader)});
      break;
    } else if (made.target != nullptr && made.text.empty()) {
      made.text = text(nodes[i]);
    }
  }
  if (made.target == nullptr || made.children.empty()) return unknown(child);
  return make(std::move(made));
}

ExpressionPtr Lowering::unary(const Child& child) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return cut(child);
  const Children nodes = children(child.node);
  const ExpressionPtr target = first_expression(nodes);
  if (target == nullptr || nodes.empty()) return cut(child);
  ExpressionKind kind = ExpressionKind::unary;
  if (child.kind == Kind::await_expression) kind = ExpressionKind::await;
  if (child.kind == Kind::throw_expression || child.kind == Kind::throw_without_cascade) {
    kind = ExpressionKind::throw_;
  }
  // The grammar wraps `await x` into a unary expression of its own.
  if (kind == ExpressionKind::unary && nodes[0].kind == Kind::await_expression) return target;
  return make(Expression{.kind = kind,
                         .span = span_of(child),
                         .text = kind == ExpressionKind::unary ? trimmed(text(nodes[0])) : std::string_view{},
                         .target = target});
}

ExpressionPtr Lowering::postfix(const Child& child) {
  const Children nodes = children(child.node);
  Reader reader{nodes};
  const ExpressionPtr target = expression(reader);
  if (target == nullptr) return cut(child);
  if (!reader.next_is(Kind::postfix_operator)) return target;
  return make(Expression{.kind = ExpressionKind::postfix,
                         .span = span_of(child),
                         .text = text(reader.peek()),
                         .target = target});
}

ExpressionPtr Lowering::construction(const Child& child) {
  const Children nodes = children(child.node);
  Expression made{.kind = ExpressionKind::call, .span = span_of(child)};
  ExpressionPtr name = nullptr;
  for (const Child& node : nodes) {
    switch (node.kind) {
      case Kind::const_builtin:
        made.is_const = true;
        break;
      case Kind::type_identifier:
      case Kind::identifier:
        name = name == nullptr ? primary(node)
                               : make(Expression{.kind = ExpressionKind::member,
                                                 .span = {.begin = name->span.begin,
                                                          .end = node.end,
                                                          .line = name->span.line,
                                                          .end_line = span_of(node).end_line},
                                                 .text = text(node),
                                                 .target = name});
        break;
      case Kind::type_arguments:
        made.type = text(node.begin + 1, node.end - 1);
        break;
      case Kind::arguments:
        made.arguments = arguments(node);
        break;
      default:
        break;
    }
  }
  if (name == nullptr) return unknown(child);
  made.target = name;
  return make(std::move(made));
}

ExpressionPtr Lowering::parenthesized(const Child& child) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return cut(child);
  const Children nodes = children(child.node);
  std::vector<Argument> fields;
  bool has_comma = false;
  Reader reader{nodes};
  while (!reader.done()) {
    has_comma = has_comma || reader.peek().kind == Kind::comma;
    if (!begins_expression(reader.peek().kind)) {
      ++reader.at;
      continue;
    }
    const std::size_t begin = reader.at;
    const ExpressionPtr value = expression(reader);
    fields.push_back({.value = value, .span = span_of(nodes[begin], nodes[reader.at - 1])});
  }
  if (fields.size() == 1 && !has_comma) return fields[0].value;
  if (fields.empty()) return cut(child);
  return make(Expression{.kind = ExpressionKind::record, .span = span_of(child), .arguments = keep(fields)});
}

// --- literals

ExpressionPtr Lowering::string(const Child& child) {
  Expression made{.kind = ExpressionKind::string, .is_raw = true, .span = span_of(child)};
  std::vector<StringPart> parts;
  std::string_view quote;  // of the literal that is open; empty between two
  bool is_raw = false;
  std::uint32_t begin = 0;  // of the text that is not kept yet
  const auto keep_text = [&](std::uint32_t end) {
    if (end > begin) parts.push_back({.is_raw = is_raw, .text = text(begin, end)});
  };
  for (const Child& node : children(child.node)) {
    const std::string_view token = text(node);
    if (quote.empty()) {
      quote = token;
      is_raw = quote.starts_with('r');
      if (is_raw) quote.remove_prefix(1);
      made.is_raw = made.is_raw && is_raw;
      begin = node.end;
    } else if (node.kind == Kind::template_substitution) {
      keep_text(node.begin);
      begin = node.end;
      parts.push_back({.expression = whole(node)});
    } else if (token == quote) {
      keep_text(node.begin);
      quote = {};
    }
  }
  if (!quote.empty()) keep_text(child.end);
  made.parts = keep(parts);
  return make(std::move(made));
}

ExpressionPtr Lowering::collection(const Child& child) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return cut(child);
  const Children nodes = children(child.node);
  const bool is_list = child.kind == Kind::list_literal;
  Expression made{.kind = is_list ? ExpressionKind::list : ExpressionKind::map_or_set,
                  .span = span_of(child)};
  bool is_empty = true;
  for (const Child& node : nodes) {
    if (node.kind == Kind::const_builtin) made.is_const = true;
    if (node.kind == Kind::type_arguments) made.type = text(node.begin + 1, node.end - 1);
    if (node.kind == Kind::pair) made.is_map = true;
    is_empty = is_empty && !begins_expression(node.kind);
  }
  if (!is_list && is_empty && !made.is_map) {
    // `{}` is a map, and so is what holds nothing but spreads when its type names two.
    made.is_map = made.type.empty() || made.type.find(',') != std::string_view::npos;
  }
  std::vector<ExpressionPtr> items;
  Reader reader{nodes};
  while (!reader.done()) {
    const Child& node = reader.peek();
    if (node.kind == Kind::pair) {
      const Children parts = children(node.node);
      Reader pair{parts};
      const ExpressionPtr key = expression(pair);
      const ExpressionPtr value = expression(pair);
      items.push_back(key != nullptr ? key : cut(node));
      items.push_back(value != nullptr ? value : cut(node));
      ++reader.at;
    } else if (begins_expression(node.kind)) {
      items.push_back(expression(reader));
      if (made.is_map) items.push_back(make(Expression{.span = items.back()->span}));
    } else if (node.kind == Kind::spread_element || node.kind == Kind::if_element ||
               node.kind == Kind::for_element) {
      items.push_back(unknown(node));
      if (made.is_map) items.push_back(make(Expression{.span = span_of(node)}));
      ++reader.at;
    } else {
      ++reader.at;
    }
  }
  made.children = keep(items);
  return make(std::move(made));
}

ExpressionPtr Lowering::lambda(const Child& child) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return cut(child);
  Function function{.name = {}, .span = span_of(child)};
  for (const Child& node : children(child.node)) {
    if (node.kind == Kind::formal_parameter_list) parameters(node, function);
    if (node.kind == Kind::function_expression_body || node.kind == Kind::function_body) body(node, function);
  }
  return make(Expression{
      .kind = ExpressionKind::lambda, .span = span_of(child), .function = make(std::move(function))});
}

}  // namespace latchkey::flutterflow::dart
