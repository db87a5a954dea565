// What kind of project it is, and how its authentication is set.
#include <algorithm>
#include <array>
#include <utility>

#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/project/readers.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;

bool is_flutterflow(const Project& project) {
  return std::ranges::any_of(project.units, [](const auto& unit) {
    return unit->path.starts_with("lib/flutter_flow/") ||
           unit->path.find("/flutter_flow/flutter_flow_") != std::string::npos;
  });
}

// The auth manager that FlutterFlow generates, wherever its file was moved.
const ClassEntry* find_manager(const Project& project) {
  const ClassEntry* entry = project.index.find_class("CustomAuthManager");
  return entry == nullptr || entry->unit->is_library() ? nullptr : entry;
}

// auth_util.dart makes the one manager: `final _authManager = CustomAuthManager();`
bool is_manager_made(const Project& project) {
  return std::ranges::any_of(project.units, [](const auto& unit) {
    return std::ranges::any_of(unit->unit.variables, [](const dart::Variable& variable) {
      return variable.initial != nullptr && constructed_class(*variable.initial) == "CustomAuthManager";
    });
  });
}

// `firebase` of lib/auth/firebase_auth/auth_util.dart.
std::string other_auth(const Project& project) {
  for (const auto& unit : project.units) {
    const std::string_view path = unit->path;
    const std::size_t folder = path.find("auth/");
    const std::size_t end = path.find("_auth/");
    if (unit->is_library() || folder == std::string_view::npos || end == std::string_view::npos ||
        end < folder + 5)
      continue;
    const std::string_view name = path.substr(folder + 5, end - folder - 5);
    if (name != "custom" && name.find('/') == std::string_view::npos) return std::string(name);
  }
  return {};
}

void read_generation(Project& project) {
  const auto any_text = [&](std::string_view path_end, std::string_view text) {
    return std::ranges::any_of(project.units, [&](const auto& unit) {
      return unit->path.ends_with(path_end) && unit->unit.text().find(text) != std::string_view::npos;
    });
  };
  if (any_text("_widget.dart", "static String routeName")) {
    project.generation = "2025 or later (route names stand in the pages)";
  } else if (any_text("nav.dart", "appNavigatorKey") || any_text("api_calls.dart", "escapeStringForJson")) {
    project.generation = "late 2024 or early 2025";
  } else if (any_text("api_calls.dart", "getBaseUrl") || any_text("nav.dart", "RootPageContext")) {
    project.generation = "2024";
  } else {
    project.generation = "2023";
  }
}

}  // namespace

void read_settings(Project& project) {
  AuthSettings& auth = project.auth;
  if (is_flutterflow(project)) {
    project.kind = Project::Kind::no_custom_auth;
    read_generation(project);
  }
  const ClassEntry* manager = find_manager(project);
  if (manager == nullptr || !is_manager_made(project)) {
    auth.other_type = other_auth(project);
    return;
  }
  if (project.kind != Project::Kind::not_flutterflow) project.kind = Project::Kind::custom_auth;
  auth.is_custom = true;
  auth.manager_site = {manager->unit, manager->node->span};
  const bool is_initialized =
      std::ranges::any_of(project.auth_uses, [](const AuthUse& use) { return use.method == "initialize"; });
  auth.persists = manager->node->find_function("initialize") != nullptr && is_initialized;
  if (const dart::Function* sign_in = manager->node->find_function("signIn")) {
    if (const dart::Parameter* data = find_parameter(*sign_in, "userData")) {
      auth.user_data_type = without_question_mark(data->type);
    }
  }
}

}  // namespace latchkey::flutterflow
