#include "doctor/project/context.h"

#include <algorithm>

#include "doctor/project/token_header.h"
#include "flutterflow/dart/walk.h"

namespace latchkey::doctor {

using flutterflow::ApiCall;
using flutterflow::AuthUse;
using flutterflow::Origin;
using flutterflow::Page;
using flutterflow::Site;

Context::Context(const flutterflow::Project& project, const flutterflow::Handlers& handlers)
    : project_(project), handlers_(handlers), mappings_(read_mappings(project, handlers)) {
  read_calls();
  read_own_functions();
  read_interceptors();
}

void Context::read_calls() {
  for (const ApiCall& call : project_.calls) {
    calls_.push_back({.call = &call, .role = doctor::role_of(call)});
    lacks_definitions_ |= !call.is_defined;
  }
  const auto facts_of = [&](const ApiCall* call) -> CallFacts& {
    return calls_[static_cast<std::size_t>(call - project_.calls.data())];
  };
  for (const flutterflow::CallSite& site : project_.call_sites) {
    CallFacts& facts = facts_of(site.call);
    facts.is_called = true;
    facts.sites.push_back(&site);
  }
  // What is handed a session's token wherever it is called is no login, though it takes a PIN or is named so.
  for (CallFacts& facts : calls_) {
    if (facts.role != Role::login || facts.sites.empty()) continue;
    if (role_of_path(facts.call->url_text, facts.call->method) == Role::login) continue;
    const auto parameters = token_parameters(*facts.call);
    const bool has_session = !parameters.empty() && std::ranges::all_of(facts.sites, [&](const auto* site) {
      return std::ranges::any_of(
          parameters, [&](const auto* parameter) { return !is_empty_value(given(*site, parameter->name)); });
    });
    if (has_session) facts.role = Role::none;
  }
  for (const flutterflow::Mapping& mapping : mappings_) {
    for (const Origin* origin : mapping.origin.all()) {
      if (origin->kind != flutterflow::OriginKind::answer || origin->call == nullptr) continue;
      CallFacts& facts = facts_of(origin->call);
      facts.feeds_sign_in = true;
      // What gives the token at the sign-in is the login, whatever it is called, unless its path says
      // something else.
      const bool gives_token = mapping.argument == "authenticationToken" && mapping.step != nullptr &&
                               mapping.step->kind == flutterflow::StepKind::sign_in;
      if (gives_token &&
          (facts.role == Role::none || facts.role == Role::profile || facts.role == Role::logout)) {
        facts.role = Role::login;
      }
      if (gives_token && facts.role == Role::registration &&
          role_of_path(origin->call->url_text, origin->call->method) == Role::login) {
        facts.role = Role::login;
      }
    }
  }
}

void Context::read_own_functions() {
  const auto add = [&](const flutterflow::SourceUnit& unit, const flutterflow::dart::Function& function) {
    if (!project_.is_reachable(&function) || function.is_getter || function.is_setter ||
        function.is_constructor)
      return;
    const Role role = role_of_name(function.name);
    if (role == Role::none || role == Role::profile) return;
    own_functions_.push_back({role, &unit, &function});
  };
  for (const auto& unit : project_.units) {
    const std::string& path = unit->path;
    if (unit->is_library() || path.find("/flutter_flow/") != std::string::npos ||
        path.starts_with("lib/auth/custom_auth/"))
      continue;
    if (path.ends_with("api_manager.dart") || path.ends_with("api_calls.dart")) continue;
    for (const flutterflow::dart::Function* function : unit->unit.functions) add(*unit, *function);
    for (const flutterflow::dart::Class& owner : unit->unit.classes) {
      if (project_.page_of(*unit, owner) != nullptr || owner.name == "FFAppState" ||
          project_.find_struct(owner.name) != nullptr) {
        continue;
      }
      for (const flutterflow::dart::Function* function : owner.functions) add(*unit, *function);
    }
  }
}

void Context::read_interceptors() {
  const auto add = [&](const std::string& name, const flutterflow::SourceUnit* from) {
    const flutterflow::ClassEntry* entry = project_.index.find_class(name, from);
    if (entry == nullptr ||
        std::ranges::find(interceptors_, entry, &Interceptor::entry) != interceptors_.end())
      return;
    interceptors_.push_back({.entry = entry, .refreshes = refreshes(*entry)});
  };
  for (const CallFacts& facts : calls_) {
    if (!facts.is_called) continue;
    for (const std::string& name : facts.call->interceptors) add(name, facts.call->site.unit);
    const flutterflow::ApiGroup* group = project_.find_group(facts.call->group);
    if (group == nullptr) continue;
    for (const std::string& name : group->interceptors) add(name, group->site.unit);
  }
}

bool Context::refreshes(const flutterflow::ClassEntry& interceptor) const {
  using flutterflow::dart::Expression;
  using flutterflow::dart::ExpressionKind;
  bool found = false;
  flutterflow::dart::walk(*interceptor.node, [&](const Expression& node) {
    if (node.kind == ExpressionKind::call) {
      const ApiCall* call = project_.find_call(*interceptor.unit, &node);
      found = found || (call != nullptr && role_of(*call) == Role::refresh);
      const auto chain = flutterflow::dart::chain_of(node.target);
      found = found || (!chain.empty() && role_of_name(chain.back()) == Role::refresh);
    }
    if (node.kind == ExpressionKind::string && !node.parts.empty()) {
      // `Uri.parse('$base/auth/refresh')`
      const std::string_view last = node.parts.back().text;
      found =
          found || (last.find('/') != std::string_view::npos && last.find(' ') == std::string_view::npos &&
                    role_of_path(last, "POST") == Role::refresh);
    }
    return !found;
  });
  return found;
}

const CallFacts& Context::facts(const ApiCall& call) const {
  return calls_[static_cast<std::size_t>(&call - project_.calls.data())];
}

bool Context::does(Role role) const {
  return std::ranges::any_of(calls_,
                             [&](const CallFacts& facts) { return facts.is_called && facts.role == role; }) ||
         std::ranges::any_of(own_functions_, [&](const OwnFunction& own) { return own.role == role; }) ||
         (role == Role::refresh && std::ranges::any_of(interceptors_, &Interceptor::refreshes));
}

std::vector<const AuthUse*> Context::uses(std::string_view method) const {
  std::vector<const AuthUse*> found;
  for (const AuthUse& use : project_.auth_uses) {
    if (use.method == method) found.push_back(&use);
  }
  return found;
}

std::vector<const Page*> Context::pages_holding(const Page* page) const {
  std::vector<const Page*> holding;
  if (page == nullptr) return holding;
  std::vector<const Page*> seen = {page};
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]->is_component) {
      holding.push_back(seen[i]);
      continue;
    }
    for (const Page& other : project_.pages) {
      if (!other.is_reachable || std::ranges::find(seen, &other) != seen.end()) continue;
      if (std::ranges::binary_search(other.components, seen[i]->widget)) seen.push_back(&other);
    }
  }
  return holding;
}

bool Context::requires_auth(const Page& page) const {
  bool has_route = false;
  for (const flutterflow::Route& route : project_.routes) {
    if (route.widget != page.widget) continue;
    if (!route.requires_auth) return false;
    has_route = true;
  }
  return has_route;
}

bool Context::opens_logged_out(const Page* page) const {
  if (page == nullptr) return true;
  const std::vector<const Page*> holding = pages_holding(page);
  return holding.empty()
             ? page->is_reachable
             : std::ranges::any_of(holding, [&](const Page* holder) { return !requires_auth(*holder); });
}

Site Context::first_call_class() const {
  Site first;
  const auto take = [&](const Site& site) {
    if (site.unit == nullptr || site.unit->is_library()) return;
    if (first.unit == nullptr || site.unit->path < first.unit->path ||
        (site.unit == first.unit && site.span.begin < first.span.begin)) {
      first = site;
    }
  };
  for (const auto& group : project_.groups) take(group.site);
  for (const ApiCall& call : project_.calls) {
    if (call.is_defined) take(call.site);
  }
  if (first.unit != nullptr) return head_of(first);
  return first_sign_in();
}

Site Context::first_sign_in() const {
  const auto sign_ins = uses("signIn");
  return sign_ins.empty() ? head_of(project_.auth.manager_site) : sign_ins.front()->site;
}

Site Context::route_list() const {
  return head_of(project_.route_list.unit != nullptr ? project_.route_list : project_.auth.pair_site);
}

std::string endpoint_of(const ApiCall& call) {
  std::string path = call.url_text;
  if (const std::size_t scheme = path.find("://"); scheme != std::string::npos) {
    const std::size_t slash = path.find('/', scheme + 3);
    path = slash == std::string::npos ? "/" : path.substr(slash);
  }
  path = path.substr(0, path.find('?'));
  return call.method.empty() ? path : call.method + " " + path;
}

Site head_of(const Site& site) {
  if (site.unit == nullptr) return site;
  Site head = site;
  const std::string_view text = site.unit->unit.text(site.span);
  const std::size_t end = std::min(text.find_first_of("{\n"), text.size());
  head.span.end = site.span.begin + static_cast<std::uint32_t>(end);
  head.span.end_line = head.span.line;
  return head;
}

}  // namespace latchkey::doctor
