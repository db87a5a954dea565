#include "flutterflow/project/lookup.h"

#include <algorithm>
#include <ranges>

#include "flutterflow/dart/walk.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;
using dart::Function;
using dart::Statement;
using dart::StatementKind;
using dart::StatementPtr;

bool is_capital(std::string_view name) {
  const std::size_t first = name.find_first_not_of('_');
  return first != std::string_view::npos && name[first] >= 'A' && name[first] <= 'Z';
}

ExpressionPtr last_returned(dart::List<dart::StatementPtr> body) {
  for (const StatementPtr statement : body | std::views::reverse) {
    if (statement->kind == StatementKind::return_) return statement->expression;
    if (const ExpressionPtr inner = last_returned(statement->other)) return inner;
    if (const ExpressionPtr inner = last_returned(statement->body)) return inner;
    for (const StatementPtr handler : statement->catches) {
      if (const ExpressionPtr inner = last_returned(handler->body)) return inner;
    }
  }
  return nullptr;
}

void find_local_in(dart::List<dart::StatementPtr> body, std::string_view name, ExpressionPtr& found) {
  for (const StatementPtr statement : body) {
    for (const dart::Variable& variable : statement->variables) {
      if (variable.name == name && variable.initial != nullptr) found = variable.initial;
    }
    const ExpressionPtr expression = statement->expression;
    if (expression != nullptr && expression->kind == ExpressionKind::assign &&
        !expression->children.empty() && expression->target != nullptr &&
        expression->target->kind == ExpressionKind::identifier && expression->target->text == name) {
      found = expression->children[0];
    }
    find_local_in(statement->body, name, found);
    find_local_in(statement->other, name, found);
    for (const StatementPtr handler : statement->catches) find_local_in(handler->body, name, found);
  }
}

// `x['a'][0]['b']` → `$.a[0].b`; empty when a key is no constant.
std::string path_of_indexes(const Expression& node) {
  std::string path;
  const Expression* at = &node;
  while (at != nullptr) {
    if (at->kind == ExpressionKind::index && at->children.size() == 1) {
      const ExpressionPtr key = at->children[0];
      if (key->kind == ExpressionKind::number) {
        path.insert(0, "[" + std::string(key->text) + "]");
      } else if (const auto text = dart::constant_text(key)) {
        path.insert(0, "." + *text);
      } else {
        return {};
      }
    } else if (at->kind != ExpressionKind::non_null && at->kind != ExpressionKind::cast) {
      break;
    }
    at = at->target;
  }
  return path.empty() ? path : "$" + path;
}

}  // namespace

std::string_view called_name(const Expression& call) {
  if (call.kind != ExpressionKind::call || call.target == nullptr) return {};
  if (call.target->kind == ExpressionKind::identifier || call.target->kind == ExpressionKind::member) {
    return call.target->text;
  }
  return {};
}

std::string_view constructed_class(const Expression& call) {
  if (call.kind != ExpressionKind::call || call.target == nullptr) return {};
  const Expression* at = call.target;
  while (at != nullptr && (at->kind == ExpressionKind::member || at->kind == ExpressionKind::identifier)) {
    if (is_capital(at->text)) return at->text;
    at = at->target;
  }
  return {};
}

ExpressionPtr returned(const Function& function) { return last_returned(function.body); }

ExpressionPtr find_local(const Function& function, std::string_view name) {
  ExpressionPtr found = nullptr;
  find_local_in(function.body, name, found);
  return found;
}

const dart::Parameter* find_parameter(const Function& function, std::string_view name) {
  const auto found = std::ranges::find(function.parameters, name, &dart::Parameter::name);
  return found == function.parameters.end() ? nullptr : &*found;
}

ExpressionPtr positional(const Expression& call, std::size_t number) {
  for (const dart::Argument& argument : call.arguments) {
    if (!argument.name.empty()) continue;
    if (number-- == 0) return argument.value;
  }
  return nullptr;
}

std::string without_question_mark(std::string_view type) {
  while (type.ends_with('?') || type.ends_with(' ')) type.remove_suffix(1);
  return std::string(type);
}

std::string json_path_in(ExpressionPtr expression) {
  std::string path;
  dart::walk(expression, [&](const Expression& node) {
    if (!path.empty()) return false;
    if (called_name(node) == "getJsonField") {
      if (const auto text = dart::constant_text(positional(node, 1))) path = *text;
    } else if (node.kind == ExpressionKind::index) {
      path = path_of_indexes(node);
    }
    return path.empty();
  });
  return path;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace latchkey::flutterflow
