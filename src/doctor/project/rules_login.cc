// The actions around the login: what happens before it, after it, and when it fails.
#include <algorithm>
#include <array>

#include "doctor/project/rules.h"
#include "doctor/project/sign_ins.h"
#include "flutterflow/dart/walk.h"

namespace latchkey::doctor {
namespace {

using flutterflow::Branch;
using flutterflow::Handler;
using flutterflow::Mapping;
using flutterflow::Origin;
using flutterflow::OriginKind;
using flutterflow::Page;
using flutterflow::Step;
using flutterflow::StepKind;
namespace dart = flutterflow::dart;

bool is_checked(const Context& context, const Handler& handler, const Step& step, const Step& call) {
  return std::ranges::any_of(step.path, [&](const Branch& branch) {
    return checks_outcome(context.project(), handler, branch, call);
  });
}

bool is_checked(const Context& context, const SignIn& sign_in, const std::vector<const Step*>& calls) {
  return std::ranges::any_of(
      calls, [&](const Step* call) { return is_checked(context, *sign_in.handler, *sign_in.step, *call); });
}

// Steps after another one that the same run can make.
template <class Test>
bool any_after(const SignIn& from, Test test) {
  for (std::size_t i = from.index() + 1; i < from.handler->steps.size(); ++i) {
    const Step& step = from.handler->steps[i];
    if (Handler::compatible(*from.step, step) && test(step)) return true;
  }
  return false;
}

template <class Test>
bool any_before(const SignIn& from, Test test) {
  for (std::size_t i = 0; i < from.index(); ++i) {
    const Step& step = from.handler->steps[i];
    if (Handler::compatible(*from.step, step) && test(step)) return true;
  }
  return false;
}

// To a page of the project, or to one that is known only when the app runs: `goNamed(homeFor(role))`.
bool goes_to_a_page(const Step& step) {
  if (step.kind != StepKind::navigate) return false;
  if (!step.pages.empty()) return true;
  const bool leaves = step.method.ends_with("op") || step.method == "popUntil";
  return !leaves && step.name.empty();
}

bool is_page(const Context& context, const Page* page, std::string_view widget) {
  if (page == nullptr || widget.empty()) return false;
  return std::ranges::any_of(context.pages_holding(page),
                             [&](const Page* holder) { return holder->widget == widget; });
}

// Conditions on whether somebody is logged in.
bool asks_for_session(const Step& step) {
  return std::ranges::any_of(step.path, [](const Branch& branch) {
    if (branch.condition == nullptr) return false;
    bool found = false;
    dart::walk(branch.condition, [&](const dart::Expression& node) {
      if (node.kind != dart::ExpressionKind::identifier && node.kind != dart::ExpressionKind::member)
        return true;
      static constexpr std::array<std::string_view, 8> kNames = {"loggedIn",
                                                                 "currentAuthenticationToken",
                                                                 "currentAuthRefreshToken",
                                                                 "currentUserUid",
                                                                 "currentUser",
                                                                 "currentUserData",
                                                                 "currentAuthTokenExpiration",
                                                                 "isLoggedIn"};
      found = found || std::ranges::find(kNames, node.text) != kNames.end();
      return !found;
    });
    return found;
  });
}

// --- feedback

bool names_waiting(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  return std::ranges::any_of(words, [](const std::string& word) {
    return word.find("load") != std::string::npos || word.find("busy") != std::string::npos ||
           word.find("spinner") != std::string::npos || word.find("progress") != std::string::npos ||
           word.find("waiting") != std::string::npos || word == "carregando" || word == "cargando";
  });
}

bool names_showing(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  static constexpr std::array<std::string_view, 12> kWords = {"show",   "snack",   "snackbar", "toast",
                                                              "alert",  "dialog",  "error",    "message",
                                                              "notify", "mostrar", "erro",     "aviso"};
  return std::ranges::any_of(
      words, [](const std::string& word) { return std::ranges::find(kWords, word) != kWords.end(); });
}

bool shows_something(const Handler& handler, const Step& step) {
  switch (step.kind) {
    case StepKind::show:
      return true;
    case StepKind::navigate:
      return std::ranges::any_of(step.pages, [&](const Page* page) { return page != handler.page; });
    case StepKind::set_state:
      return !step.is_local && step.name.find('.') != std::string::npos && !names_waiting(step.name);
    case StepKind::custom_action:
    case StepKind::other:
      return names_showing(step.name);
    default:
      return false;
  }
}

// What a failing call does: steps after it that exclude the login.
bool tells_failure(const SignIn& sign_in, std::size_t first_call) {
  const Handler& handler = *sign_in.handler;
  for (std::size_t i = first_call + 1; i < handler.steps.size(); ++i) {
    const Step& step = handler.steps[i];
    if (Handler::compatible(step, *sign_in.step)) {
      // `a ? showError() : null` after the login has its own condition; what runs in any case tells nothing.
      continue;
    }
    if (shows_something(handler, step)) return true;
  }
  return false;
}

std::string call_name(const Step& call) {
  if (call.call != nullptr) return endpoint_of(*call.call);
  return call.name.empty() ? std::string("the call") : call.name;
}

}  // namespace

void sign_in_without_call(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    const bool is_fed = std::ranges::any_of(place, [&](const SignIn& one) {
      const bool is_preceded = any_before(one, [](const Step& step) {
        // A function of the app's own that logs in: `DatabaseService().loginUser(email, password)`.
        const bool is_own_login = step.kind == StepKind::other && !step.arguments.empty() &&
                                  role_of_name(step.name.substr(step.name.rfind('.') + 1)) == Role::login;
        return step.kind == StepKind::api_call || step.kind == StepKind::custom_action ||
               step.kind == StepKind::http || is_own_login;
      });
      if (is_preceded) return true;
      return std::ranges::any_of(context.mappings(), [&](const Mapping& mapping) {
        if (mapping.handler != one.handler || mapping.step != one.step) return false;
        return std::ranges::any_of(mapping.origin.all(), [](const Origin* origin) {
          return origin->kind == OriginKind::answer || origin->kind == OriginKind::parameter ||
                 origin->kind == OriginKind::app_state ||
                 (origin->kind == OriginKind::custom_result && origin->step != nullptr) ||
                 (origin->kind == OriginKind::page_state && origin->name.find('.') != std::string::npos);
        });
      });
    });
    if (!is_fed) outcome.add(place.front().step->site);
  }
}

void login_call_without_sign_in(const Context& context, Outcome& outcome) {
  const std::vector<SignIn> all = sign_ins(context);
  std::vector<const Handler*> signing;
  for (const SignIn& one : all) signing.push_back(one.handler);
  const auto page_signs_in = [&](const Page* page) {
    return page != nullptr && std::ranges::any_of(all, [&](const SignIn& one) {
             return is_page(context, one.handler->page, page->widget);
           });
  };
  for (const SignIn& one : updates(context)) signing.push_back(one.handler);
  for (const auto& handler : context.handlers().all) {
    if (!handler->is_reachable || std::ranges::find(signing, handler.get()) != signing.end()) continue;
    if (!context.opens_logged_out(handler->page)) continue;
    for (const Step& step : handler->steps) {
      if (step.kind != StepKind::api_call || step.call == nullptr) continue;
      if (context.role_of(*step.call) != Role::login) continue;
      // The answer may be kept for the page that asks for the code and logs in.
      const bool goes_on = std::ranges::any_of(handler->steps, [&](const Step& next) {
        return next.kind == StepKind::navigate && std::ranges::any_of(next.pages, page_signs_in) &&
               std::ranges::none_of(next.pages, [&](const Page* page) { return page == handler->page; });
      });
      if (!goes_on) outcome.add(step.site);
    }
  }
}

void update_used_as_sign_in(const Context& context, Outcome& outcome) {
  const flutterflow::Project& project = context.project();
  for (const auto& place : by_place(updates(context))) {
    const bool is_misused = std::ranges::any_of(place, [&](const SignIn& one) {
      const bool follows = any_before(one, [](const Step& step) { return step.kind == StepKind::sign_in; });
      const bool ends = any_after(one, [](const Step& step) { return step.kind == StepKind::sign_out; });
      if (follows || ends || asks_for_session(*one.step)) return false;
      if (one.handler->page == nullptr || !context.opens_logged_out(one.handler->page)) return false;
      if (is_page(context, one.handler->page, project.auth.entry_page) &&
          project.auth.entry_page != project.auth.logged_in_page) {
        return true;
      }
      // The handler itself logs in or signs up.
      return std::ranges::any_of(one.handler->steps, [&](const Step& step) {
        if (step.kind != StepKind::api_call || step.call == nullptr) return false;
        const Role role = context.role_of(*step.call);
        return role == Role::login || role == Role::registration || role == Role::code;
      });
    });
    if (is_misused) outcome.add(place.front().step->site);
  }
}

void logged_in_page_signs_in(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    const bool is_there = std::ranges::any_of(place, [&](const SignIn& one) {
      return is_page(context, one.handler->page, context.project().auth.logged_in_page);
    });
    if (is_there) outcome.add(place.front().step->site);
  }
}

void no_navigation_after_login(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    const bool goes =
        std::ranges::any_of(place, [](const SignIn& one) { return any_after(one, goes_to_a_page); });
    if (!goes) outcome.add(place.front().step->site);
  }
}

void missing_prepare_auth_event(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    const bool is_prepared = std::ranges::all_of(place, [](const SignIn& one) {
      return any_before(one, [](const Step& step) { return step.kind == StepKind::prepare_auth; });
    });
    if (!is_prepared) outcome.add(place.front().step->site);
  }
}

void stuck_relogin_risk(const Context& context, Outcome& outcome) {
  const flutterflow::Project& project = context.project();
  const std::vector<SignIn> all = sign_ins(context);
  const bool lacks_token =
      std::ranges::any_of(all, [](const SignIn& one) { return !is_given(*one.step, "authenticationToken"); });
  if (!project.auth.persists || !is_given(all, "authUid") ||
      (!is_given(all, "tokenExpiration") && !lacks_token))
    return;
  if (std::ranges::none_of(project.routes, &flutterflow::Route::requires_auth)) return;
  const bool is_cured = std::ranges::any_of(context.handlers().all, [&](const auto& handler) {
    return handler->kind == flutterflow::HandlerKind::page_load &&
           is_page(context, handler->page, project.auth.entry_page) &&
           std::ranges::any_of(handler->steps,
                               [](const Step& step) { return step.kind == StepKind::sign_out; });
  });
  if (is_cured) return;
  for (const auto& place : by_place(all)) {
    const bool is_stuck = std::ranges::any_of(place, [](const SignIn& one) {
      bool goes = false;
      const bool goes_anyway = any_after(one, [&](const Step& step) {
        if (!goes_to_a_page(step)) return false;
        goes = true;
        const dart::ExpressionPtr ignores = step.argument("ignoreRedirect");
        return dart::is_literal_true(ignores) || !step.method.ends_with("Auth");
      });
      return goes && !goes_anyway;
    });
    if (is_stuck) outcome.add(place.front().step->site);
  }
}

// --- outcome of the call

void success_not_checked(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    for (const SignIn& one : place) {
      const std::vector<const Step*> calls = feeding_calls(context, one);
      if (calls.empty() || is_checked(context, one, calls)) continue;
      outcome.add(one.step->site);
      if (outcome.places() <= 3)
        outcome.say("Nothing asks whether " + call_name(*calls.front()) + " succeeded.");
      break;
    }
  }
}

void answer_read_before_check(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    for (const SignIn& one : place) {
      const std::vector<const Step*> calls = feeding_calls(context, one);
      if (!is_checked(context, one, calls)) continue;
      const Handler& handler = *one.handler;
      for (const Step* call : calls) {
        for (std::size_t i = static_cast<std::size_t>(call - handler.steps.data()) + 1; i < one.index();
             ++i) {
          const Step& step = handler.steps[i];
          if (step.kind != StepKind::non_null && step.kind != StepKind::cast) continue;
          if (!Handler::compatible(step, *one.step) || !Handler::compatible(step, *call)) continue;
          if (is_checked(context, handler, step, *call)) continue;
          const Origin origin = resolve(context.project(), handler, step, step.value);
          const bool is_value =
              origin.comes_from(*call) && origin.kind == OriginKind::answer && origin.json_path.size() > 1;
          if (is_value) outcome.add(step.site);
        }
      }
    }
  }
}

void no_failure_feedback(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    for (const SignIn& one : place) {
      const std::vector<const Step*> calls = feeding_calls(context, one);
      if (calls.empty()) continue;
      std::size_t first = one.handler->steps.size();
      for (const Step* call : calls) {
        first = std::min(first, static_cast<std::size_t>(call - one.handler->steps.data()));
      }
      if (tells_failure(one, first)) continue;
      outcome.add(calls.front()->site);
      break;
    }
  }
}

void non_null_assert(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    for (const SignIn& one : place) {
      const Handler& handler = *one.handler;
      const std::vector<const Step*> calls = feeding_calls(context, one);
      const auto is_value = [&](const Origin& origin) {
        return std::ranges::any_of(origin.all(), [&](const Origin* part) {
          const bool is_of_answer =
              part->kind == OriginKind::answer || part->kind == OriginKind::struct_field;
          return is_of_answer && (part->json_path.size() > 1 || part->field != nullptr) &&
                 (part->step != nullptr || part->call != nullptr);
        });
      };
      for (const dart::Argument& argument : one.step->arguments) {
        dart::walk(argument.value, [&](const dart::Expression& node) {
          if (node.kind == dart::ExpressionKind::non_null &&
              is_value(resolve(context.project(), handler, *one.step, node.target))) {
            outcome.add(site_of(handler, *one.step, &node));
          }
          return true;
        });
      }
      for (const Step* call : calls) {
        for (std::size_t i = static_cast<std::size_t>(call - handler.steps.data()) + 1; i < one.index();
             ++i) {
          const Step& step = handler.steps[i];
          if (step.kind != StepKind::non_null || !Handler::compatible(step, *one.step)) continue;
          const Origin origin = resolve(context.project(), handler, step, step.value);
          if (origin.comes_from(*call) && is_value(origin)) outcome.add(step.site);
        }
      }
    }
  }
}

}  // namespace latchkey::doctor
