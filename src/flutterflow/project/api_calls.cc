// API calls and their groups: classes with a call(…) that goes to the API manager.
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

ExpressionPtr value_of(const Expression& call, std::string_view name) {
  const dart::Argument* argument = call.find_argument(name);
  return argument == nullptr ? nullptr : argument->value;
}

bool is_true(const Expression& call, std::string_view name) {
  return dart::is_literal_true(value_of(call, name));
}
bool is_false(const Expression& call, std::string_view name) {
  return dart::is_literal_false(value_of(call, name));
}

// `GET` of `ApiCallType.GET`.
std::string enum_value(ExpressionPtr expression) {
  return expression != nullptr && expression->kind == ExpressionKind::member ? std::string(expression->text)
                                                                             : std::string();
}

BodyKind body_kind_of(ExpressionPtr type, bool has_body) {
  static constexpr std::array<std::pair<std::string_view, BodyKind>, 6> kKinds = {{
      {"JSON", BodyKind::json},
      {"TEXT", BodyKind::text},
      {"X_WWW_FORM_URL_ENCODED", BodyKind::form},
      {"MULTIPART", BodyKind::multipart},
      {"NONE", BodyKind::none},
      {"BLOB", BodyKind::other},
  }};
  const std::string name = enum_value(type);
  for (const auto& [known, kind] : kKinds) {
    if (name == known) return kind;
  }
  return has_body ? BodyKind::other : BodyKind::none;
}

// A local or a static field stands for its value.
ExpressionPtr followed(const dart::Class& owner, const dart::Function* function, ExpressionPtr expression) {
  for (int depth = 0; depth < 4 && expression != nullptr && expression->kind == ExpressionKind::identifier;
       ++depth) {
    ExpressionPtr next = function == nullptr ? nullptr : find_local(*function, expression->text);
    if (next == nullptr) {
      const dart::Variable* field = owner.find_field(expression->text);
      next = field == nullptr ? nullptr : field->initial;
    }
    if (next == nullptr) return expression;
    expression = next;
  }
  return expression;
}

// The pairs of a map literal, those under a collection-if and in a spread included; `AuthGroup.headers` is
// followed.
void add_headers(const Project& project, const SourceUnit& unit, ExpressionPtr map,
                 std::vector<CallHeader>& headers) {
  if (map != nullptr && map->kind == ExpressionKind::member && map->target != nullptr) {
    const ClassEntry* owner = project.index.find_class(map->target->text, &unit);
    const dart::Variable* field = owner == nullptr ? nullptr : owner->node->find_field(map->text);
    if (field != nullptr && field->initial != nullptr && field->initial->kind == ExpressionKind::map_or_set) {
      add_headers(project, *owner->unit, field->initial, headers);
    }
    return;
  }
  if (map == nullptr || (map->kind != ExpressionKind::map_or_set && map->kind != ExpressionKind::unknown))
    return;
  for (std::size_t i = 0; i < map->children.size(); ++i) {
    const ExpressionPtr child = map->children[i];
    if (child->kind == ExpressionKind::unknown || child->kind == ExpressionKind::map_or_set) {
      add_headers(project, unit, child, headers);
      continue;
    }
    const auto name = dart::constant_text(child);
    if (!name || i + 1 == map->children.size()) continue;
    const ExpressionPtr value = map->children[++i];
    dart::Span span = child->span;
    span.end = value->span.end;
    span.end_line = value->span.end_line;
    // Of a name that stands twice in a map the last counts.
    std::erase_if(headers, [&](const CallHeader& header) { return header.name == *name; });
    headers.push_back({*name, value, {&unit, span}});
  }
}

std::vector<std::string> interceptor_names(const dart::Class& owner, ExpressionPtr list) {
  std::vector<std::string> names;
  list = followed(owner, nullptr, list);
  if (list == nullptr || list->kind != ExpressionKind::list) return names;
  for (const ExpressionPtr child : list->children) {
    if (const std::string_view name = constructed_class(*child); !name.empty()) names.emplace_back(name);
  }
  return names;
}

CallGetter read_getter(const SourceUnit& unit, const dart::Function& function) {
  CallGetter getter;
  getter.name = function.name;
  std::string type = without_question_mark(function.return_type);
  if (type != "dynamic") getter.type = type;
  getter.is_list = type.starts_with("List");
  getter.site = {&unit, function.span};
  dart::walk(function, [&](const Expression& node) {
    if (getter.json_path.empty()) getter.json_path = json_path_in(&node);
    return getter.json_path.empty();
  });
  return getter;
}

// What `call` sends: the arguments stand in makeApiCall(…), or in the ApiCallOptions(…) that it gets.
struct Sent {
  const Expression* make = nullptr;     // makeApiCall(…) or makeCloudCall(…)
  const Expression* options = nullptr;  // where callName:, apiUrl: … stand
};

Sent find_sent(const dart::Function& function) {
  Sent sent;
  dart::walk(function, [&](const Expression& node) {
    const std::string_view name = called_name(node);
    if (name == "makeApiCall" || name == "makeCloudCall") {
      if (sent.make == nullptr) sent.make = &node;
      if (sent.options == nullptr) sent.options = &node;
    } else if (name == "ApiCallOptions") {
      sent.options = &node;
    }
    return true;
  });
  return sent;
}

void read_private(ApiCall& call, const Expression& make) {
  call.is_private = true;
  const ExpressionPtr request = positional(make, 1);
  if (request == nullptr || request->kind != ExpressionKind::map_or_set) return;
  for (std::size_t i = 0; i + 1 < request->children.size(); i += 2) {
    if (dart::constant_text(request->children[i]) != "callName") continue;
    call.call_name = dart::constant_text(request->children[i + 1]).value_or(std::string());
  }
}

std::optional<ApiCall> read_call(const Project& project, const ClassEntry& entry) {
  const dart::Function* function = entry.node->find_function("call");
  if (function == nullptr) return std::nullopt;
  const Sent sent = find_sent(*function);
  if (sent.options == nullptr) return std::nullopt;
  const SourceUnit& unit = *entry.unit;
  const dart::Class& owner = *entry.node;

  ApiCall call;
  call.class_name = entry.name;
  call.function = function;
  call.site = {&unit, owner.span};
  call.make_site = {&unit, (sent.make == nullptr ? sent.options : sent.make)->span};
  for (const dart::Parameter& parameter : function->parameters) {
    call.parameters.push_back({std::string(parameter.name),
                               without_question_mark(parameter.type),
                               parameter.default_value,
                               {&unit, parameter.span}});
  }
  const Expression& options = *sent.options;
  if (called_name(options) == "makeCloudCall") {
    read_private(call, options);
  } else {
    call.call_name = dart::constant_text(value_of(options, "callName")).value_or(std::string());
    call.method = enum_value(value_of(options, "callType"));
    call.url = value_of(options, "apiUrl");
    if (call.url != nullptr) call.host_site = {&unit, call.url->span};
    call.url_text =
        text_of(project, {.unit = &unit, .owner = &owner, .function = function}, call.url, &call.host_site);
    add_headers(project, unit, followed(owner, function, value_of(options, "headers")), call.headers);
    call.params = followed(owner, function, value_of(options, "params"));
    call.body = followed(owner, function, value_of(options, "body"));
    call.body_kind = body_kind_of(value_of(options, "bodyType"), call.body != nullptr);
    call.returns_body = !is_false(options, "returnBody");
    call.is_cached = is_true(options, "cache");
    if (sent.make != nullptr && sent.make != sent.options) {
      const ExpressionPtr interceptors = positional(*sent.make, 1);
      call.interceptors = interceptor_names(owner, interceptors);
    }
  }
  for (const dart::Function* getter : owner.functions) {
    if (getter == function || getter->is_constructor || getter->parameters.size() != 1) continue;
    call.getters.push_back(read_getter(unit, *getter));
  }
  return call;
}

// A class whose static fields hold calls, or that has a base URL for them.
bool is_group(const ClassEntry& entry) {
  if (entry.node->find_function("getBaseUrl") != nullptr) return true;
  return std::ranges::any_of(entry.node->fields, [](const dart::Variable& field) {
    return field.is_static && field.initial != nullptr && constructed_class(*field.initial).ends_with("Call");
  });
}

ApiGroup read_group(const Project& project, const ClassEntry& entry) {
  ApiGroup group;
  group.class_name = entry.name;
  group.site = {entry.unit, entry.node->span};
  if (const dart::Function* base = entry.node->find_function("getBaseUrl")) {
    group.base_url = returned(*base);
  } else if (const dart::Variable* field = entry.node->find_field("baseUrl")) {
    group.base_url = field->initial;
  }
  if (const dart::Variable* headers = entry.node->find_field("headers")) {
    add_headers(project, *entry.unit, headers->initial, group.headers);
  }
  if (const dart::Variable* interceptors = entry.node->find_field("interceptors")) {
    group.interceptors = interceptor_names(*entry.node, interceptors->initial);
  }
  for (const dart::Variable& field : entry.node->fields) {
    if (!field.is_static || field.initial == nullptr) continue;
    const std::string_view made = constructed_class(*field.initial);
    if (!made.empty()) group.members.emplace_back(field.name, made);
  }
  return group;
}

// `makeApiCall(options, UserGroup.interceptors)`: those of the group.
void take_group_interceptors(const Project& project, ApiCall& call) {
  const Expression* make = nullptr;
  dart::walk(*call.function, [&](const Expression& node) {
    if (make == nullptr && called_name(node) == "makeApiCall") make = &node;
    return make == nullptr;
  });
  const ExpressionPtr list = make == nullptr ? nullptr : positional(*make, 1);
  if (list == nullptr || list->kind != ExpressionKind::member || list->target == nullptr) return;
  if (const ApiGroup* group = project.find_group(list->target->text)) call.interceptors = group->interceptors;
}

// Of an export without api_calls.dart (it holds keys, so people keep it out of git): what the call sites say.
class MissingCalls {
 public:
  explicit MissingCalls(Project& project) : project_(project) {}

  void read() {
    for (const auto& unit : project_.units) {
      if (unit->path.ends_with("/api_calls.dart")) return;
    }
    for (const auto& unit : project_.units) {
      if (unit->unit.text().find("Call") == std::string_view::npos) continue;
      const auto visit = [&](const Expression& node) {
        if (called_name(node) == "call" && node.target->kind == ExpressionKind::member) add(*unit, node);
        return true;
      };
      for (const dart::Function* function : unit->unit.functions) dart::walk(*function, visit);
      for (const dart::Class& owner : unit->unit.classes) dart::walk(owner, visit);
    }
  }

 private:
  void add(const SourceUnit& unit, const Expression& node) {
    const auto chain = dart::chain_of(node.target->target);
    if (chain.empty() || !chain.back().ends_with("Call")) return;
    std::string name(chain.back());
    std::string group;
    if (chain.size() > 1 && chain[chain.size() - 2].ends_with("Group")) {
      group = chain[chain.size() - 2];
      if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
    }
    if (name[0] < 'A' || name[0] > 'Z' || project_.find_call(name) != nullptr) return;
    ApiCall call;
    call.class_name = name;
    call.call_name = name.substr(0, name.size() - std::string_view("Call").size());
    call.group = group;
    call.is_defined = false;
    call.site = {&unit, node.span};
    call.make_site = call.site;
    project_.calls.push_back(std::move(call));
    if (group.empty()) return;
    auto known = std::ranges::find(project_.groups, group, &ApiGroup::class_name);
    if (known == project_.groups.end()) {
      project_.groups.push_back({.class_name = group, .site = {&unit, node.span}});
      known = project_.groups.end() - 1;
    }
    known->members.emplace_back(chain.back(), name);
  }

  Project& project_;
};

}  // namespace

void read_api_calls(Project& project) {
  std::string_view last;
  for (const ClassEntry& entry : project.index.classes()) {
    if (entry.name == last) continue;  // a library's copy of what the app has
    if (auto call = read_call(project, entry)) {
      project.calls.push_back(std::move(*call));
      last = entry.name;
    } else if (is_group(entry)) {
      project.groups.push_back(read_group(project, entry));
      last = entry.name;
    }
  }
  std::erase_if(project.groups, [&](const ApiGroup& group) {
    return group.base_url == nullptr && std::ranges::none_of(group.members, [&](const auto& member) {
             return project.find_call(member.second) != nullptr;
           });
  });
  for (const ApiGroup& group : project.groups) {
    for (const auto& [field, class_name] : group.members) {
      const auto call = std::ranges::find(project.calls, class_name, &ApiCall::class_name);
      if (call != project.calls.end()) call->group = group.class_name;
    }
  }
  for (ApiCall& call : project.calls) {
    if (call.interceptors.empty() && call.function != nullptr) take_group_interceptors(project, call);
  }
  if (project.calls.empty()) MissingCalls(project).read();
  const auto by_place = [](const auto& a, const auto& b) {
    if (a.site.unit != b.site.unit) return a.site.unit->path < b.site.unit->path;
    return a.site.span.begin < b.site.span.begin;
  };
  std::ranges::sort(project.calls, by_place);
  std::ranges::sort(project.groups, by_place);
}

}  // namespace latchkey::flutterflow
