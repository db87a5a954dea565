// Finds the handlers of a project: what gestures, page loads and the start of the app run.
#include <algorithm>
#include <utility>

#include "flutterflow/dart/walk.h"
#include "flutterflow/handler/steps.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::flutterflow {
namespace {

using dart::Argument;
using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;
using dart::Function;

constexpr std::size_t kMostHandlers = 40'000;
constexpr std::size_t kMostSteps = 400'000;  // of all handlers together

bool is_widget_code(const Function& function) {
  return function.name == "build" || function.return_type.find("Widget") != std::string_view::npos;
}

bool is_lifecycle(std::string_view name) {
  return is_any_of(name, {"initState", "didChangeDependencies", "didUpdateWidget", "dispose",
                          "didChangeAppLifecycleState", "afterFirstLayout"});
}

// Calls whose positional closure runs by itself once the page is there, wherever they stand.
bool runs_later(std::string_view name) {
  return is_any_of(
      name, {"addPostFrameCallback", "microtask", "delayed", "periodic", "addStatusListener", "listen"});
}

// What matters to the reader of a project who asks about authentication.
bool is_notable(const Step& step) {
  constexpr StepKind kSilent[] = {StepKind::prepare_auth, StepKind::clear_redirect, StepKind::exit,
                                  StepKind::non_null,     StepKind::cast,           StepKind::other};
  return std::ranges::find(kSilent, step.kind) == std::end(kSilent);
}

class HandlerFinder {
 public:
  explicit HandlerFinder(const Project& project) : project_(project) {}

  Handlers run() {
    for (const auto& unit : project_.units) {
      if (!is_own_code(*unit)) continue;
      for (const dart::Class& owner : unit->unit.classes) {
        const Scope scope = {.unit = unit.get(), .owner = &owner, .page = project_.page_of(*unit, owner)};
        for (const Function* function : owner.functions) look_at(with(scope, function));
      }
      for (const Function* function : unit->unit.functions)
        look_at({.unit = unit.get(), .function = function});
    }
    for (const Root& root : roots_) read(root, is_live(root.scope));
    // What nobody calls stands for itself.
    for (const auto& unit : project_.units) {
      if (!is_own_code(*unit) || unit->path.ends_with("custom_functions.dart")) continue;
      for (const dart::Class& owner : unit->unit.classes) {
        const Scope scope = {.unit = unit.get(), .owner = &owner, .page = project_.page_of(*unit, owner)};
        for (const Function* function : owner.functions) unfollowed(with(scope, function));
      }
      for (const Function* function : unit->unit.functions)
        unfollowed({.unit = unit.get(), .function = function});
    }
    return std::move(handlers_);
  }

 private:
  struct Root {
    HandlerKind kind = HandlerKind::gesture;
    std::string_view trigger;
    const Function* function = nullptr;
    Scope scope;                    // where it stands
    ExpressionPtr built = nullptr;  // of a build: the call
  };

  static Scope with(Scope scope, const Function* function) {
    scope.function = function;
    return scope;
  }

  bool is_live(const Scope& scope) const {
    if (scope.page != nullptr) return scope.page->is_reachable;
    return project_.is_reachable(scope.function);
  }

  void add_root(Root root) {
    if (roots_.size() < kMostHandlers && seen_.insert(root.function).second)
      roots_.push_back(std::move(root));
  }

  // Finds the roots that stand in a function.
  void look_at(const Scope& scope) {
    const Function& function = *scope.function;
    if (scope.owner == nullptr && function.name == "main" && scope.unit->path == "lib/main.dart") {
      add_root({.kind = HandlerKind::app_start, .trigger = "main", .function = &function, .scope = scope});
    }
    const bool is_state = scope.owner != nullptr && !widget_of_state(*scope.owner).empty();
    const bool is_root = is_state && is_lifecycle(function.name);
    if (is_root) {
      const bool is_start = scope.unit->path == "lib/main.dart";
      add_root({.kind = is_start ? HandlerKind::app_start : HandlerKind::page_load,
                .trigger = function.name,
                .function = &function,
                .scope = scope});
    }
    dart::walk(function, [&](const Expression& node) {
      if (node.kind == ExpressionKind::call) call(node, scope, is_root);
      return true;
    });
    if (!is_widget_code(function)) return;
    dart::walk(function, [&](const Expression& node) {
      if (node.kind == ExpressionKind::lambda && seen_.contains(node.function)) return false;
      if (node.kind == ExpressionKind::call && called_name(node) == "call" &&
          project_.find_call(*scope.unit, &node) != nullptr) {
        roots_.push_back(
            {.kind = HandlerKind::build, .trigger = function.name, .scope = scope, .built = &node});
        return false;
      }
      return true;
    });
  }

  void call(const Expression& node, const Scope& scope, bool in_root) {
    for (const Argument& argument : node.arguments) {
      if (argument.value == nullptr) continue;
      if (argument.name.empty()) {
        if (!in_root && is_widget_code(*scope.function) && runs_later(called_name(node)) &&
            argument.value->kind == ExpressionKind::lambda) {
          add_root({.kind = HandlerKind::page_load,
                    .trigger = called_name(node),
                    .function = argument.value->function,
                    .scope = scope});
        }
        continue;
      }
      given(argument, argument.value, node, scope, 0);
    }
  }

  // A closure, or one of two: `onPressed: isBusy ? null : _login`.
  void given(const Argument& argument, ExpressionPtr value, const Expression& node, const Scope& scope,
             int depth) {
    if (value == nullptr || depth > 8) return;
    if (value->kind == ExpressionKind::lambda) {
      Argument same = argument;
      same.value = value;
      if (!is_handler_argument(same)) return;
      add_root({.trigger = argument.name, .function = value->function, .scope = scope});
      callback_for(argument.name, node,
                   {.function = value->function, .owner = scope.owner, .unit = scope.unit});
    } else if (value->kind == ExpressionKind::conditional || value->kind == ExpressionKind::binary) {
      for (const ExpressionPtr child : value->children) given(argument, child, node, scope, depth + 1);
    } else if (value->kind == ExpressionKind::non_null) {
      given(argument, value->target, node, scope, depth + 1);
    } else if (value->kind == ExpressionKind::identifier || value->kind == ExpressionKind::member) {
      const FunctionRef ref = tear_off(value, argument.name, scope);
      if (!ref) return;
      add_root(
          {.trigger = argument.name,
           .function = ref.function,
           .scope = {.unit = ref.unit, .owner = ref.owner, .function = ref.function, .page = scope.page}});
      callback_for(argument.name, node, {.function = ref.function, .owner = ref.owner, .unit = ref.unit});
    }
  }

  FunctionRef tear_off(ExpressionPtr value, std::string_view argument, const Scope& scope) const {
    if (!(argument.size() > 2 && argument.starts_with("on")) && !argument.ends_with("allback") &&
        argument != "action") {
      return {};
    }
    if (value->kind == ExpressionKind::identifier) {
      if (const Function* local = find_local_function(*scope.function, value->text)) {
        return {.function = local, .owner = scope.owner, .unit = scope.unit};
      }
    }
    const Frame frame = {.function = scope.function, .owner = scope.owner, .unit = scope.unit};
    return find_target(project_, frame, value, [](std::string_view) { return std::string_view(); });
  }

  void callback_for(std::string_view parameter, const Expression& node, const GivenCallback& callback) {
    const std::string_view widget = constructed_class(node);
    if (widget.empty() || project_.find_page(widget) == nullptr) return;
    callbacks_[std::string(widget) + "." + std::string(parameter)].push_back(callback);
  }

  void read(const Root& root, bool is_live) {
    if (steps_ > kMostSteps) return;
    auto handler = std::make_unique<Handler>();
    handler->kind = root.kind;
    handler->trigger = root.trigger;
    handler->is_reachable = is_live;
    handler->page = root.scope.page;
    handler->function = root.function;
    handler->site = {.unit = root.scope.unit,
                     .span = root.built != nullptr ? root.built->span : root.function->span};
    const bool is_closure = root.function != nullptr && root.function != root.scope.function;
    handler->frames.push_back({.function = root.function == nullptr ? root.scope.function : root.function,
                               .outer = is_closure ? root.scope.function : nullptr,
                               .owner = root.scope.owner,
                               .unit = root.scope.unit});
    if (root.built != nullptr) {
      read_expression_steps(project_, callbacks_, *handler, root.built);
    } else {
      read_steps(project_, callbacks_, *handler, followed_);
    }
    steps_ += handler->steps.size();
    if (std::ranges::any_of(handler->steps, is_notable)) handlers_.all.push_back(std::move(handler));
  }

  void unfollowed(const Scope& scope) {
    const Function* function = scope.function;
    if (followed_.contains(function) || seen_.contains(function) || is_widget_code(*function) ||
        function->is_constructor || function->body.empty()) {
      return;
    }
    Root root = {.kind = HandlerKind::other, .trigger = function->name, .function = function, .scope = scope};
    if (scope.unit->path.find("custom_code/actions/") != std::string::npos) {
      root.kind = HandlerKind::custom_action;
    } else if (scope.unit->path.ends_with("lib/actions/actions.dart") ||
               (scope.owner != nullptr && is_model_class(*scope.owner))) {
      root.kind = HandlerKind::action_block;
    }
    read(root, project_.is_reachable(function) && (scope.page == nullptr || scope.page->is_reachable));
  }

  const Project& project_;
  Handlers handlers_;
  std::vector<Root> roots_;
  std::unordered_set<const Function*> seen_;      // roots
  std::unordered_set<const Function*> followed_;  // stand where they are called
  GivenCallbacks callbacks_;
  std::size_t steps_ = 0;
};

}  // namespace

Handlers read_handlers(const Project& project) { return HandlerFinder(project).run(); }

dart::ExpressionPtr Step::argument(std::string_view argument_name) const {
  const auto found = std::ranges::find(arguments, argument_name, &Argument::name);
  return found == arguments.end() ? nullptr : found->value;
}

bool Handler::compatible(const Step& a, const Step& b) {
  return std::ranges::none_of(a.path, [&](const Branch& taken) {
    return std::ranges::any_of(
        b.path, [&](const Branch& other) { return other.id == taken.id && other.arm != taken.arm; });
  });
}

}  // namespace latchkey::flutterflow
