#include "flutterflow/dart/walk.h"

#include <vector>

namespace latchkey::flutterflow::dart {
namespace {

class Walk {
 public:
  explicit Walk(ExpressionVisitor visit) : visit_(visit) {}

  void expression(ExpressionPtr node) {
    if (node == nullptr || !visit_(*node)) return;
    if (node->kind == ExpressionKind::conditional && node->children.size() == 3) {
      expression(node->children[0]);
      if (!is_literal_false(node->children[0])) expression(node->children[1]);
      if (!is_literal_true(node->children[0])) expression(node->children[2]);
      return;
    }
    expression(node->target);
    // `if (false) a else b` in a collection: condition, then, else.
    const bool is_dead_if = is_collection_if(*node);
    for (std::size_t i = 0; i < node->children.size(); ++i) {
      if (!is_dead_if || i != 1) expression(node->children[i]);
    }
    for (const Argument& argument : node->arguments) expression(argument.value);
    for (const StringPart& part : node->parts) expression(part.expression);
    if (node->function != nullptr) function(*node->function);
  }

  void statements(List<StatementPtr> nodes) {
    for (const StatementPtr node : nodes) {
      statement(node);
      if (leaves(node)) return;
    }
  }

  void statement(StatementPtr node) {
    if (node == nullptr) return;
    if (node->kind == StatementKind::if_) {
      expression(node->expression);
      if (!is_literal_false(node->expression)) statements(node->body);
      if (!is_literal_true(node->expression)) statements(node->other);
      return;
    }
    for (const Variable& variable : node->variables) expression(variable.initial);
    expression(node->expression);
    if (node->function != nullptr) function(*node->function);
    statements(node->body);
    for (const StatementPtr handler : node->catches) statement(handler);
    statements(node->other);
  }

  void function(const Function& node) {
    for (const Parameter& parameter : node.parameters) expression(parameter.default_value);
    for (const ExpressionPtr initializer : node.initializers) expression(initializer);
    statements(node.body);
  }

 private:
  static bool leaves(StatementPtr node) {
    if (node == nullptr) return false;
    switch (node->kind) {
      case StatementKind::return_:
      case StatementKind::break_:
        return true;
      case StatementKind::expression:
        return node->expression != nullptr && node->expression->kind == ExpressionKind::throw_;
      case StatementKind::block:
        return !node->body.empty() && leaves(node->body.back());
      case StatementKind::if_:
        return !node->body.empty() && !node->other.empty() && leaves(node->body.back()) &&
               leaves(node->other.back());
      default:
        return false;
    }
  }

  static bool is_collection_if(const Expression& node) {
    return node.kind == ExpressionKind::unknown && node.children.size() > 1 &&
           is_literal_false(node.children[0]);
  }

  ExpressionVisitor visit_;
};

}  // namespace

void walk(ExpressionPtr expression, ExpressionVisitor visit) { Walk(visit).expression(expression); }
void walk(StatementPtr statement, ExpressionVisitor visit) { Walk(visit).statement(statement); }
void walk(const Function& function, ExpressionVisitor visit) { Walk(visit).function(function); }
void walk(const Variable& variable, ExpressionVisitor visit) { Walk(visit).expression(variable.initial); }

void walk(const Class& node, ExpressionVisitor visit) {
  for (const Variable& field : node.fields) walk(field, visit);
  for (const Function* function : node.functions) walk(*function, visit);
}

bool is_literal_true(ExpressionPtr expression) {
  return expression != nullptr && expression->kind == ExpressionKind::bool_literal &&
         expression->text == "true";
}

bool is_literal_false(ExpressionPtr expression) {
  return expression != nullptr && expression->kind == ExpressionKind::bool_literal &&
         expression->text == "false";
}

bool mentions(ExpressionPtr expression, std::string_view name) {
  bool found = false;
  walk(expression, [&](const Expression& node) {
    found = found || ((node.kind == ExpressionKind::identifier || node.kind == ExpressionKind::member) &&
                      node.text == name);
    return !found;
  });
  return found;
}

}  // namespace latchkey::flutterflow::dart
