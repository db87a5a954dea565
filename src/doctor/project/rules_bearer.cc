// How the session's token travels with the API calls.
#include <algorithm>
#include <array>

#include "doctor/project/rules.h"
#include "doctor/project/sign_ins.h"
#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"

namespace latchkey::doctor {
namespace {

using flutterflow::ApiCall;
using flutterflow::CallHeader;
using flutterflow::CallParameter;
using flutterflow::CallSite;
using flutterflow::ClassEntry;
using flutterflow::Site;
namespace dart = flutterflow::dart;
using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;

bool is_authorization(std::string_view name) { return flutterflow::lower(name) == "authorization"; }
bool is_token_header(std::string_view name) {
  return is_authorization(name) || (is_token_name(name) && flutterflow::lower(name) != "apikey");
}

// A header whose value is not known beforehand.
bool is_variable(ExpressionPtr value) { return value != nullptr && !dart::constant_text(value); }

// What a header begins with, before the first value that is put in; nothing when it begins with that value.
bool begins_with_word(ExpressionPtr value) {
  if (value == nullptr) return false;
  if (value->kind == ExpressionKind::string) {
    return !value->parts.empty() && value->parts.front().expression == nullptr &&
           value->parts.front().text.find_first_not_of(' ') != std::string_view::npos;
  }
  if (value->kind == ExpressionKind::binary && !value->children.empty())
    return begins_with_word(value->children[0]);
  return false;
}

// Classes of interceptors that some called call lists.
std::vector<const ClassEntry*> used_interceptors(const Context& context) {
  std::vector<const ClassEntry*> found;
  const auto add = [&](const std::string& name, const flutterflow::SourceUnit* from) {
    const ClassEntry* entry = context.project().index.find_class(name, from);
    if (entry != nullptr && std::ranges::find(found, entry) == found.end()) found.push_back(entry);
  };
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_called) continue;
    for (const std::string& name : facts.call->interceptors) add(name, facts.call->site.unit);
    const flutterflow::ApiGroup* group = context.project().find_group(facts.call->group);
    if (group == nullptr) continue;
    for (const std::string& name : group->interceptors) add(name, group->site.unit);
  }
  return found;
}

// Places where a header named Authorization (or so) gets a value that is not constant: `'Authorization': x`
// in a map, `headers['Authorization'] = x`, `headers.addAll({…})`.
template <class Walked, class Visit>
void headers_set(const Walked& walked, Visit visit) {
  dart::walk(walked, [&](const Expression& node) {
    if (node.kind == ExpressionKind::map_or_set && node.is_map) {
      for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
        const auto key = dart::constant_text(node.children[i]);
        const ExpressionPtr name = node.children[i];
        // HttpHeaders.authorizationHeader
        const bool is_constant = name->kind == ExpressionKind::member && name->text == "authorizationHeader";
        if ((key && is_token_header(*key)) || is_constant) visit(node.children[i + 1]);
      }
    }
    if (node.kind == ExpressionKind::assign && node.target != nullptr &&
        node.target->kind == ExpressionKind::index && !node.target->children.empty() &&
        !node.children.empty()) {
      const auto key = dart::constant_text(node.target->children[0]);
      if (key && is_token_header(*key)) visit(node.children[0]);
    }
    return true;
  });
}

bool is_generated_http(const flutterflow::SourceUnit& unit) {
  return unit.path.ends_with("api_manager.dart") || unit.path.ends_with("api_calls.dart") ||
         unit.path.find("/flutter_flow/") != std::string::npos;
}

bool own_code_sends(const Context& context) {
  bool sends = false;
  const auto look = [&](const dart::Function& function) {
    if (sends || !context.project().is_reachable(&function)) return;
    headers_set(function, [&](ExpressionPtr value) { sends = sends || is_variable(value); });
  };
  for (const auto& unit : context.project().units) {
    if (is_generated_http(*unit)) continue;
    for (const dart::Function* function : unit->unit.functions) look(*function);
    for (const dart::Class& owner : unit->unit.classes) {
      for (const dart::Function* function : owner.functions) look(*function);
    }
  }
  return sends;
}

// Names of the call's parameters that its token header uses.
std::vector<const CallParameter*> header_parameters(const ApiCall& call) {
  std::vector<const CallParameter*> found;
  for (const CallHeader& header : call.headers) {
    if (!is_token_header(header.name)) continue;
    for (const CallParameter& parameter : call.parameters) {
      if (dart::mentions(header.value, parameter.name)) found.push_back(&parameter);
    }
  }
  return found;
}

bool has_usable_default(const CallParameter& parameter) {
  if (parameter.default_value == nullptr || parameter.default_value->kind == ExpressionKind::null_literal)
    return false;
  const auto text = dart::constant_text(parameter.default_value);
  return !text || !text->empty();
}

ExpressionPtr given(const CallSite& site, std::string_view parameter) {
  const dart::Argument* argument = site.expression->find_argument(parameter);
  return argument == nullptr ? nullptr : argument->value;
}

bool is_empty_value(ExpressionPtr value) {
  if (value == nullptr || value->kind == ExpressionKind::null_literal) return true;
  const auto text = dart::constant_text(value);
  return text && text->empty();
}

bool needs_no_login(Role role) {
  return role == Role::login || role == Role::registration || role == Role::code || role == Role::recovery ||
         role == Role::refresh;
}

}  // namespace

void no_bearer(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_called) continue;
    for (const CallHeader& header : facts.call->headers) {
      if (is_token_header(header.name) && is_variable(header.value)) return;
    }
  }
  for (const ClassEntry* interceptor : used_interceptors(context)) {
    bool sends = false;
    headers_set(*interceptor->node, [&](ExpressionPtr value) { sends = sends || is_variable(value); });
    if (sends) return;
  }
  if (own_code_sends(context)) return;
  outcome.add_absence(context.first_call_class());
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_called || facts.role == Role::refresh) continue;
    for (const SentField& field : sent_fields(*facts.call)) {
      if (!is_token_name(field.name) || field.value == nullptr) continue;
      outcome.say(facts.call->class_name + " sends " + field.name + " in its body or address instead.");
      return;
    }
  }
}

void bearer_without_scheme(const Context& context, Outcome& outcome) {
  std::vector<std::string> told;  // groups
  for (const CallFacts& facts : context.calls()) {
    const ApiCall& call = *facts.call;
    if (!facts.is_called) continue;
    if (!call.group.empty() && std::ranges::find(told, call.group) != told.end()) continue;
    for (const CallHeader& header : call.headers) {
      if (!is_authorization(header.name) || !is_variable(header.value) || begins_with_word(header.value))
        continue;
      // The word may come with what is handed to the call.
      const auto parameters = header_parameters(call);
      const bool is_handed_with_it = std::ranges::any_of(parameters, [&](const CallParameter* parameter) {
        return std::ranges::any_of(facts.sites, [&](const CallSite* site) {
          return begins_with_word(given(*site, parameter->name));
        });
      });
      if (is_handed_with_it) continue;
      outcome.add(header.site);
      if (!call.group.empty()) told.push_back(call.group);
      break;
    }
  }
  for (const ClassEntry* interceptor : used_interceptors(context)) {
    bool is_found = false;
    headers_set(*interceptor->node, [&](ExpressionPtr value) {
      if (is_found || !is_variable(value) || begins_with_word(value)) return;
      is_found = true;
      outcome.add({interceptor->unit, value->span});
    });
  }
}

void bearer_not_passed(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    const ApiCall& call = *facts.call;
    if (!facts.is_called || needs_no_login(facts.role)) continue;
    for (const CallParameter* parameter : header_parameters(call)) {
      if (has_usable_default(*parameter)) continue;
      for (const CallSite* site : facts.sites) {
        if (!is_empty_value(given(*site, parameter->name))) continue;
        // What the entry page and the pages of the login ask for needs no login.
        const flutterflow::Page* page = site->scope.page;
        const bool is_before_login =
            page != nullptr && !context.pages_holding(page).empty() &&
            std::ranges::all_of(context.pages_holding(page), [&](const flutterflow::Page* holder) {
              return holder->widget == context.project().auth.entry_page &&
                     holder->widget != context.project().auth.logged_in_page;
            });
        if (is_before_login) continue;
        outcome.add(site->site);
        if (outcome.places() <= 3)
          outcome.say(call.class_name + " is called without " + parameter->name + ".");
      }
    }
  }
}

void interceptor_no_single_flight(const Context& context, Outcome& outcome) {
  for (const ClassEntry* interceptor : used_interceptors(context)) {
    bool sees_401 = false;
    bool refreshes = false;
    bool guards = false;
    dart::walk(*interceptor->node, [&](const Expression& node) {
      sees_401 = sees_401 || (node.kind == ExpressionKind::number && node.text == "401");
      if (node.kind == ExpressionKind::call) {
        if (const ApiCall* call = context.project().find_call(*interceptor->unit, &node)) {
          refreshes = refreshes || context.role_of(*call) == Role::refresh;
        }
        const auto chain = dart::chain_of(node.target);
        refreshes = refreshes || (!chain.empty() && role_of_name(chain.back()) == Role::refresh);
      }
      const std::string name = flutterflow::lower(node.text);
      static constexpr std::array<std::string_view, 9> kGuards = {"refreshing",   "lock",     "completer",
                                                                  "mutex",        "inflight", "pending",
                                                                  "synchronized", "isretry",  "retried"};
      if (node.kind == ExpressionKind::identifier || node.kind == ExpressionKind::member) {
        guards = guards || std::ranges::any_of(kGuards, [&](std::string_view word) {
                   return name.find(word) != std::string::npos;
                 });
      }
      return true;
    });
    if (sees_401 && refreshes && !guards) outcome.add(head_of({interceptor->unit, interceptor->node->span}));
  }
}

}  // namespace latchkey::doctor
