// Settings, pages and routes, and what is called at all.
#include <algorithm>

#include "doctor/project/rules.h"
#include "doctor/project/sign_ins.h"
#include "flutterflow/dart/walk.h"

namespace latchkey::doctor {
namespace {

using flutterflow::Handler;
using flutterflow::Origin;
using flutterflow::OriginKind;
using flutterflow::Page;
using flutterflow::Route;
using flutterflow::Step;
using flutterflow::StepKind;
using flutterflow::StructField;
using flutterflow::StructType;

const Route* route_of(const Context& context, std::string_view widget) {
  const auto& routes = context.project().routes;
  const auto found = std::ranges::find(routes, widget, &Route::widget);
  return found == routes.end() ? nullptr : &*found;
}

bool names_session(const flutterflow::dart::Expression& node) {
  const std::string_view name = node.text;
  return name == "loggedIn" || name.starts_with("currentUser") || name.starts_with("currentAuth") ||
         name == "isLoggedIn";
}

}  // namespace

void persist_off(const Context& context, Outcome& outcome) {
  if (!context.project().auth.persists) outcome.add_absence(head_of(context.project().auth.manager_site));
}

void auth_pages_not_set(const Context& context, Outcome& outcome) {
  const flutterflow::AuthSettings& auth = context.project().auth;
  const auto look_at = [&](const std::string& widget, std::string_view what) {
    if (!widget.empty() && context.project().find_page(widget) != nullptr) return;
    outcome.add(auth.pair_site.unit != nullptr ? auth.pair_site : context.route_list());
    outcome.say(widget.empty() ? "No " + std::string(what) + " is set."
                               : "The " + std::string(what) + " " + widget + " is no page of the project.");
  };
  look_at(auth.entry_page, "entry page");
  look_at(auth.logged_in_page, "logged-in page");
}

void entry_equals_logged_in(const Context& context, Outcome& outcome) {
  const flutterflow::AuthSettings& auth = context.project().auth;
  if (auth.entry_page.empty() || auth.entry_page != auth.logged_in_page) return;
  outcome.add(auth.pair_site);
  outcome.say("Both are " + auth.entry_page + ".");
}

void no_protected_pages(const Context& context, Outcome& outcome) {
  if (std::ranges::any_of(context.project().routes, &Route::requires_auth)) return;
  outcome.add_absence(context.route_list());
  outcome.say("None of " + std::to_string(context.project().routes.size()) + " routes requires a login.");
}

void guard_bypassed(const Context& context, Outcome& outcome) {
  const flutterflow::Project& project = context.project();
  const Route* open = nullptr;
  for (const Route& route : project.routes) {
    if (route.shows_nav_bar && !route.requires_auth && route.path != "/" && route.name != "_initialize") {
      open = &route;
      break;
    }
  }
  if (open == nullptr) return;
  for (const std::string& tab : project.auth.nav_bar_pages) {
    const Route* route = route_of(context, tab);
    if (route == nullptr || !route->requires_auth) continue;
    outcome.add(route->site);
    outcome.say(tab + " requires a login, and is a tab beside " + open->name + ", which does not.");
  }
}

void public_page_protected(const Context& context, Outcome& outcome) {
  const flutterflow::AuthSettings& auth = context.project().auth;
  for (const auto& handler : context.handlers().all) {
    if (!handler->is_reachable || handler->page == nullptr) continue;
    const auto holding = context.pages_holding(handler->page);
    const bool is_entry =
        std::ranges::any_of(holding, [&](const Page* page) { return page->widget == auth.entry_page; });
    if (!is_entry) continue;
    for (const Step& step : handler->steps) {
      if (step.kind != StepKind::navigate) continue;
      const auto logs_in = [&](const Step& before) {
        return &before < &step && Handler::compatible(before, step) &&
               (before.kind == StepKind::sign_in || before.kind == StepKind::update_user);
      };
      if (std::ranges::any_of(handler->steps, logs_in)) continue;
      const bool asks = std::ranges::any_of(step.path, [](const flutterflow::Branch& branch) {
        bool found = false;
        if (branch.condition == nullptr) return false;
        flutterflow::dart::walk(branch.condition, [&](const flutterflow::dart::Expression& node) {
          found = found || names_session(node);
          return !found;
        });
        return found;
      });
      if (asks) continue;
      for (const Page* page : step.pages) {
        if (page->widget == auth.logged_in_page || !context.requires_auth(*page)) continue;
        outcome.add(step.site);
        outcome.say(page->widget + " requires a login, and the entry page opens it before there is one.");
      }
    }
  }
}

void missing_sign_up(const Context& context, Outcome& outcome) {
  for (const CallFacts& facts : context.calls()) {
    if (facts.role != Role::registration) continue;
    for (const flutterflow::CallSite* site : facts.sites) {
      if (context.opens_logged_out(site->scope.page)) return;
    }
  }
  const bool has_own = std::ranges::any_of(
      context.own_functions(), [](const OwnFunction& own) { return own.role == Role::registration; });
  if (!has_own) outcome.add_absence(context.first_call_class());
}

void no_sign_out(const Context& context, Outcome& outcome) {
  if (context.uses("signOut").empty()) outcome.add_absence(head_of(context.project().auth.manager_site));
}

void logout_local_only(const Context& context, Outcome& outcome) {
  const auto uses = context.uses("signOut");
  if (uses.empty()) {
    outcome.skip("Nothing calls signOut (see no_sign_out).");
  } else if (!context.does(Role::logout)) {
    outcome.add_absence(uses.front()->site);
  }
}

void no_refresh_call(const Context& context, Outcome& outcome) {
  if (!context.does(Role::refresh)) outcome.add_absence(context.first_call_class());
}

void sign_in_never_called(const Context& context, Outcome& outcome) {
  if (!context.signs_in()) outcome.add_absence(head_of(context.project().auth.manager_site));
}

void user_struct_datetime(const Context& context, Outcome& outcome) {
  std::vector<const StructType*> types;
  const auto add = [&](const StructType* type) {
    if (type != nullptr && std::ranges::find(types, type) == types.end()) types.push_back(type);
  };
  add(context.project().find_struct(context.project().auth.user_data_type));
  for (const flutterflow::Mapping& mapping : context.mappings()) {
    if (mapping.step->kind != StepKind::sign_in || !mapping.handler->is_reachable) continue;
    for (const Origin* origin : mapping.origin.all()) add(origin->struct_type);
  }
  // With what they hold: fromMap reads a data type inside with that one's fromMap.
  for (std::size_t i = 0; i < types.size(); ++i) {
    for (const StructField& field : types[i]->fields) {
      std::string_view held = field.type;
      if (held.starts_with("List<") && held.ends_with('>')) held = held.substr(5, held.size() - 6);
      if (field.from_map != nullptr) add(context.project().find_struct(held));
    }
  }
  for (const StructType* type : types) {
    for (const StructField& field : type->fields) {
      const flutterflow::dart::ExpressionPtr read = field.from_map;
      if (read == nullptr || read->kind != flutterflow::dart::ExpressionKind::cast) continue;
      if (!read->type.starts_with("DateTime")) continue;
      outcome.add({field.site.unit, read->span});
      outcome.say(type->name + "." + field.name + " is a DateTime.");
    }
  }
}

}  // namespace latchkey::doctor
