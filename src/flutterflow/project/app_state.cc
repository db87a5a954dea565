// App state: the fields of FFAppState.
#include <set>

#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/project/readers.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;

struct Storing {
  bool in_preferences = false;
  bool in_secure_storage = false;
};

Storing storing_in(const dart::Function& function) {
  Storing storing;
  dart::walk(function, [&](const Expression& node) {
    if (node.kind == ExpressionKind::identifier) {
      storing.in_preferences |= node.text == "prefs" || node.text == "_prefs";
      storing.in_secure_storage |= node.text == "secureStorage";
    }
    return true;
  });
  return storing;
}

}  // namespace

void read_app_state(Project& project) {
  const ClassEntry* entry = project.index.find_class("FFAppState");
  if (entry == nullptr || entry->unit->is_library()) return;
  const dart::Class& owner = *entry->node;
  // What is read from storage at the start: `_token = prefs.getString(…) ?? _token`.
  std::set<std::string, std::less<>> loaded;
  if (const dart::Function* load = owner.find_function("initializePersistedState")) {
    dart::walk(*load, [&](const Expression& node) {
      if (node.kind == ExpressionKind::assign && node.target != nullptr &&
          node.target->kind == ExpressionKind::identifier) {
        loaded.emplace(node.target->text);
      }
      return true;
    });
  }
  for (const dart::Variable& field : owner.fields) {
    if (field.is_static || field.name == "prefs" || field.name == "secureStorage") continue;
    StateField state;
    // The getter's name is the one the app uses; most are the field's without the underscore, some are not.
    for (const dart::Function* function : owner.functions) {
      if (!function->is_getter) continue;
      const dart::ExpressionPtr answer = returned(*function);
      if (answer != nullptr && answer->kind == ExpressionKind::identifier && answer->text == field.name) {
        state.name = function->name;
      }
    }
    if (state.name.empty()) {
      if (field.name.starts_with('_')) continue;
      state.name = field.name;
    }
    state.type = without_question_mark(field.type);
    state.initial = field.initial;
    state.site = {entry->unit, field.span};
    for (const dart::Function* function : owner.functions) {
      if (!function->is_setter || function->name != state.name) continue;
      const Storing storing = storing_in(*function);
      state.is_persisted = storing.in_preferences || storing.in_secure_storage;
      state.is_secure = storing.in_secure_storage;
    }
    state.is_persisted |= loaded.contains(field.name);
    project.app_state.push_back(std::move(state));
  }
}

}  // namespace latchkey::flutterflow
