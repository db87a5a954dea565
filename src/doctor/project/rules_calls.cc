// How the API calls of the login are defined.
#include <algorithm>
#include <array>

#include "doctor/project/hosts.h"
#include "doctor/project/rules.h"
#include "doctor/project/sign_ins.h"
#include "flutterflow/dart/walk.h"
#include "flutterflow/project/lookup.h"
#include "flutterflow/project/texts.h"

namespace latchkey::doctor {
namespace {

using flutterflow::ApiCall;
using flutterflow::BodyKind;
using flutterflow::CallParameter;
using flutterflow::CallSite;
using flutterflow::Mapping;
using flutterflow::Origin;
using flutterflow::OriginKind;
using flutterflow::Site;
namespace dart = flutterflow::dart;
using dart::Expression;
using dart::ExpressionKind;
using dart::ExpressionPtr;

// Addresses that the app's own HTTP code calls.
template <class Visit>
void own_addresses(const Context& context, Visit visit) {
  std::vector<ExpressionPtr> seen;
  for (const auto& handler : context.handlers().all) {
    if (!handler->is_reachable) continue;
    for (const flutterflow::Step& step : handler->steps) {
      if (step.kind != flutterflow::StepKind::http || step.arguments.empty()) continue;
      if (std::ranges::find(seen, step.expression) != seen.end()) continue;
      seen.push_back(step.expression);
      const flutterflow::Frame& frame = handler->frames[step.frame];
      const flutterflow::Scope scope{.unit = frame.unit, .owner = frame.owner, .function = frame.function};
      for (const dart::Argument& argument : step.arguments) {
        Site host;
        const std::string text = text_of(context.project(), scope, argument.value, &host);
        if (text.find("://") == std::string::npos) continue;
        visit(text, host.unit != nullptr ? host : step.site);
        break;
      }
    }
  }
}

bool is_text_type(std::string_view type) { return type == "String" || type == "String?"; }

// The first text parameter that stands in the template as it is.
const dart::StringPart* raw_variable(const ApiCall& call) {
  if (call.body == nullptr || call.body->kind != ExpressionKind::string) return nullptr;
  for (const dart::StringPart& part : call.body->parts) {
    ExpressionPtr value = part.expression;
    if (value == nullptr) continue;
    // `${x ?? ''}` is as raw as `${x}`.
    if (value->kind == ExpressionKind::binary && value->text == "??" && !value->children.empty()) {
      value = value->children[0];
    }
    if (value->kind == ExpressionKind::non_null) value = value->target;
    if (value->kind != ExpressionKind::identifier) continue;
    const auto parameter = std::ranges::find(call.parameters, value->text, &CallParameter::name);
    if (parameter != call.parameters.end() && is_text_type(parameter->type)) return &part;
  }
  return nullptr;
}

bool mentions_parameter(const ApiCall& call, ExpressionPtr expression) {
  return expression != nullptr && std::ranges::any_of(call.parameters, [&](const CallParameter& parameter) {
           return dart::mentions(expression, parameter.name);
         });
}

// Whether what is handed to the call at every place is known beforehand.
bool is_given_constants(const Context& context, const ApiCall& call) {
  bool is_used = false;
  for (const auto& handler : context.handlers().all) {
    if (!handler->is_reachable) continue;
    for (const flutterflow::Step& step : handler->steps) {
      if (step.kind != flutterflow::StepKind::api_call || step.call != &call) continue;
      is_used = true;
      for (const dart::Argument& argument : step.arguments) {
        if (!is_constant(resolve(context.project(), *handler, step, argument.value))) return false;
      }
    }
  }
  return is_used;
}

std::string normal_path(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '[' && i + 1 < path.size() && (path[i + 1] == '\'' || path[i + 1] == '"')) {
      const std::size_t end = path.find(']', i);
      if (end == std::string_view::npos || end < i + 3) return std::string(path);
      out.append(".").append(path.substr(i + 2, end - i - 3));
      i = end;
    } else {
      out += path[i];
    }
  }
  return out;
}

// A page's parameters stand in the address: `queryParameters: {'password': …}`.
void password_in_route(const Context& context, Outcome& outcome) {
  for (const auto& handler : context.handlers().all) {
    if (!handler->is_reachable) continue;
    for (const flutterflow::Step& step : handler->steps) {
      if (step.kind != flutterflow::StepKind::navigate || step.expression == nullptr) continue;
      for (const std::string_view name : {"queryParameters", "queryParams", "pathParameters", "params"}) {
        const dart::Argument* argument = step.expression->find_argument(name);
        if (argument == nullptr) continue;
        dart::walk(argument->value, [&](const Expression& node) {
          if (node.kind != ExpressionKind::map_or_set || !node.is_map) return true;
          for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
            const auto key = dart::constant_text(node.children[i]);
            if (!key || !is_plain_password_name(*key)) continue;
            outcome.add(site_of(*handler, step, node.children[i]));
            if (outcome.places() == 1) outcome.say("It stands in the address of the page that is opened.");
          }
          return false;
        });
      }
    }
  }
}

}  // namespace

void http_cleartext(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_called || !facts.is_in_flow() || !facts.call->url_text.starts_with("http://")) continue;
    const std::string host = host_of(facts.call->url_text);
    if (host.empty() || is_dev_host(host)) continue;
    outcome.add(facts.call->host_site.unit != nullptr ? facts.call->host_site : facts.call->make_site);
    if (outcome.places() == 1) outcome.say("Passwords and tokens go to http://" + host + ".");
  }
}

void dev_host(const Context& context, Outcome& outcome) {
  std::vector<std::string> hosts;
  const auto look_at = [&](std::string_view url, const Site& site) {
    const std::string host = host_of(url);
    if (host.empty() || !is_dev_host(host)) return;
    outcome.add(site);
    if (std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(host);
  };
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_called) continue;
    look_at(facts.call->url_text,
            facts.call->host_site.unit != nullptr ? facts.call->host_site : facts.call->make_site);
  }
  own_addresses(context, look_at);
  for (const std::string& host : hosts) outcome.say("The app calls " + host + ".");
}

void body_unescaped(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    const ApiCall& call = *facts.call;
    if (!facts.is_called || call.body_kind != BodyKind::json) continue;
    if (facts.role != Role::login && facts.role != Role::registration) continue;
    const dart::StringPart* raw = raw_variable(call);
    if (raw == nullptr) continue;
    outcome.add({call.site.unit, raw->expression->span});
    outcome.say(call.class_name + " puts " + std::string(raw->expression->text) + " into its body as it is.");
  }
}

void login_body_constant(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    const ApiCall& call = *facts.call;
    if (!facts.is_called || facts.role != Role::login || call.function == nullptr) continue;
    const bool sends = call.body != nullptr || call.params != nullptr;
    if (!sends || call.method == "GET") continue;
    const bool uses_any = mentions_parameter(call, call.body) || mentions_parameter(call, call.params) ||
                          mentions_parameter(call, call.url) ||
                          std::ranges::any_of(call.headers, [&](const flutterflow::CallHeader& header) {
                            return mentions_parameter(call, header.value);
                          });
    const bool is_empty = call.params != nullptr && call.params->children.empty() && call.body == nullptr;
    if (is_empty) continue;
    // A body that is put together from locals was read by nobody here.
    const bool is_template = call.body == nullptr || call.body->kind == ExpressionKind::string ||
                             call.body->kind == ExpressionKind::map_or_set;
    if (!uses_any && is_template) {
      outcome.add(call.make_site);
      outcome.say(call.class_name + " sends the same to the server whoever logs in.");
    } else if (uses_any && is_given_constants(context, call)) {
      outcome.add(facts.sites.empty() ? call.make_site : facts.sites.front()->site);
      outcome.say(call.class_name + " is handed fixed values only.");
    }
  }
}

void password_in_url(const Context& context, Outcome& outcome) {
  password_in_route(context, outcome);
  for (const CallFacts& facts : context.calls()) {
    const ApiCall& call = *facts.call;
    if (!facts.is_called || call.url == nullptr) continue;
    bool is_found = false;
    const auto add = [&](const Site& site) {
      if (!is_found) outcome.add(site);
      is_found = true;
    };
    // `?password=${password}`
    dart::walk(call.url, [&](const Expression& node) {
      bool in_query = false;
      std::string_view before;
      for (const dart::StringPart& part : node.parts) {
        if (part.expression == nullptr) {
          in_query = in_query || part.text.find('?') != std::string_view::npos;
          before = part.text;
          continue;
        }
        std::string_view name = before;
        if (name.ends_with('=')) {
          name.remove_suffix(1);
          name = name.substr(name.find_last_of("?&") + 1);
        }
        const std::vector<std::string_view> chain = dart::chain_of(part.expression);
        if (in_query &&
            (is_plain_password_name(name) || (!chain.empty() && is_plain_password_name(chain.back())))) {
          add({call.site.unit, part.expression->span});
        }
        before = {};
      }
      return true;
    });
    const bool is_query = (call.method == "GET" || call.method == "DELETE") && call.params != nullptr;
    if (is_query && call.params->kind == ExpressionKind::map_or_set) {
      for (std::size_t i = 0; i + 1 < call.params->children.size(); i += 2) {
        const auto key = dart::constant_text(call.params->children[i]);
        if (key && is_plain_password_name(*key)) add({call.site.unit, call.params->children[i]->span});
      }
    }
  }
}

void auth_call_cached(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    if (facts.feeds_sign_in && facts.is_called && facts.call->is_cached)
      outcome.add(head_of(facts.call->site));
  }
}

void auth_body_not_returned(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    if (facts.feeds_sign_in && facts.is_called && !facts.call->returns_body)
      outcome.add(head_of(facts.call->site));
  }
}

void private_call_firebase(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    if (facts.is_called && facts.is_in_flow() && facts.call->is_private)
      outcome.add(head_of(facts.call->site));
  }
}

void mapping_disagrees(const Context& context, Outcome& outcome) {
  for (const Mapping& mapping : context.mappings()) {
    if (!mapping.handler->is_reachable || mapping.value == nullptr) continue;
    for (const Origin* origin : mapping.origin.all()) {
      if (origin->kind != OriginKind::answer || origin->call == nullptr || !origin->getter.empty()) continue;
      const std::string path = normal_path(origin->json_path);
      const std::string_view name = last_name(path);
      if (name.empty()) continue;
      const flutterflow::CallGetter* other = nullptr;
      bool agrees = false;
      for (const flutterflow::CallGetter& getter : origin->call->getters) {
        const std::string getter_path = normal_path(getter.json_path);
        agrees = agrees || getter_path == path;
        // `role(…)` that reads $.user.role.id beside a $.user.role read here.
        const bool is_same_value = last_name(getter_path) == name || getter.name == name;
        if (getter_path != path && is_same_value) other = &getter;
      }
      if (agrees || other == nullptr) continue;
      outcome.add(site_of(*mapping.handler, *mapping.step, mapping.value));
      outcome.say("Read here: " + path + ". The call's own " + other->name + " reads " + other->json_path +
                  ".");
    }
  }
}

}  // namespace latchkey::doctor
