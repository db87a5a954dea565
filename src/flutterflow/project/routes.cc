// The router: routes, the pair of pages that `/` chooses from, the navigation bar.
#include <algorithm>
#include <array>

#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/project/readers.h"
#include "flutterflow/project/texts.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;
using dart::StatementKind;
using dart::StatementPtr;

constexpr std::string_view kNavBar = "NavBarPage";

bool is_app_widget(const Project& project, std::string_view name) {
  const ClassEntry* entry = project.index.find_class(name);
  return entry != nullptr && (name == kNavBar || is_widget_class(*entry));
}

class MadeWidgets {
 public:
  explicit MadeWidgets(const Project& project) : project_(project) {}

  void collect(const Scope& scope, ExpressionPtr expression, int depth) {
    dart::walk(expression, [&](const Expression& node) { return visit(scope, node, depth); });
  }

  std::vector<std::string> names;

 private:
  static constexpr int kDeepest = 4;

  bool visit(const Scope& scope, const Expression& node, int depth) {
    if (node.kind != ExpressionKind::call) return true;
    const std::string_view made = constructed_class(node);
    if (!made.empty() && is_app_widget(project_, made)) {
      if (std::ranges::find(names, made) == names.end()) names.emplace_back(made);
      return true;
    }
    // A small function that chooses: `_homeFor(role)`.
    const std::string_view name = called_name(node);
    if (name.empty() || !made.empty() || depth == kDeepest) return true;
    const dart::Function* function = scope.owner == nullptr ? nullptr : scope.owner->find_function(name);
    Scope inside = scope;
    if (function == nullptr && node.target->kind == ExpressionKind::identifier) {
      if (const FunctionEntry* found = project_.index.find_function(name, scope.unit)) {
        function = found->node;
        inside = {.unit = found->unit};
      }
    }
    if (function == nullptr || function == scope.function) return true;
    inside.function = function;
    dart::walk(*function, [&](const Expression& inner) { return visit(inside, inner, depth + 1); });
    return true;
  }

  const Project& project_;
};

// What a builder's lambda answers; the expression itself when it is none.
ExpressionPtr built(ExpressionPtr builder) {
  return builder != nullptr && builder->kind == ExpressionKind::lambda && builder->function != nullptr
             ? returned(*builder->function)
             : builder;
}

class RouteReader {
 public:
  explicit RouteReader(Project& project) : project_(project) {}

  void read() {
    read_nav_bar();
    for (const auto& unit : project_.units) {
      if (unit->is_library()) continue;
      const std::string_view text = unit->unit.text();
      if (text.find("FFRoute(") == std::string_view::npos && text.find("GoRoute(") == std::string_view::npos)
        continue;
      for (const dart::Function* function : unit->unit.functions)
        read_function({.unit = unit.get(), .function = function});
      for (const dart::Variable& variable : unit->unit.variables) {
        dart::walk(variable, [&](const Expression& node) { return visit({.unit = unit.get()}, node, {}); });
      }
      for (const dart::Class& owner : unit->unit.classes) {
        if (owner.name == "FFRoute") continue;  // how a route makes its GoRoute
        for (const dart::Variable& field : owner.fields) {
          dart::walk(field, [&](const Expression& node) {
            return visit({.unit = unit.get(), .owner = &owner}, node, {});
          });
        }
        for (const dart::Function* function : owner.functions) {
          read_function({.unit = unit.get(), .owner = &owner, .function = function});
        }
      }
    }
    read_pair();
  }

 private:
  struct Builder {
    Scope scope;
    const Expression* builder = nullptr;
  };

  void read_function(const Scope& scope) {
    dart::walk(*scope.function, [&](const Expression& node) { return visit(scope, node, {}); });
  }

  bool visit(const Scope& scope, const Expression& node, std::string_view prefix) {
    const std::string_view name = called_name(node);
    if (name == "GoRouter") {
      if (const dart::Argument* routes = node.find_argument("routes"))
        project_.route_list = {scope.unit, routes->span};
      if (const dart::Argument* error = node.find_argument("errorBuilder"))
        error_builder_ = {scope, error->value};
      return true;
    }
    if (name != "FFRoute" && name != "GoRoute") return true;
    read_route(scope, node, prefix);
    return false;
  }

  void read_route(const Scope& scope, const Expression& node, std::string_view prefix) {
    const auto argument = [&](std::string_view name) {
      const dart::Argument* found = node.find_argument(name);
      return found == nullptr ? nullptr : found->value;
    };
    ExpressionPtr builder = argument("builder");
    if (builder == nullptr) builder = argument("pageBuilder");
    std::string path = text_of(project_, scope, argument("path"));
    if (!path.starts_with('/'))
      path.insert(0, prefix.ends_with('/') ? std::string(prefix) : std::string(prefix) + "/");
    const std::string name = text_of(project_, scope, argument("name"));
    if (name == "_initialize" || (path == "/" && initial_.builder == nullptr)) {
      initial_ = {scope, builder};
    }
    if (name != "_initialize" && builder != nullptr) {
      Route route;
      route.name = name;
      route.path = path;
      route.requires_auth = dart::is_literal_true(argument("requireAuth"));
      const auto made = made_widgets(project_, scope, builder);
      route.shows_nav_bar = std::ranges::find(made, kNavBar) != made.end();
      route.widget = page_of_builder(scope, builder, name);
      route.site = {scope.unit, node.span};
      project_.routes.push_back(std::move(route));
    }
    dart::walk(argument("routes"), [&](const Expression& inner) { return visit(scope, inner, path); });
  }

  // The page behind a builder: the one that is no navigation bar and, of several in each other, has the
  // route's name or one of its own.
  std::string page_of_builder(const Scope& scope, ExpressionPtr builder, std::string_view route_name) const {
    const std::vector<std::string> made = made_widgets(project_, scope, builder);
    std::string first;
    for (const std::string& name : made) {
      if (name == kNavBar) continue;
      if (first.empty()) first = name;
      const ClassEntry* entry = project_.index.find_class(name);
      if (entry->node->find_field("routeName") != nullptr) return name;
      if (!route_name.empty() && (name == route_name || lower(name) == lower(route_name) + "widget"))
        return name;
    }
    if (!first.empty()) return first;
    if (std::ranges::find(made, kNavBar) != made.end()) return nav_bar_page(scope, builder);
    return unknown_widget(builder);
  }

  // `NavBarPage(initialPage: 'Home')` → the tab's widget; the first one when no tab has that name.
  std::string nav_bar_page(const Scope& scope, ExpressionPtr expression) const {
    std::string tab = default_tab_;
    dart::walk(expression, [&](const Expression& node) {
      if (constructed_class(node) != kNavBar) return true;
      if (const dart::Argument* initial = node.find_argument("initialPage")) {
        tab = text_of(project_, scope, initial->value);
      }
      return false;
    });
    for (const auto& [name, widget] : tabs_) {
      if (name == tab) return widget;
    }
    return tabs_.empty() ? std::string(kNavBar) : tabs_.front().second;
  }

  // A page that is made but is no class of the project.
  static std::string unknown_widget(ExpressionPtr expression) {
    std::string name;
    dart::walk(expression, [&](const Expression& node) {
      const std::string_view made = constructed_class(node);
      if (name.empty() && (made.ends_with("Widget") || made.ends_with("Page") || made.ends_with("Screen")))
        name = made;
      return name.empty();
    });
    return name;
  }

  // Of the pages in one branch of the pair, the one that has a route: what is around it is a splash or a
  // guard.
  std::string page_of_branch(const Scope& scope, ExpressionPtr branch) const {
    const std::vector<std::string> made = made_widgets(project_, scope, branch);
    for (const std::string& name : made) {
      if (std::ranges::find(project_.routes, name, &Route::widget) != project_.routes.end() &&
          name != kNavBar)
        return name;
    }
    return page_of_builder(scope, branch, {});
  }

  struct Pair {
    const Expression* condition = nullptr;
    ExpressionPtr logged_in = nullptr;
    ExpressionPtr logged_out = nullptr;
    dart::Span span;
  };

  // Whether being logged in decides, also through a small function: `_isTokenValid()`.
  bool asks_for_login(const Scope& scope, ExpressionPtr condition) const {
    bool asks = false;
    dart::walk(condition, [&](const Expression& node) {
      if (node.kind == ExpressionKind::identifier || node.kind == ExpressionKind::member) {
        const std::string name = lower(node.text);
        asks |= name.find("loggedin") != std::string::npos || name.find("authenticat") != std::string::npos ||
                name.find("token") != std::string::npos || name.find("signedin") != std::string::npos ||
                (name == "currentuser");
      }
      return !asks;
    });
    if (asks || scope.unit == nullptr) return asks;
    dart::walk(condition, [&](const Expression& node) {
      const FunctionEntry* function = node.kind == ExpressionKind::call
                                          ? project_.index.find_function(called_name(node), scope.unit)
                                          : nullptr;
      if (function != nullptr) asks |= asks_for_login({}, returned(*function->node));
      return !asks;
    });
    return asks;
  }

  std::optional<Pair> find_pair(const Builder& builder) const {
    if (builder.builder == nullptr) return std::nullopt;
    std::optional<Pair> found;
    dart::walk(builder.builder, [&](const Expression& node) {
      if (found) return false;
      if (node.kind == ExpressionKind::conditional && node.children.size() == 3 &&
          asks_for_login(builder.scope, node.children[0])) {
        found = make_pair(node.children[0], node.children[1], node.children[2], node.span);
      }
      return !found;
    });
    if (!found && builder.builder->kind == ExpressionKind::lambda && builder.builder->function != nullptr) {
      found = find_pair(builder.scope, builder.builder->function->body);
    }
    return found;
  }

  // `if (loggedIn) return A(); return B();`
  std::optional<Pair> find_pair(const Scope& scope, dart::List<dart::StatementPtr> body) const {
    for (std::size_t i = 0; i < body.size(); ++i) {
      const StatementPtr statement = body[i];
      if (statement->kind == StatementKind::block) {
        if (auto inner = find_pair(scope, statement->body)) return inner;
      }
      if (statement->kind != StatementKind::if_ || !asks_for_login(scope, statement->expression)) continue;
      const ExpressionPtr then = answer_of(statement->body);
      const ExpressionPtr otherwise =
          statement->other.empty()
              ? answer_of({body.begin() + static_cast<std::ptrdiff_t>(i) + 1, body.end()})
              : answer_of(statement->other);
      if (then != nullptr && otherwise != nullptr)
        return make_pair(statement->expression, then, otherwise, statement->span);
    }
    return std::nullopt;
  }

  static ExpressionPtr answer_of(dart::List<dart::StatementPtr> body) {
    for (const StatementPtr statement : body) {
      if (statement->kind == StatementKind::return_) return statement->expression;
      if (statement->kind == StatementKind::block) {
        if (const ExpressionPtr inner = answer_of(statement->body)) return inner;
      }
    }
    return nullptr;
  }

  static Pair make_pair(ExpressionPtr condition, ExpressionPtr then, ExpressionPtr otherwise,
                        const dart::Span& span) {
    const bool is_negated =
        (condition->kind == ExpressionKind::unary && condition->text == "!") ||
        (condition->kind == ExpressionKind::binary && condition->children.size() == 2 &&
         ((condition->text == "==" && (dart::is_literal_false(condition->children[1]) ||
                                       condition->children[1]->kind == ExpressionKind::null_literal)) ||
          (condition->text == "!=" && dart::is_literal_true(condition->children[1]))));
    if (is_negated) std::swap(then, otherwise);
    return {condition, then, otherwise, span};
  }

  void read_pair() {
    AuthSettings& auth = project_.auth;
    const Builder* from = &initial_;
    std::optional<Pair> pair = find_pair(initial_);
    if (!pair) {
      from = &error_builder_;
      pair = find_pair(error_builder_);
    }
    if (pair) {
      auth.pair_site = {from->scope.unit, pair->span};
      auth.logged_in_page = page_of_branch(from->scope, pair->logged_in);
      auth.entry_page = page_of_branch(from->scope, pair->logged_out);
      const auto made = made_widgets(project_, from->scope, pair->logged_in);
      auth.logged_in_shows_nav_bar = std::ranges::find(made, kNavBar) != made.end();
    }
    // `/` that does not ask shows the same page to everybody.
    if (from != &initial_ && initial_.builder != nullptr) {
      auth.entry_page = page_of_branch(initial_.scope, built(initial_.builder));
      if (!pair) auth.pair_site = {initial_.scope.unit, initial_.builder->span};
    }
  }

  void read_nav_bar() {
    const ClassEntry* state = project_.index.find_state_of(kNavBar);
    if (state == nullptr || state->unit->is_library()) return;
    project_.auth.has_nav_bar = true;
    const Scope scope{.unit = state->unit, .owner = state->node};
    if (const dart::Variable* current = state->node->find_field("_currentPageName")) {
      default_tab_ = text_of(project_, scope, current->initial);
    }
    const dart::Function* build = state->node->find_function("build");
    const ExpressionPtr tabs = build == nullptr ? nullptr : find_local(*build, "tabs");
    if (tabs == nullptr || tabs->kind != ExpressionKind::map_or_set) return;
    for (std::size_t i = 0; i + 1 < tabs->children.size(); i += 2) {
      const std::string widget = page_of_builder(scope, tabs->children[i + 1], {});
      if (widget.empty()) continue;
      tabs_.emplace_back(text_of(project_, scope, tabs->children[i]), widget);
      project_.auth.nav_bar_pages.push_back(widget);
    }
  }

  Project& project_;
  Builder initial_;
  Builder error_builder_;
  std::vector<std::pair<std::string, std::string>> tabs_;
  std::string default_tab_;
};

}  // namespace

bool is_widget_class(const ClassEntry& entry) {
  if (!entry.node->extends.ends_with("Widget") || entry.name == kNavBar || entry.name == "MyApp")
    return false;
  return entry.unit->path.find("/flutter_flow/") == std::string::npos;
}

std::vector<std::string> made_widgets(const Project& project, const Scope& scope, ExpressionPtr expression) {
  MadeWidgets made(project);
  made.collect(scope, expression, 0);
  return made.names;
}

void read_routes(Project& project) { RouteReader(project).read(); }

}  // namespace latchkey::flutterflow
