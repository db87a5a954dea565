#include "flutterflow/dart/lower.h"

namespace latchkey::flutterflow::dart {
namespace {

using Kind = NodeKind;

}  // namespace

StatementPtr Lowering::expression_statement(ExpressionPtr expression) {
  return make(
      Statement{.kind = StatementKind::expression, .span = expression->span, .expression = expression});
}

void Lowering::statements(const Children& nodes, std::vector<StatementPtr>& out) {
  Reader reader{nodes};
  while (!reader.done()) {
    if (begins_expression(reader.peek().kind)) {  // left behind by an error
      if (const ExpressionPtr found = expression(reader)) out.push_back(expression_statement(found));
      continue;
    }
    if (const StatementPtr found = statement(reader.take())) out.push_back(found);
  }
}

List<StatementPtr> Lowering::block(const Child& child) {
  std::vector<StatementPtr> out;
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return {};
  if (child.kind == Kind::block) {
    statements(children(child.node), out);
  } else if (const StatementPtr only = statement(child)) {
    out.push_back(only);
  }
  return keep(out);
}

StatementPtr Lowering::statement(const Child& child) {
  const Depth depth(*this, 1);
  if (depth.is_too_deep()) return make(Statement{.span = span_of(child)});
  Statement made{.span = span_of(child)};
  switch (child.kind) {
    case Kind::block:
      made.kind = StatementKind::block;
      made.body = block(child);
      break;
    case Kind::expression_statement: {
      made.kind = StatementKind::expression;
      made.expression = whole(child);
      if (made.expression->kind == ExpressionKind::identifier && made.expression->text == "rethrow") {
        made.expression = make(Expression{
            .kind = ExpressionKind::throw_, .span = made.expression->span, .target = made.expression});
      }
      break;
    }
    case Kind::local_variable_declaration:
    case Kind::initialized_variable_definition:
      made.kind = StatementKind::variables;
      made.variables = keep(local_variables(child));
      break;
    case Kind::local_function_declaration:
    case Kind::lambda_expression: {
      made.kind = StatementKind::function;
      Child holder = child;
      if (child.kind == Kind::local_function_declaration) {
        for (const Child& node : children(child.node)) {
          if (node.kind == Kind::lambda_expression) holder = node;
        }
      }
      std::optional<Function> function;
      for (const Child& node : children(holder.node)) {
        if (node.kind == Kind::function_signature) function = signature(node, {});
        if (node.kind == Kind::function_body && function) body(node, *function);
      }
      if (!function) return make(Statement{.span = span_of(child), .expression = unknown(child)});
      function->span = span_of(holder);
      made.function = make(std::move(*function));
      break;
    }
    case Kind::if_statement:
      made.kind = StatementKind::if_;
      for (const Child& node : children(child.node)) {
        if (node.field == NodeField::condition) made.expression = primary(node);
        if (node.field == NodeField::consequence) made.body = block(node);
        if (node.field == NodeField::alternative) made.other = block(node);
      }
      break;
    case Kind::for_statement:
    case Kind::while_statement:
    case Kind::do_statement:
      return loop(child);
    case Kind::try_statement:
      return try_statement(child);
    case Kind::switch_statement:
      return switch_statement(child);
    case Kind::return_statement:
      made.kind = StatementKind::return_;
      made.expression = first_expression(children(child.node));
      break;
    case Kind::break_statement:
    case Kind::continue_statement:
      made.kind = StatementKind::break_;
      break;
    case Kind::yield_statement:
    case Kind::yield_each_statement:
      made.expression = first_expression(children(child.node));
      break;
    case Kind::assert_statement:
      made.expression = unknown(child);
      break;
    default: {
      std::vector<ExpressionPtr> found;
      gather(child, found);
      if (found.empty()) return nullptr;
      made.expression =
          found.size() == 1 ? found[0] : make(Expression{.span = span_of(child), .children = keep(found)});
      break;
    }
  }
  return make(std::move(made));
}

std::vector<Variable> Lowering::local_variables(const Child& child) {
  Children nodes = children(child.node);
  if (child.kind == Kind::local_variable_declaration && !nodes.empty()) {
    for (const Child& node : nodes) {
      if (node.kind != Kind::initialized_variable_definition) continue;
      const Child definition = node;
      nodes = children(definition.node);
      break;
    }
  }
  std::vector<Variable> out;
  Words words;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Child& node = nodes[i];
    if (node.field == NodeField::name && out.empty()) {
      words = words_before(child.begin, node.begin);
      Variable variable{.name = text(node),
                        .type = words.type,
                        .is_const = words.is_const,
                        .is_final = words.is_final,
                        .span = span_of(node)};
      for (std::size_t k = i + 1; k < nodes.size() && nodes[k].field == NodeField::value; ++k) {
        if (!begins_expression(nodes[k].kind)) continue;
        Reader reader{nodes, k};
        variable.initial = expression(reader);
        variable.span = span_of(node, nodes[reader.at - 1]);
        break;
      }
      // The `=` carries no field: look behind it as well.
      if (variable.initial == nullptr) {
        Reader reader{nodes, i + 1};
        if (reader.next_is(Kind::equals)) {
          variable.initial = expression(reader);
          variable.span = span_of(node, nodes[reader.at - 1]);
        }
      }
      out.push_back(variable);
    } else if (node.kind == Kind::initialized_identifier) {
      declared(node, words, {}, out);
    }
  }
  return out;
}

StatementPtr Lowering::loop(const Child& child) {
  Statement made{.kind = StatementKind::loop, .span = span_of(child)};
  for (const Child& node : children(child.node)) {
    if (node.kind == Kind::for_loop_parts) loop_parts(node, made);
    if (node.field == NodeField::condition) made.expression = primary(node);
    if (node.field == NodeField::body) made.body = block(node);
  }
  return make(std::move(made));
}

void Lowering::loop_parts(const Child& child, Statement& out) {
  const Children nodes = children(child.node);
  std::vector<Variable> variables;
  std::vector<StatementPtr> other;
  Reader reader{nodes};
  bool is_for_in = false;
  for (const Child& node : nodes) is_for_in = is_for_in || node.kind == Kind::in;
  while (!reader.done()) {
    const Child& node = reader.peek();
    if (node.kind == Kind::local_variable_declaration) {
      for (const Variable& variable : local_variables(node)) variables.push_back(variable);
      ++reader.at;
    } else if (is_for_in && node.kind == Kind::identifier && node.field != NodeField::value &&
               variables.empty()) {
      const Words words = words_before(child.begin + 1, node.begin);
      variables.push_back({.name = text(node),
                           .type = words.type,
                           .is_const = words.is_const,
                           .is_final = words.is_final,
                           .span = span_of(node)});
      ++reader.at;
    } else if (begins_expression(node.kind)) {
      const NodeField field = node.field;
      const ExpressionPtr found = expression(reader);
      if (found == nullptr) break;
      if (is_for_in || field == NodeField::condition) {
        out.expression = found;
      } else {
        other.push_back(expression_statement(found));
      }
    } else {
      ++reader.at;
    }
  }
  out.variables = keep(variables);
  out.other = keep(other);
}

StatementPtr Lowering::try_statement(const Child& child) {
  Statement made{.kind = StatementKind::try_, .span = span_of(child)};
  std::vector<StatementPtr> catches;
  Statement handler{.kind = StatementKind::block};
  bool has_body = false;
  for (const Child& node : children(child.node)) {
    if (node.kind == Kind::block && !has_body) {
      has_body = true;
      made.body = block(node);
    } else if (node.kind == Kind::catch_clause) {
      std::vector<Variable> names;
      for (const Child& part : children(node.node)) {
        if (part.kind != Kind::catch_parameters) continue;
        for (const Child& name : children(part.node)) {
          if (name.kind == Kind::identifier) names.push_back({.name = text(name), .span = span_of(name)});
        }
      }
      handler.variables = keep(names);
    } else if (node.kind == Kind::block) {
      handler.span = span_of(node);
      handler.body = block(node);
      catches.push_back(make(Statement(handler)));
      handler = Statement{.kind = StatementKind::block};
    } else if (node.kind == Kind::finally_clause) {
      for (const Child& part : children(node.node)) {
        if (part.kind == Kind::block) made.other = block(part);
      }
    }
  }
  made.catches = keep(catches);
  return make(std::move(made));
}

StatementPtr Lowering::switch_statement(const Child& child) {
  Statement made{.kind = StatementKind::switch_, .span = span_of(child)};
  std::vector<StatementPtr> cases;
  for (const Child& node : children(child.node)) {
    if (node.field == NodeField::condition) made.expression = primary(node);
    if (node.kind != Kind::switch_block) continue;
    const Children nodes = children(node.node);
    std::optional<Statement> open;
    std::vector<StatementPtr> body;
    const auto close = [&] {
      if (!open) return;
      open->body = keep(body);
      cases.push_back(make(Statement(*open)));
      body.clear();
      open.reset();
    };
    for (const Child& part : nodes) {
      if (part.kind == Kind::switch_label) {
        close();
        open = Statement{.kind = StatementKind::block,
                         .span = span_of(part),
                         .expression = first_expression(children(part.node))};
      } else if (open) {
        if (const StatementPtr found = statement(part)) {
          open->span.end = found->span.end;
          open->span.end_line = found->span.end_line;
          body.push_back(found);
        }
      }
    }
    close();
  }
  made.catches = keep(cases);
  return make(std::move(made));
}

void Lowering::body(const Child& child, Function& out) {
  const Children nodes = children(child.node);
  bool is_arrow = false;
  for (const Child& node : nodes) {
    if (node.kind == Kind::async_ || node.kind == Kind::async_star) out.is_async = true;
    if (node.kind == Kind::arrow) is_arrow = true;
    if (node.kind == Kind::block) out.body = block(node);
  }
  if (is_arrow) {
    if (const ExpressionPtr value = first_expression(nodes)) {
      const StatementPtr only =
          make(Statement{.kind = StatementKind::return_, .span = value->span, .expression = value});
      out.body = keep(std::vector{only});
    }
  }
}

}  // namespace latchkey::flutterflow::dart
