#include "flutterflow/project/texts.h"

#include <algorithm>
#include <array>

#include "flutterflow/project/lookup.h"

namespace latchkey::flutterflow {
namespace {

using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;

constexpr int kDeepest = 24;
constexpr std::size_t kLongest = 4096;

// A function in which names are looked up, and how it was called.
struct Frame {
  Scope scope;
  const Expression* call = nullptr;  // null for the outermost
  const Frame* caller = nullptr;
};

class TextReader {
 public:
  explicit TextReader(const Project& project) : project_(project) {}

  const Site& host() const { return host_; }

  // `at_start`: nothing stands before it. A default is put in there only, because elsewhere it is what the
  // person calls with that counts.
  std::string read(const Frame& frame, ExpressionPtr node, bool at_start, int depth) {
    if (node == nullptr || depth > kDeepest || ++steps_ > kMostSteps) return "[?]";
    switch (node->kind) {
      case ExpressionKind::string:
        return string(frame, *node, at_start, depth);
      case ExpressionKind::number:
      case ExpressionKind::bool_literal:
        return std::string(node->text);
      case ExpressionKind::null_literal:
        return {};
      case ExpressionKind::identifier:
        return identifier(frame, node->text, at_start, depth);
      case ExpressionKind::member:
        return member(frame, *node, at_start, depth);
      case ExpressionKind::call:
        return call(frame, *node, at_start, depth);
      case ExpressionKind::non_null:
      case ExpressionKind::cast:
      case ExpressionKind::await:
        return read(frame, node->target, at_start, depth + 1);
      case ExpressionKind::assign:
      case ExpressionKind::index:
        return "[" + last_name(node) + "]";
      case ExpressionKind::binary:
        return binary(frame, *node, at_start, depth);
      case ExpressionKind::conditional:
        return node->children.size() == 3 ? read(frame, node->children[1], at_start, depth + 1) : "[?]";
      default:
        return "[?]";
    }
  }

 private:
  static constexpr int kMostSteps = 2000;

  std::string string(const Frame& frame, const Expression& node, bool at_start, int depth) {
    if (host_.unit == nullptr && frame.scope.unit != nullptr &&
        frame.scope.unit->unit.text(node.span).find("://") != std::string_view::npos) {
      host_ = {frame.scope.unit, node.span};
    }
    if (const auto text = dart::constant_text(&node)) return text->substr(0, kLongest);
    std::string result;
    for (const dart::StringPart& part : node.parts) {
      if (part.expression == nullptr) {
        result += part.text;
      } else {
        result += read(frame, part.expression, at_start && result.empty(), depth + 1);
      }
      if (result.size() > kLongest) break;
    }
    return result;
  }

  std::string binary(const Frame& frame, const Expression& node, bool at_start, int depth) {
    if (node.children.size() != 2) return "[?]";
    std::string left = read(frame, node.children[0], at_start, depth + 1);
    if (node.text == "+") return left + read(frame, node.children[1], at_start && left.empty(), depth + 1);
    if (node.text == "??" && (left.empty() || left.starts_with('['))) {
      std::string right = read(frame, node.children[1], at_start, depth + 1);
      return right.empty() ? left : right;
    }
    return node.text == "??" ? left : "[?]";
  }

  std::string identifier(const Frame& frame, std::string_view name, bool at_start, int depth) {
    const dart::Function* function = frame.scope.function;
    if (function != nullptr) {
      const dart::Parameter* parameter = find_parameter(*function, name);
      if (parameter != nullptr && frame.call != nullptr) {
        if (const ExpressionPtr given = given_argument(*function, *parameter, *frame.call)) {
          const std::string text = read(*frame.caller, given, at_start, depth + 1);
          if (!text.empty() && !text.starts_with('[')) return text;
        }
      }
      if (const ExpressionPtr local = find_local(*function, name)) {
        if (local->kind != ExpressionKind::identifier || local->text != name) {
          return read(frame, local, at_start, depth + 1);
        }
      }
      if (parameter != nullptr) {
        if (at_start && parameter->default_value != nullptr) {
          std::string text = read(frame, parameter->default_value, at_start, depth + 1);
          if (!text.empty()) return text;
        }
        return "[" + std::string(name) + "]";
      }
    }
    if (frame.scope.owner != nullptr) {
      if (auto text = of_class(frame.scope.unit, *frame.scope.owner, name, nullptr, frame, at_start, depth)) {
        return *text;
      }
    }
    if (const VariableEntry* variable = project_.index.find_variable(name, frame.scope.unit)) {
      if (variable->node->initial != nullptr) {
        return read({.scope = {.unit = variable->unit}}, variable->node->initial, at_start, depth + 1);
      }
    }
    if (const FunctionEntry* getter = project_.index.find_function(name, frame.scope.unit)) {
      if (getter->node->is_getter)
        return answer({.unit = getter->unit, .function = getter->node}, nullptr, frame, at_start, depth);
    }
    return "[" + std::string(name) + "]";
  }

  std::string member(const Frame& frame, const Expression& node, bool at_start, int depth) {
    const Expression* target = node.target;
    while (target != nullptr &&
           (target->kind == ExpressionKind::non_null || target->kind == ExpressionKind::call)) {
      target = target->target;
    }
    // `FFDevEnvironmentValues().API`, `Config.baseUrl`, `Config.instance.baseUrl`: the class is the first
    // capital name.
    while (target != nullptr && target->kind == ExpressionKind::member && !has_class(target->text))
      target = target->target;
    if (target != nullptr &&
        (target->kind == ExpressionKind::identifier || target->kind == ExpressionKind::member)) {
      if (target->text.ends_with("EnvironmentValues")) {
        const auto value = project_.environment.find(environment_key(target->text, node.text));
        if (value != project_.environment.end()) return value->second;
      }
      if (target->text == "FFAppState") {
        const StateField* state = project_.find_state(node.text);
        const auto text = state == nullptr || !at_start ? std::nullopt : dart::constant_text(state->initial);
        return text && !text->empty() ? *text : "[" + std::string(node.text) + "]";
      }
      if (const ClassEntry* found = project_.index.find_class(target->text, frame.scope.unit)) {
        if (auto text = of_class(found->unit, *found->node, node.text, nullptr, frame, at_start, depth))
          return *text;
      } else if (is_import_prefix(*frame.scope.unit, target->text)) {
        return identifier({.scope = {.unit = frame.scope.unit}}, node.text, at_start, depth + 1);
      }
    }
    return "[" + std::string(node.text) + "]";
  }

  bool has_class(std::string_view name) const { return project_.index.find_class(name) != nullptr; }

  // The key of environment.json that a getter of FFDevEnvironmentValues reads: `_API = data['API']`.
  std::string environment_key(std::string_view class_name, std::string_view getter) const {
    const ClassEntry* found = project_.index.find_class(class_name);
    const dart::Function* initialize = found == nullptr ? nullptr : found->node->find_function("initialize");
    if (initialize != nullptr) {
      const ExpressionPtr value = find_local(*initialize, "_" + std::string(getter));
      const std::string path = json_path_in(value);
      if (path.size() > 2) return path.substr(2);
    }
    return std::string(getter);
  }

  std::string call(const Frame& frame, const Expression& node, bool at_start, int depth) {
    const std::string_view name = called_name(node);
    const Expression* target = node.target == nullptr ? nullptr : node.target->target;
    static constexpr std::array<std::string_view, 7> kThrough = {
        "toString", "trim", "toLowerCase", "encodeFull", "replaceAll", "valueOrDefault", "castToType"};
    if (constructed_class(node) == "Uri" || constructed_class(node) == "String")
      return uri(frame, node, at_start, depth);
    if (std::ranges::find(kThrough, name) != kThrough.end()) {
      const ExpressionPtr through = target != nullptr && target->text != "Uri" ? target : positional(node, 0);
      return read(frame, through, at_start, depth + 1);
    }
    if (target != nullptr) {
      std::string_view owner = target->text;
      if (target->kind == ExpressionKind::call) owner = constructed_class(*target);
      if (const ClassEntry* found = project_.index.find_class(owner, frame.scope.unit)) {
        if (auto text = of_class(found->unit, *found->node, name, &node, frame, at_start, depth))
          return *text;
      }
    } else if (!name.empty()) {
      if (frame.scope.owner != nullptr) {
        if (auto text = of_class(frame.scope.unit, *frame.scope.owner, name, &node, frame, at_start, depth))
          return *text;
      }
      if (const FunctionEntry* found = project_.index.find_function(name, frame.scope.unit)) {
        return answer({.unit = found->unit, .function = found->node}, &node, frame, at_start, depth);
      }
    }
    return "[" + std::string(name) + "]";
  }

  std::string uri(const Frame& frame, const Expression& node, bool at_start, int depth) {
    const std::string_view name = called_name(node);
    if (name == "fromEnvironment") {
      const dart::Argument* fallback = node.find_argument("defaultValue");
      return fallback == nullptr ? "[?]" : read(frame, fallback->value, at_start, depth + 1);
    }
    std::string first = read(frame, positional(node, 0), at_start, depth + 1);
    if (name != "http" && name != "https") return first;
    std::string path =
        positional(node, 1) == nullptr ? std::string() : read(frame, positional(node, 1), false, depth + 1);
    if (!path.empty() && !path.starts_with('/')) path.insert(0, "/");
    if (host_.unit == nullptr) host_ = {frame.scope.unit, node.span};
    return std::string(name) + "://" + first + path;
  }

  // A static field, getter or (when `call` is given) function of a class.
  std::optional<std::string> of_class(const SourceUnit* unit, const dart::Class& owner, std::string_view name,
                                      const Expression* call, const Frame& caller, bool at_start, int depth) {
    if (const dart::Variable* field = owner.find_field(name); field != nullptr && call == nullptr) {
      if (field->initial == nullptr) return std::nullopt;
      return read({.scope = {.unit = unit, .owner = &owner}}, field->initial, at_start, depth + 1);
    }
    const dart::Function* function = owner.find_function(name);
    if (function == nullptr || function->is_constructor || function->is_getter == (call != nullptr))
      return std::nullopt;
    return answer({.unit = unit, .owner = &owner, .function = function}, call, caller, at_start, depth);
  }

  std::string answer(const Scope& scope, const Expression* call, const Frame& caller, bool at_start,
                     int depth) {
    if (scope.function == caller.scope.function) return "[?]";
    return read({.scope = scope, .call = call, .caller = &caller}, returned(*scope.function), at_start,
                depth + 1);
  }

  static ExpressionPtr given_argument(const dart::Function& function, const dart::Parameter& parameter,
                                      const Expression& call) {
    if (parameter.is_named) {
      const dart::Argument* argument = call.find_argument(parameter.name);
      return argument == nullptr ? nullptr : argument->value;
    }
    return positional(call, static_cast<std::size_t>(&parameter - function.parameters.data()));
  }

  static std::string last_name(ExpressionPtr node) {
    const auto chain = dart::chain_of(node);
    return chain.empty() ? "?" : std::string(chain.back());
  }

  const Project& project_;
  Site host_;
  int steps_ = 0;
};

}  // namespace

std::string text_of(const Project& project, const Scope& scope, ExpressionPtr expression, Site* host) {
  if (expression == nullptr || scope.unit == nullptr) return {};
  TextReader reader(project);
  std::string text = reader.read({.scope = scope}, expression, true, 0);
  if (host != nullptr && reader.host().unit != nullptr) *host = reader.host();
  if (text.size() > kLongest) text.resize(kLongest);
  return text;
}

}  // namespace latchkey::flutterflow
