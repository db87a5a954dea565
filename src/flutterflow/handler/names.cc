#include "flutterflow/handler/names.h"

#include <algorithm>

#include "flutterflow/project/lookup.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;

constexpr std::size_t kLongestChain = 64;

// What the generator writes for every project. nav.dart is there as well, but people put helpers in it.
constexpr std::string_view kGenerated[] = {
    "lib/flutter_flow/",       "lib/backend/api_requests/",
    "lib/backend/schema/",     "lib/auth/custom_auth/custom_auth_",
    "lib/auth/base_auth_user", "lib/auth/auth_manager",
    "lib/app_state.dart",      "lib/environment_values.dart",
    "lib/app_constants.dart",
};

// `x` of `X? x`, `X` of `late X`.
std::string_view bare_type(std::string_view type) {
  if (type.starts_with("late ")) type.remove_prefix(5);
  while (type.ends_with('?') || type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

bool is_capital(std::string_view name) {
  const std::size_t first = name.find_first_not_of('_');
  return first != std::string_view::npos && name[first] >= 'A' && name[first] <= 'Z';
}

bool is_wrapper(const Expression& node) {
  return node.kind == ExpressionKind::non_null || node.kind == ExpressionKind::cast ||
         node.kind == ExpressionKind::await;
}

const dart::Function* local_function_in(dart::List<dart::StatementPtr> body, std::string_view name,
                                        int depth) {
  if (depth > 32) return nullptr;
  for (const dart::StatementPtr statement : body) {
    if (statement->function != nullptr && statement->function->name == name) return statement->function;
    for (const dart::Variable& variable : statement->variables) {
      if (variable.name == name && variable.initial != nullptr && variable.initial->function != nullptr) {
        return variable.initial->function;
      }
    }
    for (const auto& inner : {statement->body, statement->other, statement->catches}) {
      if (const dart::Function* found = local_function_in(inner, name, depth + 1)) return found;
    }
  }
  return nullptr;
}

FunctionRef method_of(const Project& project, std::string_view class_name, std::string_view method,
                      const SourceUnit* from) {
  for (int up = 0; up < 4 && !class_name.empty(); ++up) {
    const ClassEntry* found = project.index.find_class(class_name, from);
    if (found == nullptr) return {};
    if (const dart::Function* function = found->node->find_function(method)) {
      return {.function = function, .owner = found->node, .unit = found->unit};
    }
    class_name = found->node->extends;
    from = found->unit;
  }
  return {};
}

// The class of what a name without a place before it is: a field, a top-level variable.
std::string_view type_of_name(const Project& project, const Frame& frame, std::string_view name) {
  const auto of_variable = [](const dart::Variable& variable) -> std::string_view {
    if (!variable.type.empty()) return bare_type(variable.type);
    return variable.initial == nullptr ? std::string_view() : constructed_class(*variable.initial);
  };
  if (frame.owner != nullptr) {
    if (const dart::Variable* field = frame.owner->find_field(name)) return of_variable(*field);
  }
  if (frame.function != nullptr) {
    if (const dart::Parameter* parameter = find_parameter(*frame.function, name))
      return bare_type(parameter->type);
  }
  if (const VariableEntry* variable = project.index.find_variable(name, frame.unit))
    return of_variable(*variable->node);
  return {};
}

}  // namespace

std::string place_name(const Frame& frame, ExpressionPtr expression, std::string_view cascaded) {
  std::vector<std::string_view> names;  // from the right
  std::string head;
  for (std::size_t i = 0; i < kLongestChain && expression != nullptr; ++i) {
    if (expression->kind == ExpressionKind::member) {
      names.push_back(expression->text);
      expression = expression->target;
    } else if (is_wrapper(*expression)) {
      expression = expression->target;
    } else if (expression->kind == ExpressionKind::identifier) {
      if (expression->text.empty()) {
        if (cascaded.empty()) return {};
        head = cascaded;
      } else if (expression->text == "this" && !names.empty()) {
        head = names.back();
        names.pop_back();
      } else {
        head = expression->text;
      }
      const bool is_model = frame.owner != nullptr && is_model_class(*frame.owner);
      if (is_model && !expression->text.empty() && frame.owner->find_field(head) != nullptr)
        head.insert(0, "_model.");
      break;
    } else if (expression->kind == ExpressionKind::call) {
      const std::string_view made = expression->type.empty() ? called_name(*expression) : expression->type;
      if (!made.ends_with("AppState")) return {};
      head = std::string(made) + "()";
      break;
    } else {
      return {};
    }
  }
  if (head.empty()) return {};
  for (; !names.empty(); names.pop_back()) head.append(".").append(names.back());
  return head;
}

std::string_view widget_of_state(const dart::Class& owner) {
  const std::size_t open = owner.extends.find("State<");
  if (open == std::string_view::npos || !owner.extends.ends_with('>')) return {};
  std::string_view widget = owner.extends.substr(open + 6);
  widget.remove_suffix(1);
  return widget;
}

bool is_model_class(const dart::Class& owner) { return owner.extends.starts_with("FlutterFlowModel"); }

bool is_own_code(const SourceUnit& unit) {
  std::string_view path = unit.path;
  if (unit.is_library()) {
    const std::size_t lib = path.find("/lib/");
    if (lib == std::string_view::npos) return false;
    path.remove_prefix(lib + 1);
  }
  if (!path.starts_with("lib/")) return false;
  if (path.starts_with("lib/flutter_flow/nav/")) return true;
  // Screens in a folder of people's own under lib/auth are theirs; helpers beside the manager are read when
  // called.
  return std::ranges::none_of(kGenerated,
                              [&](std::string_view generated) { return path.starts_with(generated); });
}

bool contains_word(std::string_view text, std::string_view word) {
  if (word.size() > text.size()) return false;
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::ranges::find(list, text) != list.end();
}

FunctionRef find_target(const Project& project, const Frame& frame, ExpressionPtr target,
                        base::FunctionRef<std::string_view(std::string_view)> type_of_local) {
  if (target == nullptr || frame.unit == nullptr) return {};
  const std::vector<std::string_view> chain = dart::chain_of(target);
  if (chain.empty()) return {};
  const std::string_view method = chain.back();
  FunctionRef found;
  if (chain.size() == 1 || (chain.size() == 2 && chain[0] == "this")) {
    if (frame.owner != nullptr) {
      if (const dart::Function* function = frame.owner->find_function(method)) {
        found = {.function = function, .owner = frame.owner, .unit = frame.unit};
      } else {
        found = method_of(project, frame.owner->extends, method, frame.unit);
      }
    }
    if (!found) {
      if (const FunctionEntry* entry = project.index.find_function(method, frame.unit)) {
        found = {.function = entry->node, .unit = entry->unit};
      }
    }
  } else if (chain.size() == 2 && is_import_prefix(*frame.unit, chain[0])) {
    if (const FunctionEntry* entry = project.index.find_function(method, frame.unit, chain[0])) {
      found = {.function = entry->node, .unit = entry->unit};
    }
  } else {
    // The class is named (`AuthService().login`, `AuthService.instance.login`), or a variable is of it.
    std::string_view type;
    for (const std::string_view name : chain) {
      if (is_capital(name) && project.index.find_class(name, frame.unit) != nullptr) {
        type = name;
        break;
      }
    }
    if (type.empty() && chain.size() == 2) {
      type = type_of_local(chain[0]);
      if (type.empty()) type = type_of_name(project, frame, chain[0]);
    }
    if (!type.empty()) found = method_of(project, type, method, frame.unit);
  }
  if (found && (found.function->is_constructor || found.function->is_getter || found.function->is_setter ||
                found.function->body.empty() || !is_own_code(*found.unit) ||
                found.unit->path.ends_with("custom_functions.dart"))) {
    return {};
  }
  return found;
}

const dart::Function* find_local_function(const dart::Function& function, std::string_view name) {
  return local_function_in(function.body, name, 0);
}

bool is_auth_value(std::string_view name) {
  return is_any_of(name,
                   {"currentAuthenticationToken", "currentAuthRefreshToken", "currentAuthTokenExpiration",
                    "currentUserUid", "currentUserData", "currentUser"}) ||
         (name.starts_with("authManager.") &&
          is_any_of(name.substr(12),
                    {"authenticationToken", "refreshToken", "tokenExpiration", "uid", "userData"}));
}

}  // namespace latchkey::flutterflow
