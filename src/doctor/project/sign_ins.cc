#include "doctor/project/sign_ins.h"

#include <algorithm>

namespace latchkey::doctor {

using flutterflow::Handler;
using flutterflow::Mapping;
using flutterflow::Origin;
using flutterflow::OriginKind;
using flutterflow::Step;
using flutterflow::StepKind;

namespace {

std::vector<SignIn> steps_of(const Context& context, StepKind kind) {
  std::vector<SignIn> found;
  for (const auto& handler : context.handlers().all) {
    if (!handler->is_reachable) continue;
    for (const Step& step : handler->steps) {
      if (step.kind == kind) found.push_back({handler.get(), &step});
    }
  }
  return found;
}

}  // namespace

std::vector<SignIn> sign_ins(const Context& context) { return steps_of(context, StepKind::sign_in); }
std::vector<SignIn> updates(const Context& context) { return steps_of(context, StepKind::update_user); }

std::vector<std::vector<SignIn>> by_place(const std::vector<SignIn>& all) {
  std::vector<std::vector<SignIn>> places;
  for (const SignIn& one : all) {
    const auto same = std::ranges::find_if(places, [&](const std::vector<SignIn>& place) {
      return place.front().step->expression == one.step->expression;
    });
    if (same == places.end()) {
      places.push_back({one});
    } else {
      same->push_back(one);
    }
  }
  return places;
}

bool is_given(const Step& step, std::string_view argument) {
  const flutterflow::dart::ExpressionPtr value = step.argument(argument);
  if (value == nullptr || value->kind == flutterflow::dart::ExpressionKind::null_literal) return false;
  const auto text = flutterflow::dart::constant_text(value);
  return !text || !text->empty();
}

bool is_given(const std::vector<SignIn>& all, std::string_view argument) {
  return std::ranges::any_of(all, [&](const SignIn& one) { return is_given(*one.step, argument); });
}

flutterflow::Site site_of(const Handler& handler, const Step& step,
                          flutterflow::dart::ExpressionPtr expression) {
  return {handler.frames[step.frame].unit, expression->span};
}

std::vector<const Step*> feeding_calls(const Context& context, const SignIn& sign_in) {
  std::vector<const Step*> found;
  const auto add = [&](const Step* step) {
    if (step != nullptr && std::ranges::find(found, step) == found.end()) found.push_back(step);
  };
  for (const Mapping& mapping : context.mappings()) {
    if (mapping.handler != sign_in.handler || mapping.step != sign_in.step) continue;
    for (const Origin* origin : mapping.origin.all()) {
      if (origin->step == nullptr) continue;
      const StepKind kind = origin->step->kind;
      if (kind == StepKind::api_call || kind == StepKind::http || kind == StepKind::custom_action) {
        add(origin->step);
      }
    }
  }
  if (!found.empty()) return found;
  for (std::size_t i = 0; i < sign_in.index(); ++i) {
    const Step& step = sign_in.handler->steps[i];
    if (step.kind != StepKind::api_call || step.call == nullptr) continue;
    if (!Handler::compatible(step, *sign_in.step)) continue;
    const Role role = context.role_of(*step.call);
    if (role == Role::login || role == Role::code || role == Role::registration) add(&step);
  }
  return found;
}

bool is_constant(const Origin& origin) {
  if (origin.kind == OriginKind::literal || origin.kind == OriginKind::null_value) return true;
  if (origin.kind != OriginKind::expression || origin.from.empty()) return false;
  return std::ranges::all_of(origin.from, [](const Origin& part) { return is_constant(part); });
}

std::string_view last_name(std::string_view json_path) {
  while (json_path.ends_with(']')) {
    const std::size_t open = json_path.rfind('[');
    if (open == std::string_view::npos) return {};
    std::string_view inside = json_path.substr(open + 1, json_path.size() - open - 2);
    if (inside.size() > 2 && (inside.front() == '\'' || inside.front() == '"')) {
      return inside.substr(1, inside.size() - 2);
    }
    json_path = json_path.substr(0, open);
  }
  const std::size_t dot = json_path.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : json_path.substr(dot + 1);
}

}  // namespace latchkey::doctor
