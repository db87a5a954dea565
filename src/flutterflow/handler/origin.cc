// Follows values back to where they come from.
#include <algorithm>
#include <utility>

#include "flutterflow/dart/walk.h"
#include "flutterflow/handler/names.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::flutterflow {
namespace {

using dart::Argument;
using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;
using dart::Function;

constexpr int kDeepest = 48;
constexpr int kMostNodes = 4000;
constexpr std::size_t kMostParts = 64;
constexpr std::size_t kLongestPath = 512;

// Where an expression stands: in a frame of the handler, or in a small function whose answer is put in place
// of its call (a getter of an API call, a helper): then its parameters are known.
struct Place {
  std::uint32_t frame = 0;
  std::size_t before = 0;      // steps
  const Step* step = nullptr;  // whose branches exclude some of them; may be null
  const Function* inlined = nullptr;
  Frame inlined_frame = {};
  std::vector<std::pair<std::string_view, Origin>> bound = {};
};

// `$` and `$.a.b` → `$.a.b`; `$.x` and `$['y'].z` → `$.x['y'].z`.
std::string join_paths(std::string_view base, std::string_view inner) {
  if (base.empty()) base = "$";
  if (!inner.starts_with('$')) return std::string(base) + "." + std::string(inner);
  return (std::string(base) + std::string(inner.substr(1))).substr(0, kLongestPath);
}

Origin literal(std::string text) { return {.kind = OriginKind::literal, .text = std::move(text)}; }

bool is_constant(const Origin& origin) {
  return origin.kind == OriginKind::literal || origin.kind == OriginKind::null_value;
}

Origin converted(Origin origin, std::string conversion) {
  if (origin.conversions.size() < kMostParts) origin.conversions.push_back(std::move(conversion));
  return origin;
}

// Reads inside the JSON of an answer; what was done to the whole before does not matter to the part.
Origin inside(Origin origin, std::string_view path) {
  if (origin.kind == OriginKind::answer || origin.kind == OriginKind::struct_field) {
    origin.json_path = join_paths(origin.json_path, path);
    origin.name.clear();
    origin.conversions.clear();
    if (origin.kind == OriginKind::struct_field) {
      origin.kind = OriginKind::answer;
      origin.from.clear();
    }
    origin.struct_type = nullptr;
    origin.field = nullptr;
    return origin;
  }
  if (path == "$") return origin;
  origin.name.append(path.substr(path.starts_with('$') ? 1 : 0));
  origin.struct_type = nullptr;
  origin.conversions.clear();
  return origin;
}

class Resolver {
 public:
  Resolver(const Project& project, const Handler& handler) : project_(project), handler_(handler) {}

  Origin of(const Place& place, ExpressionPtr node, int depth) {
    if (node == nullptr) return {.kind = OriginKind::null_value};
    if (depth > kDeepest || ++nodes_ > kMostNodes) return {};
    const ExpressionKind kind = node->kind;
    if (kind == ExpressionKind::null_literal) return {.kind = OriginKind::null_value};
    if (kind == ExpressionKind::bool_literal || kind == ExpressionKind::number)
      return literal(std::string(node->text));
    if (kind == ExpressionKind::string) return string(place, *node, depth);
    if (kind == ExpressionKind::identifier) return identifier(place, *node, depth);
    if (kind == ExpressionKind::member) return member(place, *node, depth);
    if (kind == ExpressionKind::index) return index(place, *node, depth);
    if (kind == ExpressionKind::call) return call(place, *node, depth);
    if (kind == ExpressionKind::binary) return binary(place, *node, depth);
    if (kind == ExpressionKind::non_null) return converted(of(place, node->target, depth + 1), "!");
    if (kind == ExpressionKind::cast) {
      return converted(of(place, node->target, depth + 1), "as " + std::string(node->type));
    }
    if (kind == ExpressionKind::await || kind == ExpressionKind::cascade)
      return of(place, node->target, depth + 1);
    if (kind == ExpressionKind::assign) {
      return of(place, node->children.empty() ? nullptr : node->children[0], depth + 1);
    }
    if (kind == ExpressionKind::conditional && node->children.size() == 3) {
      return one_of({of(place, node->children[1], depth + 1), of(place, node->children[2], depth + 1)});
    }
    if (kind == ExpressionKind::lambda) return {};
    return parts_of(place, *node, depth);
  }

 private:
  // What has no value of its own kind: a list, a map, a negation …
  Origin parts_of(const Place& place, const Expression& node, int depth) {
    std::vector<Origin> parts;
    for (const ExpressionPtr child : node.children) add_part(parts, of(place, child, depth + 1), {});
    if (node.kind == ExpressionKind::map_or_set && node.is_map) name_keys(node, parts);
    for (const Argument& argument : node.arguments)
      add_part(parts, of(place, argument.value, depth + 1), argument.name);
    if (node.target != nullptr) add_part(parts, of(place, node.target, depth + 1), {});
    return put_together(std::move(parts),
                        node.kind == ExpressionKind::unary ? node.text : std::string_view());
  }

  const Frame& frame(const Place& place) const {
    return place.inlined != nullptr ? place.inlined_frame : handler_.frames[place.frame];
  }

  static void add_part(std::vector<Origin>& parts, Origin part, std::string_view name) {
    if (parts.size() >= kMostParts) return;
    part.part = name;
    parts.push_back(std::move(part));
  }

  static void name_keys(const Expression& node, std::vector<Origin>& parts) {
    for (std::size_t i = 0; i + 1 < node.children.size() && i + 1 < parts.size(); i += 2) {
      if (const auto key = dart::constant_text(node.children[i])) parts[i + 1].part = *key;
    }
  }

  // Several values in one, or the only one that is no constant.
  static Origin put_together(std::vector<Origin> parts, std::string_view conversion) {
    Origin whole = {.kind = OriginKind::expression, .from = std::move(parts)};
    if (!conversion.empty()) whole.conversions.emplace_back(conversion);
    return whole;
  }

  // A value that is one of these.
  static Origin one_of(std::vector<Origin> choices) {
    std::erase_if(choices, [](const Origin& origin) { return origin.kind == OriginKind::null_value; });
    if (choices.empty()) return {.kind = OriginKind::null_value};
    if (choices.size() == 1) return std::move(choices[0]);
    return put_together(std::move(choices), "one of");
  }

  // What a function makes of the values it gets: of one that is no constant, that one, converted.
  static Origin conversion_of(std::vector<Origin> parts, std::string name) {
    Origin* only = nullptr;
    std::size_t others = 0;
    for (Origin& part : parts) {
      if (is_constant(part)) continue;
      ++others;
      only = &part;
    }
    if (others == 1) return converted(std::move(*only), std::move(name));
    if (parts.size() == 1) return converted(std::move(parts[0]), std::move(name));
    return put_together(std::move(parts), name);
  }

  Origin string(const Place& place, const Expression& node, int depth) {
    if (const auto text = dart::constant_text(&node)) return literal(*text);
    std::vector<Origin> parts;
    bool has_text = false;
    for (const dart::StringPart& part : node.parts) {
      if (part.expression != nullptr) {
        add_part(parts, of(place, part.expression, depth + 1), {});
      } else {
        has_text = has_text || !part.text.empty();
      }
    }
    if (parts.size() == 1)
      return converted(std::move(parts[0]), has_text ? "interpolation in text" : "interpolation");
    return put_together(std::move(parts), "interpolation");
  }

  Origin binary(const Place& place, const Expression& node, int depth) {
    if (node.children.size() != 2) return {};
    Origin left = of(place, node.children[0], depth + 1);
    Origin right = of(place, node.children[1], depth + 1);
    if (node.text == "??") {
      if (right.kind == OriginKind::literal) {
        return converted(std::move(left), right.text.empty() ? "?? ''" : "?? " + right.text);
      }
      if (right.kind == OriginKind::null_value || node.children[1]->kind == ExpressionKind::throw_)
        return left;
      return one_of({converted(std::move(left), "?? other"), std::move(right)});
    }
    std::vector<Origin> parts;
    parts.push_back(std::move(left));
    parts.push_back(std::move(right));
    return put_together(std::move(parts), node.text);
  }

  // --- names

  Origin identifier(const Place& place, const Expression& node, int depth) {
    const std::string_view name = node.text;
    for (const auto& [parameter, origin] : place.bound) {
      if (parameter == name) return origin;
    }
    if (place.inlined != nullptr) {
      if (const ExpressionPtr local = find_local(*place.inlined, name); local != nullptr && local != &node) {
        if (local->kind != ExpressionKind::identifier || local->text != name)
          return of(place, local, depth + 1);
      }
    } else {
      Origin found;
      if (variable(place, name, depth, found)) return found;
    }
    return named(place, name, depth);
  }

  // A local variable or parameter of the handler.
  bool variable(const Place& place, std::string_view name, int depth, Origin& found) {
    std::uint32_t at = place.frame;
    std::size_t before = place.before;
    for (;;) {
      const Frame& outer = handler_.frames[at];
      if (last_set(place, at, before, name, depth, found)) return true;
      if (outer.function != nullptr) {
        if (const dart::Parameter* parameter = find_parameter(*outer.function, name)) {
          found = argument_for(outer, *parameter, depth);
          return true;
        }
      }
      if (at == 0) {
        if (outer.outer == nullptr) return false;
        if (const ExpressionPtr local = find_local(*outer.outer, name)) {
          const Place around = {
              .inlined = outer.outer,
              .inlined_frame = {.function = outer.outer, .owner = outer.owner, .unit = outer.unit}};
          found = of(around, local, depth + 1);
          return true;
        }
        if (find_parameter(*outer.outer, name) != nullptr) {
          found = {.kind = OriginKind::parameter, .name = std::string(name)};
          return true;
        }
        return false;
      }
      if (!outer.is_local) return false;
      before = outer.before;
      at = outer.parent;
    }
  }

  Origin argument_for(const Frame& called, const dart::Parameter& parameter, int depth) {
    if (called.call == nullptr) return {.kind = OriginKind::parameter, .name = std::string(parameter.name)};
    ExpressionPtr given = nullptr;
    if (parameter.is_named) {
      const Argument* argument = called.call->find_argument(parameter.name);
      if (argument != nullptr) given = argument->value;
    } else {
      given =
          positional(*called.call, static_cast<std::size_t>(&parameter - called.function->parameters.data()));
    }
    if (given == nullptr) given = parameter.default_value;
    if (given == nullptr) return {.kind = OriginKind::null_value};
    return of({.frame = called.parent, .before = called.before}, given, depth + 1);
  }

  // The values that `name` was given before: the last that surely was, and those that may have been after it.
  // Names without a dot are looked for in one frame, state in all.
  bool last_set(const Place& place, std::uint32_t at, std::size_t before, std::string_view name, int depth,
                Origin& found) {
    if (setting_.size() > 24) return false;
    std::vector<Origin> choices;
    const bool is_state = name.find('.') != std::string_view::npos;
    const std::size_t begin = std::min(before, handler_.steps.size());
    const Step* here = place.step != nullptr           ? place.step
                       : begin < handler_.steps.size() ? &handler_.steps[begin]
                                                       : nullptr;
    for (std::size_t i = begin; i-- > 0 && choices.size() < 8;) {
      const Step& step = handler_.steps[i];
      if (step.kind != StepKind::set_state || (!is_state && step.frame != at) || step.name != name) continue;
      if (here != nullptr && !Handler::compatible(step, *here)) continue;
      if (std::ranges::find(setting_, &step) != setting_.end()) continue;
      setting_.push_back(&step);
      Origin value = of({.frame = step.frame, .before = i, .step = &step}, step.value, depth + 1);
      setting_.pop_back();
      const bool is_certain = here == nullptr || is_prefix(step.path, here->path);
      const bool is_null = value.kind == OriginKind::null_value;
      if (!is_null || is_certain) choices.push_back(std::move(value));
      if (is_certain && step.method != "?\?=") break;
    }
    if (choices.empty()) return false;
    found = one_of(std::move(choices));
    return true;
  }

  // Whether whoever comes to `path` has come through `outer` as well.
  static bool is_prefix(const std::vector<Branch>& outer, const std::vector<Branch>& path) {
    return std::ranges::all_of(outer, [&](const Branch& branch) {
      return branch.kind == Branch::Kind::trying || std::ranges::any_of(path, [&](const Branch& taken) {
               return taken.id == branch.id && taken.arm == branch.arm;
             });
    });
  }

  // A name that is no variable of the handler: the auth manager's, a constant, a field.
  Origin named(const Place& place, std::string_view name, int depth) {
    if (is_auth_value(name)) return {.kind = OriginKind::auth_manager, .name = std::string(name)};
    const Frame& here = frame(place);
    if (here.owner != nullptr) {
      if (const dart::Variable* field = here.owner->find_field(name)) {
        const std::string whole =
            is_model_class(*here.owner) ? "_model." + std::string(name) : std::string(name);
        Origin found;
        if (place.inlined == nullptr && last_set(place, place.frame, place.before, whole, depth, found))
          return found;
        if (place.inlined == nullptr && whole == name && last_set_field(place, whole, depth, found))
          return found;
        if ((field->is_const || field->is_final) && field->initial != nullptr) {
          return of(at_class(here), field->initial, depth + 1);
        }
        return {.kind = OriginKind::page_state,
                .name = whole,
                .struct_type = project_.find_struct(without_question_mark(field->type))};
      }
    }
    if (const VariableEntry* entry = project_.index.find_variable(name, here.unit)) {
      if (entry->node->initial != nullptr) {
        return of(at_class({.unit = entry->unit}), entry->node->initial, depth + 1);
      }
    }
    return {.kind = OriginKind::unknown, .name = std::string(name)};
  }

  // A field of the state's class that an own method set.
  bool last_set_field(const Place& place, std::string_view name, int depth, Origin& found) {
    for (std::uint32_t at = 0; at < handler_.frames.size(); ++at) {
      if (handler_.frames[at].owner == frame(place).owner &&
          last_set(place, at, place.before, name, depth, found))
        return true;
    }
    return false;
  }

  static Place at_class(const Frame& here) {
    static const Function kNone = {.name = {}};
    return {.inlined = &kNone, .inlined_frame = {.function = &kNone, .owner = here.owner, .unit = here.unit}};
  }

  // --- members

  Origin member(const Place& place, const Expression& node, int depth) {
    const std::string name = place_name(frame(place), &node);
    if (!name.empty()) {
      const std::size_t dot = name.find('.');
      const std::string_view head = std::string_view(name).substr(0, dot);
      if (is_auth_value(name) || is_auth_value(head)) {
        return {.kind = OriginKind::auth_manager, .name = name};
      }
      Origin found;
      if (place.inlined == nullptr && last_set(place, place.frame, place.before, name, depth, found))
        return found;
      // The state itself, not a member of what it holds.
      const bool is_direct = dot != std::string::npos && name.find('.', dot + 1) == std::string::npos;
      if (is_direct && head.ends_with("AppState()")) {
        const StateField* state = project_.find_state(node.text);
        const std::string type = state == nullptr ? std::string() : without_question_mark(state->type);
        return {.kind = OriginKind::app_state, .name = name, .struct_type = project_.find_struct(type)};
      }
      if (is_direct && head == "_model") return model_field(place, name, node.text);
      if (is_direct && head == "widget") return widget_field(place, name, node.text);
    }
    return member_of(of(place, node.target, depth + 1), node, depth);
  }

  Origin model_field(const Place& place, const std::string& name, std::string_view field_name) const {
    Origin origin = {.kind = OriginKind::page_state, .name = name};
    const Frame& here = frame(place);
    if (contains_word(field_name, "controller")) origin.kind = OriginKind::text_field;
    if (here.owner == nullptr) return origin;
    const dart::Variable* model = here.owner->find_field("_model");
    const ClassEntry* entry =
        model == nullptr ? nullptr : project_.index.find_class(without_question_mark(model->type), here.unit);
    const dart::Variable* field = entry == nullptr ? nullptr : entry->node->find_field(field_name);
    if (field != nullptr) origin.struct_type = project_.find_struct(without_question_mark(field->type));
    return origin;
  }

  Origin widget_field(const Place& place, const std::string& name, std::string_view field_name) const {
    Origin origin = {.kind = OriginKind::parameter, .name = name};
    const Frame& here = frame(place);
    if (here.owner == nullptr) return origin;
    const ClassEntry* widget = project_.index.find_class(widget_of_state(*here.owner), here.unit);
    const dart::Variable* field = widget == nullptr ? nullptr : widget->node->find_field(field_name);
    if (field != nullptr) origin.struct_type = project_.find_struct(without_question_mark(field->type));
    return origin;
  }

  Origin member_of(Origin target, const Expression& node, int depth) {
    const std::string_view name = node.text;
    // A field of something that was put together here: `UserStruct(token: x).token`.
    if (target.kind == OriginKind::expression && target.struct_type != nullptr) {
      for (const Origin& part : target.from) {
        if (part.part == name) return part;
      }
      return {.kind = OriginKind::null_value};
    }
    if (target.kind == OriginKind::expression && target.converted_by("one of")) {
      std::vector<Origin> choices;
      for (Origin& choice : target.from) choices.push_back(member_of(std::move(choice), node, depth + 1));
      return one_of(std::move(choices));
    }
    if (target.struct_type != nullptr) {
      for (const StructField& field : target.struct_type->fields) {
        if (field.name == name) return field_of(std::move(target), field);
      }
    }
    if (name == "text" && (target.kind == OriginKind::text_field ||
                           contains_word(target.name, "controller") || contains_word(target.name, "ctrl"))) {
      target.kind = OriginKind::text_field;
      return target;
    }
    if (target.kind == OriginKind::answer && target.json_path.empty()) {
      if (target.name.empty()) return of_response(std::move(target), name);
      return converted(std::move(target), "." + std::string(name));
    }
    if (target.kind == OriginKind::answer &&
        is_any_of(name, {"first", "firstOrNull", "single", "last", "lastOrNull"})) {
      return inside(std::move(target), "$[0]");
    }
    if (target.kind == OriginKind::page_state || target.kind == OriginKind::parameter ||
        target.kind == OriginKind::unknown || target.kind == OriginKind::app_state) {
      if (target.name.empty()) target.name = "?";
      target.name.append(".").append(name);
      target.struct_type = nullptr;
      return target;
    }
    return converted(std::move(target), "." + std::string(name));
  }

  static Origin of_response(Origin response, std::string_view member) {
    if (is_any_of(member, {"jsonBody", "body", "bodyText", "data", "bodyBytes"})) {
      response.json_path = "$";
    } else {
      response.name = member;
    }
    return response;
  }

  static Origin field_of(Origin target, const StructField& field) {
    Origin origin = {.kind = OriginKind::struct_field,
                     .name = field.name,
                     .call = target.call,
                     .step = target.step,
                     .getter = target.getter,
                     .struct_type = target.struct_type,
                     .field = &field};
    if (target.call != nullptr || target.step != nullptr) {
      origin.json_path = join_paths(target.json_path, field.json_key.empty() ? field.name : field.json_key);
    }
    origin.from.push_back(std::move(target));
    return origin;
  }

  Origin index(const Place& place, const Expression& node, int depth) {
    Origin target = of(place, node.target, depth + 1);
    const ExpressionPtr key = node.children.empty() ? nullptr : node.children[0];
    if (const auto text = dart::constant_text(key)) {
      if (target.kind == OriginKind::expression) {
        for (const Origin& part : target.from) {
          if (part.part == *text) return part;
        }
      }
      return inside(std::move(target), "$." + *text);
    }
    if (key != nullptr && key->kind == ExpressionKind::number) {
      return inside(std::move(target), "$[" + std::string(key->text) + "]");
    }
    return converted(std::move(target), "[]");
  }

  // --- calls

  const Step* step_of(const Place& place, const Expression& node) const {
    if (place.inlined != nullptr) return nullptr;
    for (const Step& step : handler_.steps) {
      if (step.expression == &node && step.frame == place.frame &&
          is_any_of_kind(step.kind, {StepKind::api_call, StepKind::http, StepKind::custom_action,
                                     StepKind::other, StepKind::show})) {
        return &step;
      }
    }
    return nullptr;
  }
  static bool is_any_of_kind(StepKind kind, std::initializer_list<StepKind> list) {
    return std::ranges::find(list, kind) != list.end();
  }

  // The API call whose own member is called: of `AuthGroup.loginCall.token(body)`, but not of what is called
  // on that member's answer, `….token(body).toString()`.
  const ApiCall* owner_of_member(const Place& place, const Expression& node) const {
    if (node.target == nullptr || node.target->kind != ExpressionKind::member) return nullptr;
    for (const Expression* owner = node.target->target; owner != nullptr; owner = owner->target) {
      if (owner->kind == ExpressionKind::identifier || owner->kind == ExpressionKind::member) continue;
      const bool is_made_here = owner->kind == ExpressionKind::call && owner->target != nullptr &&
                                owner->target->kind == ExpressionKind::identifier &&
                                project_.find_call(owner->target->text) != nullptr;
      if (!is_made_here) return nullptr;
    }
    return project_.find_call(*frame(place).unit, &node);
  }

  Origin call(const Place& place, const Expression& node, int depth) {
    const std::string_view name = called_name(node);
    const Step* step = step_of(place, node);
    if (step != nullptr && step->kind == StepKind::api_call) {
      return {.kind = OriginKind::answer, .call = step->call, .step = step};
    }
    if (step != nullptr && step->kind == StepKind::http) return {.kind = OriginKind::answer, .step = step};
    if (step != nullptr && step->callee != 0) return answered(*step, depth);
    if (const ApiCall* found = owner_of_member(place, node)) {
      if (name == "call") return {.kind = OriginKind::answer, .call = found};
      return getter(place, node, *found, name, depth);
    }
    if (step != nullptr && step->kind == StepKind::custom_action) {
      return {.kind = OriginKind::custom_result, .name = std::string(name), .step = step};
    }
    const Expression* target =
        node.target != nullptr && node.target->kind == ExpressionKind::member ? node.target->target : nullptr;
    if (name == "getJsonField") return json_field(place, node, depth);
    if (name == "castToType") {
      return converted(of(place, positional(node, 0), depth + 1),
                       "castToType<" + std::string(node.type) + ">");
    }
    if (name == "valueOrDefault") {
      const Origin fallback = of(place, positional(node, 1), depth + 1);
      const bool is_empty = fallback.kind == OriginKind::literal && fallback.text.empty();
      return converted(of(place, positional(node, 0), depth + 1), is_empty ? "?? ''" : "valueOrDefault");
    }
    if (is_any_of(name, {"jsonDecode", "jsonEncode", "unawaited", "decode", "value"}) &&
        !node.arguments.empty()) {
      return of(place, positional(node, 0), depth + 1);
    }
    if (name == "toString" && target != nullptr) {
      return converted(of(place, target, depth + 1), node.target->null_aware ? "?.toString" : "toString");
    }
    const std::string_view made = constructed_class(node);
    if (const StructType* type = made.empty() ? nullptr : project_.find_struct(made)) {
      return of_struct(place, node, *type, name, depth);
    }
    if (name.starts_with("create") && name.ends_with("Struct")) {
      if (const StructType* type = project_.find_struct(name.substr(6)))
        return of_struct(place, node, *type, name, depth);
    }
    return other_call(place, node, target, name, step, depth);
  }

  // What the function that was followed into answers.
  Origin answered(const Step& made, int depth) {
    std::vector<Origin> choices;
    for (std::size_t i = 0; i < handler_.steps.size() && choices.size() < 8; ++i) {
      const Step& step = handler_.steps[i];
      if (step.frame != made.callee || step.kind != StepKind::exit || step.method != "return") continue;
      choices.push_back(of({.frame = step.frame, .before = i, .step = &step}, step.value, depth + 1));
    }
    Origin answer = one_of(std::move(choices));
    if (answer.step == nullptr && answer.kind != OriginKind::answer) {
      // Constants that tell how a call went are its result all the same.
      Origin result = {.kind = OriginKind::custom_result, .name = made.method, .step = &made};
      result.from.push_back(std::move(answer));
      return result;
    }
    return answer;
  }

  Origin json_field(const Place& place, const Expression& node, int depth) {
    Origin base = of(place, positional(node, 0), depth + 1);
    if (base.kind == OriginKind::answer && base.json_path.empty()) base.json_path = "$";
    const auto path = dart::constant_text(positional(node, 1));
    if (!path) return converted(std::move(base), "getJsonField");
    return inside(std::move(base), *path);
  }

  // `LoginCall.token(body)`: what its own code reads.
  Origin getter(const Place& place, const Expression& node, const ApiCall& call, std::string_view name,
                int depth) {
    Origin base = of(place, positional(node, 0), depth + 1);
    const ClassEntry* entry = project_.index.find_class(call.class_name, call.site.unit);
    const Function* function = entry == nullptr ? nullptr : entry->node->find_function(name);
    Origin origin;
    if (function == nullptr || function->parameters.empty()) {
      origin = std::move(base);
      for (const CallGetter& known : call.getters) {
        if (known.name == name) origin = inside(std::move(origin), known.json_path);
      }
    } else {
      if (base.kind == OriginKind::answer && base.json_path.empty() && base.name.empty() &&
          function->parameters[0].type.find("Response") == std::string_view::npos) {
        base.json_path = "$";
      }
      Place inner = {.inlined = function,
                     .inlined_frame = {.function = function, .owner = entry->node, .unit = entry->unit}};
      inner.bound.emplace_back(function->parameters[0].name, std::move(base));
      origin = returned_of(inner, *function, depth);
    }
    origin.getter = name;
    return origin;
  }

  // All that a small function may answer.
  Origin returned_of(const Place& inner, const Function& function, int depth) {
    std::vector<Origin> choices;
    returns(inner, function.body, choices, depth);
    if (choices.empty()) return {};
    return one_of(std::move(choices));
  }

  void returns(const Place& inner, dart::List<dart::StatementPtr> body, std::vector<Origin>& choices,
               int depth) {
    if (depth > kDeepest) return;
    for (const dart::StatementPtr statement : body) {
      if (statement->kind == dart::StatementKind::return_ && statement->expression != nullptr &&
          choices.size() < 8) {
        choices.push_back(of(inner, statement->expression, depth + 1));
      }
      returns(inner, statement->body, choices, depth + 1);
      returns(inner, statement->other, choices, depth + 1);
      returns(inner, statement->catches, choices, depth + 1);
    }
  }

  Origin of_struct(const Place& place, const Expression& node, const StructType& type, std::string_view name,
                   int depth) {
    if (is_any_of(name, {"maybeFromMap", "fromMap", "fromSerializableMap", "fromJson"})) {
      Origin base = of(place, positional(node, 0), depth + 1);
      if (base.kind == OriginKind::answer && base.json_path.empty()) base.json_path = "$";
      base.struct_type = &type;
      base.conversions.clear();
      return base;
    }
    std::vector<Origin> parts;
    for (const Argument& argument : node.arguments)
      add_part(parts, of(place, argument.value, depth + 1), argument.name);
    Origin whole = put_together(std::move(parts), {});
    whole.struct_type = &type;
    return whole;
  }

  Origin other_call(const Place& place, const Expression& node, const Expression* target,
                    std::string_view name, const Step* step, int depth) {
    const std::vector<std::string_view> chain = dart::chain_of(node.target);
    const bool is_prefixed = chain.size() == 2 && is_import_prefix(*frame(place).unit, chain[0]);
    std::vector<Origin> parts;
    if (target != nullptr && !is_prefixed) {
      Origin base = of(place, target, depth + 1);
      // A class's name is no value.
      if (base.kind != OriginKind::unknown || base.name.empty() || base.name[0] < 'A' || base.name[0] > 'Z') {
        parts.push_back(std::move(base));
      }
    }
    for (const Argument& argument : node.arguments) {
      if (argument.value != nullptr && argument.value->kind == ExpressionKind::lambda) continue;
      add_part(parts, of(place, argument.value, depth + 1), argument.name);
    }
    std::string conversion(name);
    if (is_prefixed) conversion.insert(0, std::string(chain[0]) + ".");
    if (!chain.empty() && is_any_of(chain.front(), {"DateTime", "int", "double", "num"})) {
      conversion = std::string(chain.front()) + (chain.size() > 1 ? "." + std::string(name) : std::string());
    }
    const bool is_own = is_prefixed || chain.size() == 1;
    const FunctionEntry* function =
        is_own ? project_.index.find_function(name, frame(place).unit,
                                              is_prefixed ? chain[0] : std::string_view())
               : nullptr;
    const bool has_value = std::ranges::any_of(parts, [](const Origin& part) { return !is_constant(part); });
    if (!has_value && function != nullptr && function->node != place.inlined &&
        !function->node->body.empty()) {
      // A function that makes its value of nothing: look at what it answers.
      const Place inner = {.inlined = function->node,
                           .inlined_frame = {.function = function->node, .unit = function->unit}};
      Origin result = {.kind = OriginKind::custom_result, .name = conversion, .step = step};
      result.from.push_back(returned_of(inner, *function->node, depth));
      return result;
    }
    if (parts.empty()) return {.kind = OriginKind::custom_result, .name = conversion, .step = step};
    Origin origin = conversion_of(std::move(parts), conversion);
    if (origin.step == nullptr) origin.step = step;
    return origin;
  }

  const Project& project_;
  const Handler& handler_;
  std::vector<const Step*> setting_;  // being resolved: `x = x ?? y` must end
  int nodes_ = 0;
};

void collect(const Origin& origin, std::vector<const Origin*>& all) {
  if (all.size() >= 1000) return;
  all.push_back(&origin);
  for (const Origin& part : origin.from) collect(part, all);
}

}  // namespace

Origin resolve(const Project& project, const Handler& handler, std::size_t before, std::uint32_t frame,
               dart::ExpressionPtr expression) {
  return Resolver(project, handler).of({.frame = frame, .before = before}, expression, 0);
}

Origin resolve(const Project& project, const Handler& handler, const Step& step,
               dart::ExpressionPtr expression) {
  const auto before = static_cast<std::size_t>(&step - handler.steps.data());
  return Resolver(project, handler).of({.frame = step.frame, .before = before, .step = &step}, expression, 0);
}

std::vector<const Origin*> Origin::all() const {
  std::vector<const Origin*> found;
  collect(*this, found);
  return found;
}

bool Origin::comes_from(const Step& made_by) const {
  return std::ranges::any_of(all(), [&](const Origin* origin) { return origin->step == &made_by; });
}

bool Origin::converted_by(std::string_view conversion) const {
  return std::ranges::find(conversions, conversion) != conversions.end();
}

bool checks_outcome(const Project& project, const Handler& handler, const Branch& branch, const Step& call) {
  if (branch.condition == nullptr || branch.kind == Branch::Kind::loop) return false;
  const auto call_at = static_cast<std::uint32_t>(&call - handler.steps.data());
  if (branch.before <= call_at) return false;
  const Origin origin = resolve(project, handler, branch.before, branch.frame, branch.condition);
  if (origin.comes_from(call)) return true;
  // The result of a function that made the call: `if (await _login())`.
  for (std::uint32_t at = call.frame; at != 0; at = handler.frames[at].parent) {
    const Step& outer = handler.steps[handler.frames[at].before];
    if (outer.callee == at && origin.comes_from(outer)) return true;
  }
  return false;
}

std::vector<Mapping> read_mappings(const Project& project, const Handlers& handlers) {
  std::vector<Mapping> mappings;
  for (const auto& handler : handlers.all) {
    for (const Step& step : handler->steps) {
      if (step.kind != StepKind::sign_in && step.kind != StepKind::update_user) continue;
      for (const Argument& argument : step.arguments) {
        const Expression* value = argument.value;
        const bool is_made_here = value != nullptr && value->kind == ExpressionKind::call &&
                                  project.find_struct(called_name(*value)) != nullptr;
        if (!is_made_here) {
          mappings.push_back({.handler = handler.get(),
                              .step = &step,
                              .argument = std::string(argument.name),
                              .value = value,
                              .origin = resolve(project, *handler, step, value)});
          continue;
        }
        for (const Argument& field : value->arguments) {
          mappings.push_back({.handler = handler.get(),
                              .step = &step,
                              .argument = std::string(argument.name) + "." + std::string(field.name),
                              .value = field.value,
                              .origin = resolve(project, *handler, step, field.value)});
        }
      }
    }
  }
  return mappings;
}

}  // namespace latchkey::flutterflow
