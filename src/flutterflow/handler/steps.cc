#include "flutterflow/handler/steps.h"

#include <algorithm>
#include <utility>

#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::flutterflow {
namespace {

using dart::Argument;
using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;
using dart::Function;
using dart::List;
using dart::Statement;
using dart::StatementKind;
using dart::StatementPtr;

constexpr std::size_t kMostSteps = 6000;
constexpr std::uint32_t kMostFrames = 400;
constexpr std::uint32_t kDeepest = 8;  // functions followed into from functions
constexpr int kDeepestNode = 600;

// How a row of statements ends when it never reaches what follows it.
enum class Flow : std::uint8_t { normal, breaks, returns, throws };

bool starts_lower(std::string_view name) { return !name.empty() && name[0] >= 'a' && name[0] <= 'z'; }

// Names of calls that put something before the person's eyes.
bool shows_something(std::string_view name) {
  if (name.size() > 4 && name.starts_with("show") && !starts_lower(name.substr(4))) return true;
  for (const std::string_view word : {"snackbar", "toast", "flushbar", "bottomsheet", "dialog", "alert"}) {
    if (contains_word(name, word)) return true;
  }
  return false;
}

bool is_log_name(std::string_view head, std::string_view name, std::size_t length) {
  if (length == 1) return is_any_of(name, {"print", "debugPrint", "log", "debugPrintThrottled"});
  if (is_any_of(name, {"log"}) && is_any_of(head, {"developer", "dev", "console"})) return true;
  if (is_any_of(head, {"stdout", "stderr"}) && name.starts_with("write")) return true;
  return (contains_word(head, "logger") || is_any_of(head, {"log", "_log", "Log"})) &&
         is_any_of(name, {"d", "i", "w", "e", "v", "t", "f", "debug", "info", "warning", "warn", "severe",
                          "error", "fine", "log", "trace", "verbose"});
}

bool is_http_verb(std::string_view name) {
  return is_any_of(name, {"get", "post", "put", "patch", "delete", "send", "request", "fetch", "head",
                          "postUrl", "getUrl", "openUrl", "read"});
}

// Navigation that only GoRouter's and Navigator's extensions have.
bool is_navigation_name(std::string_view name) {
  return is_any_of(
      name, {"goNamed", "pushNamed", "goNamedAuth", "pushNamedAuth", "pushReplacementNamed", "replaceNamed",
             "pushReplacementNamedAuth", "pushReplacement", "pushAndRemoveUntil", "pushNamedAndRemoveUntil",
             "popAndPushNamed", "popUntil", "safePop", "offAll", "offAllNamed", "goNamedIfExists"});
}

bool is_router_name(std::string_view head) {
  return is_any_of(head, {"context", "Navigator", "GoRouter", "Get"}) || contains_word(head, "router") ||
         contains_word(head, "navigator");
}

// `x` behind `await`, `!`, casts.
ExpressionPtr bare(ExpressionPtr expression) {
  while (expression != nullptr && expression->target != nullptr &&
         (expression->kind == ExpressionKind::await || expression->kind == ExpressionKind::non_null ||
          expression->kind == ExpressionKind::cast)) {
    expression = expression->target;
  }
  return expression;
}

class StepReader {
 public:
  StepReader(const Project& project, const GivenCallbacks& callbacks, Handler& handler,
             std::unordered_set<const Function*>& followed)
      : project_(project), callbacks_(callbacks), handler_(handler), followed_(followed) {}

  void function_body() { statements(handler_.frames[0].function->body); }
  void bare_expression(ExpressionPtr node) { expression(node, {}); }

 private:
  // What surrounds an expression.
  struct Use {
    bool is_statement = false;
    bool is_awaited = false;
    std::string_view result = {};
  };

  const Frame& frame() const { return handler_.frames[frame_]; }

  // --- statements

  Flow statements(List<StatementPtr> body) {
    for (const StatementPtr node : body) {
      const Flow flow = statement(*node);
      if (flow != Flow::normal) return flow;
    }
    return Flow::normal;
  }

  Flow statement(const Statement& node) {
    if (++depth_ > kDeepestNode) return --depth_, Flow::normal;
    const Flow flow = statement_inside(node);
    --depth_;
    return flow;
  }

  Flow statement_inside(const Statement& node) {
    switch (node.kind) {
      case StatementKind::expression:
        if (node.expression == nullptr) return Flow::normal;
        expression(node.expression, {.is_statement = true});
        return node.expression->kind == ExpressionKind::throw_ ? Flow::throws : Flow::normal;
      case StatementKind::variables:
        variables(node);
        return Flow::normal;
      case StatementKind::block:
        return statements(node.body);
      case StatementKind::if_:
        return if_statement(node);
      case StatementKind::loop: {
        expression(node.expression, {});
        const std::size_t mark = path_.size();
        enter(Branch::Kind::loop, ++ids_, 0, node.expression);
        for (const dart::Variable& variable : node.variables) {
          set_local(variable, variable.initial == nullptr ? node.expression : variable.initial);
        }
        statements(node.body);
        path_.resize(mark);
        return Flow::normal;
      }
      case StatementKind::try_:
        return try_statement(node);
      case StatementKind::switch_:
        return switch_statement(node);
      case StatementKind::return_:
        expression(node.expression, {});
        if (lambdas_ == 0) {
          if (Step* step = add(StepKind::exit, node.expression)) {
            step->method = "return";
            step->value = node.expression;
            step->site.span = node.span;
          }
        }
        return Flow::returns;
      case StatementKind::break_:
        return Flow::breaks;
      case StatementKind::function:
        return Flow::normal;
      case StatementKind::other:
        expression(node.expression, {});
        return statements(node.body);
    }
    return Flow::normal;
  }

  void variables(const Statement& node) {
    for (const dart::Variable& variable : node.variables) {
      if (variable.initial != nullptr && variable.initial->kind == ExpressionKind::lambda) {
        closure(variable.name, *variable.initial);
        continue;
      }
      expression(variable.initial, {.result = variable.name});
      set_local(variable, variable.initial);
    }
  }

  void set_local(const dart::Variable& variable, ExpressionPtr value) {
    std::string_view type = variable.type;
    if (type.empty() && value != nullptr) type = constructed_class(*bare(value));
    while (type.ends_with('?') || type.ends_with(' ')) type.remove_suffix(1);
    if (!type.empty()) local_types_[{frame_, variable.name}] = type;
    if (value == nullptr) return;
    if (place_name(frame(), value).ends_with("AppState()"))
      aliases_[variable.name] = place_name(frame(), value);
    if (Step* step = add(StepKind::set_state, value)) {
      step->name = variable.name;
      step->value = value;
      step->is_local = true;
      step->site.span = variable.span;
    }
  }

  Flow if_statement(const Statement& node) {
    expression(node.expression, {});
    if (dart::is_literal_true(node.expression)) return statements(node.body);
    if (dart::is_literal_false(node.expression)) return statements(node.other);
    const std::uint32_t id = ++ids_;
    const std::size_t mark = path_.size();
    const Branch then = branch(Branch::Kind::then, id, 0, node.expression);
    const Branch otherwise = branch(Branch::Kind::otherwise, id, 1, node.expression);
    path_.push_back(then);
    const Flow first = statements(node.body);
    path_.resize(mark);
    path_.push_back(otherwise);
    const Flow second = statements(node.other);
    path_.resize(mark);
    if (first != Flow::normal) {
      path_.push_back(otherwise);
      path_.back().by_throw = first == Flow::throws;
    }
    if (second != Flow::normal) {
      path_.push_back(then);
      path_.back().by_throw = second == Flow::throws;
    }
    if (first == Flow::normal || second == Flow::normal) return Flow::normal;
    return std::min(first, second);
  }

  Flow try_statement(const Statement& node) {
    const std::uint32_t id = ++ids_;
    const std::size_t mark = path_.size();
    enter(Branch::Kind::trying, id, 0, nullptr);
    const Flow tried = statements(node.body);
    const std::vector<Branch> after_body(path_.begin() + static_cast<std::ptrdiff_t>(mark), path_.end());
    bool all_leave = !node.catches.empty();
    bool all_throw = all_leave;
    std::uint32_t arm = 0;
    for (const StatementPtr handler : node.catches) {
      path_.resize(mark);
      enter(Branch::Kind::catching, id, ++arm, nullptr);
      const Flow caught = statements(handler->body);
      all_leave = all_leave && caught != Flow::normal;
      all_throw = all_throw && caught == Flow::throws;
    }
    path_.resize(mark);
    if (all_leave || node.catches.empty()) {
      for (Branch kept : after_body) {
        kept.by_throw = node.catches.empty() ? kept.by_throw : all_throw;
        if (!node.catches.empty() || kept.kind != Branch::Kind::trying) path_.push_back(kept);
      }
    }
    const Flow last = statements(node.other);
    if (last != Flow::normal) return last;
    return all_leave || node.catches.empty() ? tried : Flow::normal;
  }

  Flow switch_statement(const Statement& node) {
    expression(node.expression, {});
    const std::uint32_t id = ++ids_;
    const std::size_t mark = path_.size();
    std::vector<std::uint32_t> stays;
    std::uint32_t arm = 0;
    for (const StatementPtr branch_block : node.catches) {
      enter(Branch::Kind::case_, id, arm, node.expression);
      const Flow flow = statements(branch_block->body);
      if (flow == Flow::normal || flow == Flow::breaks) stays.push_back(arm);
      path_.resize(mark);
      ++arm;
    }
    const bool has_default =
        std::ranges::any_of(node.catches, [](StatementPtr block) { return block->expression == nullptr; });
    if (stays.size() == 1 && has_default) enter(Branch::Kind::case_, id, stays[0], node.expression);
    return stays.empty() && has_default ? Flow::returns : Flow::normal;
  }

  // --- branches

  Branch branch(Branch::Kind kind, std::uint32_t id, std::uint32_t arm, ExpressionPtr condition) const {
    return {.kind = kind,
            .id = id,
            .arm = arm,
            .before = static_cast<std::uint32_t>(handler_.steps.size()),
            .frame = frame_,
            .condition = condition};
  }
  void enter(Branch::Kind kind, std::uint32_t id, std::uint32_t arm, ExpressionPtr condition) {
    path_.push_back(branch(kind, id, arm, condition));
  }

  // --- expressions

  void expression(ExpressionPtr node, const Use& use) {
    if (node == nullptr || ++depth_ > kDeepestNode) {
      if (node != nullptr) --depth_;
      return;
    }
    expression_inside(*node, use);
    --depth_;
  }

  void expression_inside(const Expression& node, const Use& use) {
    const ExpressionKind kind = node.kind;
    if (kind == ExpressionKind::await) {
      expression(node.target, {.is_statement = use.is_statement, .is_awaited = true, .result = use.result});
    } else if (kind == ExpressionKind::call) {
      call(node, use);
    } else if (kind == ExpressionKind::assign) {
      assign(node, use);
    } else if (kind == ExpressionKind::conditional && node.children.size() == 3) {
      expression(node.children[0], {});
      arms(node.children[0], node.children[1], node.children[2], use);
    } else if (kind == ExpressionKind::binary && node.children.size() == 2) {
      binary(node, use);
    } else if (kind == ExpressionKind::non_null || kind == ExpressionKind::cast) {
      expression(node.target, {.is_awaited = use.is_awaited, .result = use.result});
      if (kind == ExpressionKind::cast && is_any_of(node.type, {"dynamic", "Object"})) return;
      if (kind == ExpressionKind::cast && node.type.ends_with('?')) return;
      Step* step = add(kind == ExpressionKind::cast ? StepKind::cast : StepKind::non_null, &node);
      if (step != nullptr) step->value = node.target;
    } else if (kind == ExpressionKind::cascade) {
      expression(node.target, {});
      std::string outer = std::exchange(cascaded_, name_of(node.target));
      for (const ExpressionPtr child : node.children) expression(child, {.is_statement = true});
      cascaded_ = std::move(outer);
    } else if (kind != ExpressionKind::lambda) {  // who takes a closure decides about it
      parts(node);
    }
  }

  void binary(const Expression& node, const Use& use) {
    expression(node.children[0], {});
    if (node.text == "&&") {
      arms(node.children[0], node.children[1], nullptr, use);
    } else if (node.text == "||") {
      arms(node.children[0], nullptr, node.children[1], use);
    } else {
      expression(node.children[1], {});
    }
  }

  void parts(const Expression& node) {
    expression(node.target, {});
    // `if (false) a` in a collection.
    const bool is_dead = node.kind == ExpressionKind::unknown && node.children.size() > 1 &&
                         dart::is_literal_false(node.children[0]);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (!is_dead || i != 1) expression(node.children[i], {});
    }
    for (const Argument& argument : node.arguments) expression(argument.value, {});
    for (const dart::StringPart& part : node.parts) expression(part.expression, {});
    if (node.kind == ExpressionKind::throw_ && lambdas_ == 0) {
      if (Step* step = add(StepKind::exit, &node)) step->method = "throw";
    }
  }

  void arms(ExpressionPtr condition, ExpressionPtr then, ExpressionPtr otherwise, const Use& use) {
    const std::uint32_t id = ++ids_;
    const std::size_t mark = path_.size();
    if (!dart::is_literal_false(condition)) {
      enter(Branch::Kind::then, id, 0, condition);
      expression(then, use);
      path_.resize(mark);
    }
    if (!dart::is_literal_true(condition)) {
      enter(Branch::Kind::otherwise, id, 1, condition);
      expression(otherwise, use);
      path_.resize(mark);
    }
  }

  std::string name_of(ExpressionPtr node) const {
    std::string name = place_name(frame(), node, cascaded_);
    const std::size_t head = std::min(name.find('.'), name.size());
    if (const auto alias = aliases_.find(name.substr(0, head)); alias != aliases_.end()) {
      name.replace(0, head, alias->second);
    }
    return name;
  }

  void assign(const Expression& node, const Use& use) {
    const ExpressionPtr value = node.children.empty() ? nullptr : node.children[0];
    const std::string name = name_of(node.target);
    if (value != nullptr && value->kind == ExpressionKind::lambda) {
      closure(name, *value);
      return;
    }
    expression(value, {.is_awaited = use.is_awaited, .result = name});
    std::string place = name;
    if (place.empty() && node.target != nullptr) {
      expression(node.target->target, {});
      place = node.target->kind == ExpressionKind::index ? name_of(node.target->target) : std::string();
      if (!place.empty()) place += "[]";
    }
    if (place.empty()) return;
    if (Step* step = add(StepKind::set_state, &node)) {
      step->is_local = place.find('.') == std::string::npos && !is_field(place);
      step->name = std::move(place);
      step->method = node.text;
      step->value = value;
    }
  }

  bool is_field(std::string_view name) const {
    return frame().owner != nullptr && frame().owner->find_field(name) != nullptr;
  }

  // `navigate = () => …`: what it does stands here, provided that somebody calls it later.
  void closure(std::string_view name, const Expression& lambda) {
    const Function* outer = frame().function;
    bool is_called = false;
    dart::walk(*outer, [&](const Expression& node) {
      if (node.kind == ExpressionKind::call && node.target != nullptr && node.target->text == name)
        is_called = true;
      if (node.kind == ExpressionKind::call && node.target != nullptr && node.target->text == "call" &&
          node.target->target != nullptr && node.target->target->text == name) {
        is_called = true;
      }
      return !is_called;
    });
    if (!is_called || lambda.function == nullptr) return;
    const bool outer_deferred = std::exchange(is_deferred_, true);
    inline_lambda(*lambda.function);
    is_deferred_ = outer_deferred;
  }

  void inline_lambda(const Function& function) {
    const std::size_t mark = path_.size();
    ++lambdas_;
    statements(function.body);
    --lambdas_;
    path_.resize(mark);
  }

  // --- calls

  void call(const Expression& node, const Use& use) {
    const std::string_view name = called_name(node);
    const std::vector<std::string_view> chain = dart::chain_of(node.target);
    const std::string_view head = chain.empty() ? std::string_view() : chain.front();
    const bool is_shown = shows_something(name) || (name == "show" && !chain.empty());
    if (node.target != nullptr && node.target->kind == ExpressionKind::member) {
      expression(node.target->target, {});
    } else if (node.target != nullptr && node.target->kind != ExpressionKind::identifier) {
      expression(node.target, {});
    }
    arguments(node, name, is_shown);

    if (is_auth_manager(chain)) {
      if (name == "signIn") return add_call(StepKind::sign_in, node, use);
      if (name == "updateAuthUserData") return add_call(StepKind::update_user, node, use);
      if (name == "signOut") return add_call(StepKind::sign_out, node, use);
    }
    if (name == "prepareAuthEvent") return add_call(StepKind::prepare_auth, node, use);
    if (name == "clearRedirectLocation") return add_call(StepKind::clear_redirect, node, use);
    if (name == "call") {
      if (const ApiCall* found = project_.find_call(*frame().unit, &node)) {
        if (Step* step = add_call_step(StepKind::api_call, node, use)) {
          step->call = found;
          step->name = found->class_name;
        }
        return;
      }
    }
    if (is_navigation_name(name) ||
        (is_any_of(name, {"go", "push", "replace", "pop", "maybePop", "to", "off", "toNamed"}) &&
         is_router_name(head))) {
      return navigate(node, name, use);
    }
    if (is_log_name(head, name, chain.size())) return add_call(StepKind::log, node, use);
    if (is_http(node, name, chain)) {
      if (Step* step = add_call_step(StepKind::http, node, use)) step->name = join(chain);
      return;
    }
    if (update_of_state(node, name, use)) return;

    const Callee callee = find_callee(node, chain);
    if (is_shown) {
      add_call(StepKind::show, node, use);
    } else if (callee.ref) {
      const bool is_action = callee.ref.unit->path.find("custom_code/actions/") != std::string::npos;
      add_call(is_action ? StepKind::custom_action : StepKind::other, node, use);
    } else if (chain.size() == 2 && head == "actions") {
      add_call(StepKind::custom_action, node, use);
    } else if (use.is_awaited || use.is_statement) {
      if (!is_any_of(name, {"setState", "safeSetState", "update", "notifyListeners", "updatePage"})) {
        add_call(StepKind::other, node, use);
      }
      return;
    } else {
      return;
    }
    if (callee.ref) follow(node, callee);
  }

  static std::string join(const std::vector<std::string_view>& chain) {
    std::string name;
    for (const std::string_view part : chain) name.append(name.empty() ? "" : ".").append(part);
    return name;
  }

  static bool is_auth_manager(const std::vector<std::string_view>& chain) {
    return chain.size() > 1 && (contains_word(chain[chain.size() - 2], "authmanager"));
  }

  bool is_http(const Expression& node, std::string_view name,
               const std::vector<std::string_view>& chain) const {
    if (is_any_of(name, {"makeApiCall", "makeCloudCall"})) return true;
    if (!is_http_verb(name) || chain.size() < 2) return false;
    const std::string_view head = chain[chain.size() - 2];
    for (const dart::Import& import : frame().unit->unit.imports) {
      if (!import.prefix.empty() && import.prefix == chain.front()) {
        return import.uri.starts_with("package:http") || import.uri.starts_with("package:dio");
      }
    }
    if (head == "headers" || head == "prefs" || node.arguments.empty()) return false;
    return contains_word(head, "http") || contains_word(head, "dio") || contains_word(head, "client");
  }

  void arguments(const Expression& node, std::string_view name, bool is_shown) {
    for (const Argument& argument : node.arguments) {
      const Expression* value = argument.value;
      if (value == nullptr) continue;
      if (value->kind != ExpressionKind::lambda || value->function == nullptr) {
        // A dialog's or page's content: only what can throw while it is made is of interest.
        expression(value, {});
        continue;
      }
      if (!argument.name.empty() && is_handler_argument(argument)) continue;
      if (is_shown || !argument.name.empty()) {
        shown_content(*value->function);
        continue;
      }
      bind_parameters(node, name, *value->function);
      inline_lambda(*value->function);
    }
  }

  // What a builder reads with `!` or a cast, so that showing it throws.
  void shown_content(const Function& builder) {
    dart::walk(builder, [&](const Expression& node) {
      if (node.kind == ExpressionKind::lambda && &builder != node.function) return false;
      if (node.kind == ExpressionKind::non_null) {
        if (Step* step = add(StepKind::non_null, &node)) step->value = node.target;
      }
      return true;
    });
  }

  // `.then((value) …)`: the parameter is the result. `updateUserStruct((e) => e..x = 1)`: it is the state.
  void bind_parameters(const Expression& node, std::string_view name, const Function& lambda) {
    if (lambda.parameters.empty() || node.target == nullptr) return;
    const std::string_view parameter = lambda.parameters[0].name;
    if (name == "then" && node.target->kind == ExpressionKind::member) {
      if (Step* step = add(StepKind::set_state, node.target->target)) {
        step->name = parameter;
        step->value = node.target->target;
        step->is_local = true;
      }
    } else if (const std::string state = updated_state(node, name); !state.empty()) {
      aliases_[parameter] = state;
    }
  }

  // `FFAppState().user` of `FFAppState().updateUserStruct`, `.addToUser`, …; empty when the call is none of
  // these.
  std::string updated_state(const Expression& node, std::string_view name) const {
    if (node.target == nullptr || node.target->kind != ExpressionKind::member) return {};
    const std::string place = name_of(node.target->target);
    if (!place.ends_with("AppState()") && place != "_model") return {};
    std::string_view field = name;
    if (field.starts_with("update") && field.ends_with("Struct")) {
      field = field.substr(6, field.size() - 12);
    } else if (field.starts_with("addTo")) {
      field.remove_prefix(5);
    } else {
      return {};
    }
    if (field.empty()) return {};
    for (const StateField& state : project_.app_state) {
      if (lower(state.name) == lower(field)) return place + "." + state.name;
    }
    return place + "." + lower(field.substr(0, 1)) + std::string(field.substr(1));
  }

  bool update_of_state(const Expression& node, std::string_view name, const Use& use) {
    if (!name.starts_with("addTo")) return false;
    const std::string state = updated_state(node, name);
    if (state.empty()) return false;
    if (Step* step = add_call_step(StepKind::set_state, node, use)) {
      step->name = state;
      step->value = node.arguments.empty() ? nullptr : node.arguments[0].value;
    }
    return true;
  }

  // --- navigation

  void navigate(const Expression& node, std::string_view name, const Use& use) {
    Step* step = add_call_step(StepKind::navigate, node, use);
    if (step == nullptr) return;
    step->method = name;
    step->name.clear();
    if (name.ends_with("op") || name == "popUntil") return;
    ExpressionPtr target = positional(node, 0);
    if (target != nullptr && target->kind == ExpressionKind::identifier && target->text == "context") {
      target = positional(node, 1);
    }
    add_targets(target, *step, 0);
  }

  void add_page(const Page* page, Step& step) const {
    if (page != nullptr && std::ranges::find(step.pages, page) == step.pages.end())
      step.pages.push_back(page);
  }

  // A route's name or path, `XWidget.routeName`, `XWidget.routePath`, or a route object that builds a widget.
  void add_targets(ExpressionPtr node, Step& step, int depth) const {
    if (node == nullptr || depth > 16) return;
    if (const auto text = dart::constant_text(node)) {
      if (step.name.empty()) step.name = *text;
      const Page* page = project_.find_page_by_route(*text);
      if (page == nullptr) {
        for (const Route& route : project_.routes) {
          if (route.name == *text || (route.path == *text && !text->empty()))
            page = project_.find_page(route.widget);
        }
      }
      add_page(page, step);
      return;
    }
    if (node->kind == ExpressionKind::conditional && node->children.size() == 3) {
      add_targets(node->children[1], step, depth + 1);
      add_targets(node->children[2], step, depth + 1);
      return;
    }
    if (node->kind == ExpressionKind::binary) {
      for (const ExpressionPtr child : node->children) add_targets(child, step, depth + 1);
      return;
    }
    if (node->kind == ExpressionKind::member) {
      if (const std::vector<std::string_view> chain = dart::chain_of(node); chain.size() > 1) {
        const std::string_view widget = chain[chain.size() - 2];
        if (step.name.empty()) step.name = widget;
        add_page(project_.find_page(widget), step);
      }
      return;
    }
    dart::walk(node, [&](const Expression& inner) {
      if (inner.kind == ExpressionKind::call) {
        const std::string_view made = constructed_class(inner);
        if (const Page* page = made.empty() ? nullptr : project_.find_page(made)) {
          if (step.name.empty()) step.name = made;
          add_page(page, step);
          return false;
        }
        if (const dart::Argument* initial = inner.find_argument("initialPage"); initial != nullptr) {
          add_targets(initial->value, step, depth + 1);  // NavBarPage(initialPage: 'Home')
        }
      }
      return true;
    });
  }

  // --- functions that are followed

  struct Callee {
    FunctionRef ref;
    bool is_local = false;
  };

  std::string_view type_of_local(std::string_view name) const {
    for (std::uint32_t at = frame_;; at = handler_.frames[at].parent) {
      const auto found = local_types_.find({at, name});
      if (found != local_types_.end()) return found->second;
      if (at == 0 || !handler_.frames[at].is_local) return {};
    }
  }

  Callee find_callee(const Expression& node, const std::vector<std::string_view>& chain) const {
    if (chain.empty()) return {};
    std::string_view name = chain.back();
    const bool is_callable = name == "call" && chain.size() > 1;
    if (is_callable) name = chain[chain.size() - 2];
    if (chain.size() == (is_callable ? 2U : 1U)) {
      for (std::uint32_t at = frame_;; at = handler_.frames[at].parent) {
        const Frame& outer = handler_.frames[at];
        if (outer.function != nullptr) {
          const Function* local = find_local_function(*outer.function, name);
          // A variable that is a lambda stands where it was set.
          if (local != nullptr && local->name.empty()) return {};
          if (local != nullptr) {
            return {.ref = {.function = local, .owner = outer.owner, .unit = outer.unit}, .is_local = true};
          }
        }
        if (at == 0 || !outer.is_local) break;
      }
    }
    if (chain.front() == "widget" && frame().owner != nullptr) {
      const auto given =
          callbacks_.find(std::string(widget_of_state(*frame().owner)) + "." + std::string(name));
      if (given == callbacks_.end() || given->second.empty()) return {};
      const GivenCallback& first = given->second.front();
      return {.ref = {.function = first.function, .owner = first.owner, .unit = first.unit}};
    }
    if (is_callable) return {};
    return {.ref = find_target(project_, frame(), node.target,
                               [&](std::string_view local) { return type_of_local(local); })};
  }

  bool is_running(const Function* function) const {
    for (std::uint32_t at = frame_;; at = handler_.frames[at].parent) {
      if (handler_.frames[at].function == function) return true;
      if (at == 0) return false;
    }
  }

  void follow(const Expression& node, const Callee& callee) {
    if (frame().depth >= kDeepest || handler_.frames.size() >= kMostFrames ||
        is_running(callee.ref.function) || handler_.steps.size() >= kMostSteps) {
      return;
    }
    followed_.insert(callee.ref.function);
    const std::size_t call_step = handler_.steps.size() - 1;
    handler_.frames.push_back({.function = callee.ref.function,
                               .owner = callee.ref.owner,
                               .unit = callee.ref.unit,
                               .parent = frame_,
                               .before = static_cast<std::uint32_t>(call_step),
                               .depth = frame().depth + 1,
                               .is_local = callee.is_local,
                               .call = &node});
    const std::uint32_t outer_frame =
        std::exchange(frame_, static_cast<std::uint32_t>(handler_.frames.size() - 1));
    handler_.steps[call_step].callee = frame_;
    const std::uint32_t outer_lambdas = std::exchange(lambdas_, 0);
    const std::string outer_cascaded = std::exchange(cascaded_, {});
    const std::size_t mark = path_.size();
    statements(callee.ref.function->body);
    cascaded_ = outer_cascaded;
    lambdas_ = outer_lambdas;
    frame_ = outer_frame;
    // What the callee makes sure of by throwing holds for what follows its call.
    const auto rest = std::remove_if(path_.begin() + static_cast<std::ptrdiff_t>(mark), path_.end(),
                                     [](const Branch& kept) { return !kept.by_throw; });
    path_.erase(rest, path_.end());
  }

  // --- steps

  // Null when there are too many.
  Step* add(StepKind kind, ExpressionPtr node) {
    if (handler_.steps.size() >= kMostSteps) return nullptr;
    Step& step = handler_.steps.emplace_back();
    step.kind = kind;
    step.is_deferred = is_deferred_;
    step.frame = frame_;
    step.expression = node;
    step.path = path_;
    step.site.unit = frame().unit;
    if (node != nullptr) step.site.span = node->span;
    return &step;
  }

  Step* add_call_step(StepKind kind, const Expression& node, const Use& use) {
    Step* step = add(kind, &node);
    if (step == nullptr) return nullptr;
    step->is_awaited = use.is_awaited;
    step->arguments = node.arguments;
    step->result = use.result;
    step->name = join(dart::chain_of(node.target));
    step->method = called_name(node);
    return step;
  }
  void add_call(StepKind kind, const Expression& node, const Use& use) { add_call_step(kind, node, use); }

  struct LocalHash {
    std::size_t operator()(const std::pair<std::uint32_t, std::string_view>& key) const {
      return std::hash<std::string_view>()(key.second) * 31 + key.first;
    }
  };

  const Project& project_;
  const GivenCallbacks& callbacks_;
  Handler& handler_;
  std::unordered_set<const Function*>& followed_;
  std::vector<Branch> path_;
  std::unordered_map<std::string_view, std::string> aliases_;  // of locals that stand for state
  std::unordered_map<std::pair<std::uint32_t, std::string_view>, std::string_view, LocalHash> local_types_;
  std::string cascaded_;
  std::uint32_t frame_ = 0;
  std::uint32_t ids_ = 0;
  std::uint32_t lambdas_ = 0;  // closures that are read in place
  int depth_ = 0;
  bool is_deferred_ = false;
};

}  // namespace

bool is_handler_argument(const Argument& argument) {
  const std::string_view name = argument.name;
  if (argument.value == nullptr || argument.value->function == nullptr) return false;
  if (name.size() > 2 && name.starts_with("on") && name[2] >= 'A' && name[2] <= 'Z') return true;
  if (name.ends_with("uilder") || name == "validator" || name == "updateCallback") return false;
  return argument.value->function->is_async || argument.value->function->parameters.empty();
}

void read_steps(const Project& project, const GivenCallbacks& callbacks, Handler& handler,
                std::unordered_set<const Function*>& followed) {
  StepReader(project, callbacks, handler, followed).function_body();
}

void read_expression_steps(const Project& project, const GivenCallbacks& callbacks, Handler& handler,
                           ExpressionPtr expression) {
  std::unordered_set<const Function*> followed;
  StepReader(project, callbacks, handler, followed).bare_expression(expression);
}

}  // namespace latchkey::flutterflow
