#include "doctor/project/flow.h"

#include <algorithm>

#include "base/json_text.h"
#include "doctor/project/redact.h"
#include "doctor/project/sign_ins.h"

namespace latchkey::doctor {
namespace {

using flutterflow::Mapping;
using flutterflow::Origin;
using flutterflow::OriginKind;

std::string_view kind_of(const Origin& origin) {
  switch (origin.kind) {
    case OriginKind::literal:
      return "literal";
    case OriginKind::null_value:
      return "null";
    case OriginKind::answer:
      return "answer";
    case OriginKind::custom_result:
      return "custom action";
    case OriginKind::auth_manager:
      return "authenticated user";
    case OriginKind::app_state:
      return "app state";
    case OriginKind::page_state:
      return "page state";
    case OriginKind::parameter:
      return "parameter";
    case OriginKind::text_field:
      return "text field";
    case OriginKind::struct_field:
      return "data type";
    case OriginKind::expression:
      return "expression";
    case OriginKind::unknown:
      return "unknown";
  }
  return "unknown";
}

// The answer in it that says most: the first that is read out of a call.
const Origin* telling(const Origin& origin) {
  for (const Origin* part : origin.all()) {
    if (part->kind == OriginKind::answer && part->call != nullptr) return part;
  }
  return &origin;
}

std::string words_for(const Origin& whole) {
  const Origin& origin = *telling(whole);
  std::string text;
  if (origin.call != nullptr) {
    text = origin.call->class_name + " " + (origin.json_path.empty() ? origin.name : origin.json_path);
  } else if (origin.kind == OriginKind::literal) {
    text = "the fixed text '" + redacted(origin.text) + "'";
  } else if (origin.kind == OriginKind::null_value) {
    text = "nothing";
  } else if (origin.kind == OriginKind::answer) {
    text = "own HTTP code " + origin.json_path;
  } else {
    text = std::string(kind_of(origin)) + (origin.name.empty() ? "" : " " + origin.name);
  }
  for (const std::string& conversion : origin.conversions) text += " > " + redacted(conversion);
  return text;
}

std::string page_of(const flutterflow::Handler& handler) {
  return handler.page == nullptr ? std::string("the app") : handler.page->widget;
}

// Each argument once for a place of the source.
std::vector<const Mapping*> shown_mappings(const Context& context) {
  std::vector<const Mapping*> found;
  for (const Mapping& mapping : context.mappings()) {
    if (!mapping.handler->is_reachable) continue;
    const bool is_there = std::ranges::any_of(found, [&](const Mapping* other) {
      return other->value == mapping.value && other->argument == mapping.argument &&
             other->step->expression == mapping.step->expression;
    });
    if (!is_there) found.push_back(&mapping);
  }
  return found;
}

}  // namespace

std::string flow_json(const Context& context) {
  const flutterflow::Project& project = context.project();
  const flutterflow::AuthSettings& auth = project.auth;
  std::string text;
  base::JsonWriter json(text);
  json.begin_object()
      .member("project", project.name)
      .member("generation", project.generation)
      .member("entry_page", auth.entry_page)
      .member("logged_in_page", auth.logged_in_page)
      .member("persist", auth.persists)
      .member("user_data_type", auth.user_data_type);
  json.key("nav_bar").begin_array();
  for (const std::string& page : auth.nav_bar_pages) json.value(page);
  json.end_array();
  json.key("pages").begin_array();
  for (const flutterflow::Route& route : project.routes) {
    json.begin_object()
        .member("name", route.name)
        .member("path", route.path)
        .member("widget", route.widget)
        .member("requires_auth", route.requires_auth)
        .end_object();
  }
  json.end_array();
  json.key("protected_pages").begin_array();
  for (const flutterflow::Route& route : project.routes) {
    if (route.requires_auth) json.value(route.widget);
  }
  json.end_array();
  json.key("calls").begin_array();
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_in_flow()) continue;
    json.begin_object()
        .member("name", facts.call->class_name)
        .member("role", to_string(facts.role))
        .member("method", facts.call->method)
        .member("url", redacted(facts.call->url_text))
        .member("called", facts.is_called)
        .member("feeds_sign_in", facts.feeds_sign_in)
        .end_object();
  }
  json.end_array();
  json.key("mappings").begin_array();
  for (const Mapping* mapping : shown_mappings(context)) {
    const Origin& origin = *telling(mapping->origin);
    json.begin_object()
        .member("page", page_of(*mapping->handler))
        .member("action",
                mapping->step->kind == flutterflow::StepKind::sign_in ? "signIn" : "updateAuthUserData")
        .member("argument", mapping->argument)
        .member("source", kind_of(origin))
        .member("call",
                origin.call == nullptr ? std::string_view() : std::string_view(origin.call->class_name))
        .member("json_path", origin.json_path)
        .member("file", mapping->step->site.unit == nullptr
                            ? std::string_view()
                            : std::string_view(mapping->step->site.unit->path))
        .member("line", static_cast<std::int64_t>(mapping->step->site.span.line));
    json.key("conversions").begin_array();
    for (const std::string& conversion : origin.conversions) json.value(redacted(conversion));
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return text;
}

std::string flow_text(const Context& context) {
  const flutterflow::Project& project = context.project();
  const flutterflow::AuthSettings& auth = project.auth;
  const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  const auto routes = static_cast<std::size_t>(std::ranges::count_if(
      project.routes, [](const flutterflow::Route& route) { return route.requires_auth; }));
  std::string text = "Entry page " + or_dash(auth.entry_page) + "   Logged-in page " +
                     or_dash(auth.logged_in_page) + (auth.has_nav_bar ? " (in a nav bar)" : "") + "\n";
  text += "Sessions are " + std::string(auth.persists ? "kept" : "not kept") + "   User data type " +
          or_dash(auth.user_data_type) + "   Pages that require a login: " + std::to_string(routes) + " of " +
          std::to_string(project.routes.size()) + "\n";
  for (const CallFacts& facts : context.calls()) {
    if (!facts.is_in_flow()) continue;
    text += "  " + std::string(to_string(facts.role)) + ": " + facts.call->class_name + "  " +
            redacted(endpoint_of(*facts.call)) + (facts.is_called ? "" : "  (never called)") + "\n";
  }
  const flutterflow::Step* last = nullptr;
  for (const Mapping* mapping : shown_mappings(context)) {
    if (last == nullptr || last->expression != mapping->step->expression) {
      last = mapping->step;
      text += page_of(*mapping->handler) + ": " +
              (last->kind == flutterflow::StepKind::sign_in ? "Log in" : "Update Authenticated User") + "\n";
    }
    text += "  " + mapping->argument + " <- " + words_for(mapping->origin) + "\n";
  }
  return text;
}

}  // namespace latchkey::doctor
