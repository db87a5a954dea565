// Data types: classes with a fromMap.
#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/project/readers.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;

// `k` of the first `data['k']`.
std::string key_in(ExpressionPtr expression) {
  const std::string path = json_path_in(expression);
  return path.size() > 2 ? path.substr(2) : std::string();
}

const dart::Function* find_getter(const dart::Class& owner, std::string_view name) {
  for (const dart::Function* function : owner.functions) {
    if (function->is_getter && function->name == name) return function;
  }
  return nullptr;
}

StructField read_field(const ClassEntry& entry, const dart::Argument& argument) {
  StructField field;
  field.name = argument.name;
  field.from_map = argument.value;
  field.json_key = key_in(argument.value);
  field.site = {entry.unit, argument.span};
  if (const dart::Function* getter = find_getter(*entry.node, argument.name)) {
    field.type = without_question_mark(getter->return_type);
    const ExpressionPtr answer = returned(*getter);
    if (answer != nullptr && answer->kind == ExpressionKind::binary && answer->text == "??" &&
        answer->children.size() == 2) {
      field.default_value = std::string(entry.unit->unit.text(answer->children[1]->span));
    }
  } else if (const dart::Variable* variable = entry.node->find_field(argument.name)) {
    field.type = without_question_mark(variable->type);
  }
  return field;
}

}  // namespace

void read_structs(Project& project) {
  std::string_view last;
  for (const ClassEntry& entry : project.index.classes()) {
    if (entry.name == last) continue;
    const dart::Function* from_map = entry.node->find_function("fromMap");
    if (from_map == nullptr) from_map = entry.node->find_function("fromJson");
    if (from_map == nullptr) continue;
    // The answer, or of a constructor the one it redirects to: what has the fields as named arguments.
    const Expression* made = nullptr;
    dart::walk(*from_map, [&](const Expression& node) {
      if (made == nullptr && node.kind == ExpressionKind::call &&
          (constructed_class(node) == entry.name ||
           (node.target != nullptr && node.target->text == "this"))) {
        made = &node;
      }
      return made == nullptr;
    });
    StructType type;
    type.name = entry.name;
    type.site = {entry.unit, entry.node->span};
    if (made != nullptr) {
      for (const dart::Argument& argument : made->arguments) {
        if (!argument.name.empty()) type.fields.push_back(read_field(entry, argument));
      }
    }
    project.structs.push_back(std::move(type));
    last = entry.name;
  }
}

}  // namespace latchkey::flutterflow
