// How the session's token travels with the API calls.
#include <algorithm>
#include <array>

#include "doctor/project/rules.h"
#include "doctor/project/sign_ins.h"
#include "doctor/project/token_header.h"
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

// Places where a header that carries a token gets its value: `'Authorization': x` in any map, any name of a
// token in a map that is handed over as `headers:`, `headers['Authorization'] = x`. A map that merely has a
// `token` may be the body.
template <class Walked, class Visit>
void headers_set(const Walked& walked, Visit visit) {
  const auto look_at_map = [&](const Expression& map, bool (*is_header)(std::string_view)) {
    for (std::size_t i = 0; i + 1 < map.children.size(); i += 2) {
      const auto key = dart::constant_text(map.children[i]);
      const ExpressionPtr name = map.children[i];
      // HttpHeaders.authorizationHeader
      const bool is_constant = name->kind == ExpressionKind::member && name->text == "authorizationHeader";
      if ((key && is_header(*key)) || is_constant) visit(map.children[i + 1]);
    }
  };
  dart::walk(walked, [&](const Expression& node) {
    if (node.kind == ExpressionKind::map_or_set && node.is_map) look_at_map(node, is_authorization);
    if (const dart::Argument* headers = node.find_argument("headers");
        headers != nullptr && headers->value->kind == ExpressionKind::map_or_set && headers->value->is_map) {
      look_at_map(*headers->value, is_token_header);
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
      if (owner.extends == "FFApiInterceptor") continue;  // counts where it is in use
      for (const dart::Function* function : owner.functions) look(*function);
    }
  }
  return sends;
}

// Whether the call is made on the way to a login: behind one that needs none, before any signIn.
bool is_on_way_to_login(const Context& context, const CallSite& site) {
  for (const auto& handler : context.handlers().all) {
    bool is_on_way = false;
    for (const flutterflow::Step& step : handler->steps) {
      if (step.expression == site.expression) return is_on_way;
      if (step.kind == flutterflow::StepKind::sign_in) is_on_way = false;
      if (step.kind == flutterflow::StepKind::api_call && step.call != nullptr) {
        const Role role = context.role_of(*step.call);
        is_on_way = is_on_way || role == Role::login || role == Role::registration || role == Role::code;
      }
    }
  }
  return false;
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
  for (const Interceptor& interceptor : context.interceptors()) {
    bool sends = false;
    headers_set(*interceptor.entry->node, [&](ExpressionPtr value) { sends = sends || is_variable(value); });
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
      const auto parameters = token_parameters(call);
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
  for (const Interceptor& interceptor : context.interceptors()) {
    bool is_found = false;
    headers_set(*interceptor.entry->node, [&](ExpressionPtr value) {
      if (is_found || !is_variable(value) || begins_with_word(value)) return;
      is_found = true;
      outcome.add({interceptor.entry->unit, value->span});
    });
  }
}

void bearer_not_passed(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    const ApiCall& call = *facts.call;
    if (!facts.is_called || needs_no_login(facts.role)) continue;
    for (const CallParameter* parameter : token_parameters(call)) {
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
        if (is_before_login || is_on_way_to_login(context, *site)) continue;
        outcome.add(site->site);
        if (outcome.places() <= 3)
          outcome.say(call.class_name + " is called without " + parameter->name + ".");
      }
    }
  }
}

void interceptor_no_single_flight(const Context& context, Outcome& outcome) {
  for (const auto& [interceptor, refreshes] : context.interceptors()) {
    bool sees_401 = false;
    bool guards = false;
    dart::walk(*interceptor->node, [&](const Expression& node) {
      sees_401 = sees_401 || (node.kind == ExpressionKind::number && node.text == "401");
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
