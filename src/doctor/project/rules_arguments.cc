// What signIn and updateAuthUserData are given, and where it comes from.
#include <algorithm>
#include <array>
#include <functional>

#include "doctor/project/rules.h"
#include "doctor/project/sign_ins.h"

namespace latchkey::doctor {
namespace {

using flutterflow::Mapping;
using flutterflow::Origin;
using flutterflow::OriginKind;
using flutterflow::Step;
using flutterflow::StepKind;

constexpr std::array<std::string_view, 4> kFields = {"authenticationToken", "refreshToken", "tokenExpiration",
                                                     "authUid"};

// Field names as the Log in action shows them.
std::string_view label_of(std::string_view argument) {
  if (argument == "authenticationToken") return "Auth Token";
  if (argument == "refreshToken") return "Refresh Token";
  if (argument == "tokenExpiration") return "Token Expiry Time";
  if (argument == "authUid") return "User UID";
  if (argument == "userData") return "User Data";
  return argument;
}

// Adds the places of one argument of signIn whose origin is as told.
void find_arguments(const Context& context, std::string_view argument, Outcome& outcome,
                    const std::function<bool(const Mapping&)>& holds) {
  for (const Mapping& mapping : context.mappings()) {
    if (mapping.step->kind != StepKind::sign_in || !mapping.handler->is_reachable) continue;
    if (mapping.argument != argument || mapping.value == nullptr) continue;
    if (holds(mapping)) outcome.add(site_of(*mapping.handler, *mapping.step, mapping.value));
  }
}

void none_gives(const Context& context, std::string_view argument, Outcome& outcome) {
  if (is_given(sign_ins(context), argument)) return;
  outcome.add_absence(context.first_sign_in());
  outcome.say("No Log in action gives " + std::string(label_of(argument)) + ".");
}

// Whether an answer without the value becomes the text "null" on the way: the first thing that deals with
// null is toString() or an interpolation.
bool becomes_null_text(const Origin& origin) {
  if (origin.kind == OriginKind::expression && origin.struct_type == nullptr) {
    const bool is_text = origin.converted_by("interpolation");
    return std::ranges::any_of(origin.from, [&](const Origin& part) {
      return becomes_null_text(part) ||
             (is_text && part.conversions.empty() && part.kind == OriginKind::answer);
    });
  }
  const bool may_be_missing =
      origin.kind == OriginKind::answer ||
      (origin.kind == OriginKind::struct_field && origin.field != nullptr && !origin.field->default_value);
  if (!may_be_missing) return false;
  for (const std::string& conversion : origin.conversions) {
    if (conversion == "toString" || conversion.starts_with("interpolation")) return true;
    if (conversion == "!" || conversion.starts_with("??") || conversion == "valueOrDefault") return false;
    if (conversion.starts_with("as ") && !conversion.ends_with("?") && conversion != "as dynamic")
      return false;
  }
  return false;
}

bool is_empty_text(std::string_view source) { return source == "''" || source == "\"\""; }

bool becomes_empty_text(const Context& context, const Origin& origin) {
  if (origin.converted_by("?? ''")) return true;
  if (origin.kind == OriginKind::struct_field && origin.field != nullptr) {
    return origin.field->default_value && is_empty_text(*origin.field->default_value);
  }
  if (origin.kind == OriginKind::app_state) {
    const std::size_t dot = origin.name.rfind('.');
    const flutterflow::StateField* state = context.project().find_state(
        std::string_view(origin.name).substr(dot == std::string::npos ? 0 : dot + 1));
    const auto text = state == nullptr ? std::nullopt : flutterflow::dart::constant_text(state->initial);
    return text && text->empty();
  }
  if (origin.kind == OriginKind::expression && origin.struct_type == nullptr) {
    return std::ranges::any_of(origin.from,
                               [&](const Origin& part) { return becomes_empty_text(context, part); });
  }
  return false;
}

// --- expiry

bool is_now(std::string_view name) {
  return name.find("DateTime.now") != std::string_view::npos ||
         name.find("getCurrentTimestamp") != std::string_view::npos ||
         name.find("getCurrentDateTime") != std::string_view::npos;
}

bool mentions_now(const Origin& origin) {
  return std::ranges::any_of(origin.all(), [](const Origin* part) {
    return is_now(part->name) ||
           std::ranges::any_of(part->conversions, [](const std::string& name) { return is_now(name); });
  });
}

// Whether a value of the answer, of a state or of anything else that is not known beforehand is in it.
bool has_value(const Origin& origin) {
  return std::ranges::any_of(origin.all(), [](const Origin* part) {
    switch (part->kind) {
      case OriginKind::answer:
      case OriginKind::app_state:
      case OriginKind::page_state:
      case OriginKind::parameter:
      case OriginKind::text_field:
      case OriginKind::struct_field:
      case OriginKind::auth_manager:
        return true;
      case OriginKind::custom_result:
        return part->from.empty() && !is_now(part->name) && !part->name.starts_with("Duration") &&
               !part->name.starts_with("DateTime");
      case OriginKind::unknown:
        return !is_now(part->name) && part->name != "Duration";
      case OriginKind::literal:
      case OriginKind::null_value:
      case OriginKind::expression:
        return false;
    }
    return false;
  });
}

bool is_relative_name(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  const bool says_expiry = std::ranges::any_of(
      words, [](const std::string& word) { return word.starts_with("expir") || word.starts_with("exp"); });
  const bool says_in = std::ranges::find(words, "in") != words.end() || name == "expiresin" ||
                       name == "expiresIn" || name == "expires_in";
  return (says_expiry && says_in) || std::ranges::find(words, "ttl") != words.end() ||
         std::ranges::find(words, "lifetime") != words.end();
}

bool is_relative_as_time(const Origin& origin) {
  if (mentions_now(origin)) return false;
  return std::ranges::any_of(origin.all(), [](const Origin* part) {
    if (part->kind != OriginKind::answer && part->kind != OriginKind::struct_field) return false;
    if (!is_relative_name(last_name(part->json_path)) &&
        !(part->field != nullptr && is_relative_name(part->field->name)))
      return false;
    return std::ranges::any_of(part->conversions, [](const std::string& conversion) {
      return conversion.find("SinceEpoch") != std::string::npos ||
             conversion.find("DateTime") != std::string::npos ||
             conversion.find("dateTime") != std::string::npos;
    });
  });
}

bool can_only_be_null(const Origin& origin) {
  if (origin.kind == OriginKind::null_value) return true;
  return origin.kind == OriginKind::custom_result && origin.from.size() == 1 &&
         origin.from[0].kind == OriginKind::null_value;
}

}  // namespace

void login_without_token(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    if (!is_given(*place.front().step, "authenticationToken")) outcome.add(place.front().step->site);
  }
}

void token_null_text(const Context& context, Outcome& outcome) {
  find_arguments(context, "authenticationToken", outcome,
                 [](const Mapping& mapping) { return becomes_null_text(mapping.origin); });
}

void uid_null_text(const Context& context, Outcome& outcome) {
  find_arguments(context, "authUid", outcome,
                 [](const Mapping& mapping) { return becomes_null_text(mapping.origin); });
}

void token_empty_text(const Context& context, Outcome& outcome) {
  find_arguments(context, "authenticationToken", outcome, [&](const Mapping& mapping) {
    return !is_constant(mapping.origin) && becomes_empty_text(context, mapping.origin);
  });
}

void token_literal(const Context& context, Outcome& outcome) {
  find_arguments(context, "authenticationToken", outcome, [](const Mapping& mapping) {
    return is_given(*mapping.step, "authenticationToken") && is_constant(mapping.origin) &&
           mapping.origin.kind != OriginKind::null_value;
  });
}

void login_self_reference(const Context& context, Outcome& outcome) {
  for (const Mapping& mapping : context.mappings()) {
    if (mapping.step->kind != StepKind::sign_in || !mapping.handler->is_reachable ||
        mapping.value == nullptr) {
      continue;
    }
    const bool is_own = std::ranges::any_of(
        mapping.origin.all(), [](const Origin* origin) { return origin->kind == OriginKind::auth_manager; });
    if (is_own) outcome.add(site_of(*mapping.handler, *mapping.step, mapping.value));
  }
}

void no_refresh_token(const Context& context, Outcome& outcome) {
  none_gives(context, "refreshToken", outcome);
  if (!outcome.holds()) return;
  const flutterflow::StructType* type = context.project().find_struct(context.project().auth.user_data_type);
  if (type == nullptr) return;
  for (const flutterflow::StructField& field : type->fields) {
    const std::vector<std::string> words = words_of(field.name);
    if (std::ranges::find(words, "refresh") != words.end()) {
      outcome.say("The user data type " + type->name + " carries one in " + field.name +
                  ", where FlutterFlow does not look for it.");
    }
  }
}

void refresh_equals_access(const Context& context, Outcome& outcome) {
  for (const auto& place : by_place(sign_ins(context))) {
    const SignIn& one = place.front();
    if (!is_given(*one.step, "authenticationToken") || !is_given(*one.step, "refreshToken")) continue;
    const auto token = one.step->argument("authenticationToken");
    const auto refresh = one.step->argument("refreshToken");
    const flutterflow::dart::Unit& unit = one.handler->frames[one.step->frame].unit->unit;
    bool is_same = flutterflow::dart::one_line(unit, token->span, 4000) ==
                   flutterflow::dart::one_line(unit, refresh->span, 4000);
    if (!is_same) {
      const Origin a = resolve(context.project(), *one.handler, *one.step, token);
      const Origin b = resolve(context.project(), *one.handler, *one.step, refresh);
      is_same = a.kind == OriginKind::answer && b.kind == OriginKind::answer && a.step == b.step &&
                a.call == b.call && a.json_path == b.json_path && a.json_path.size() > 1;
    }
    if (is_same) outcome.add(site_of(*one.handler, *one.step, refresh));
  }
}

void sign_in_fields_differ(const Context& context, Outcome& outcome) {
  const std::vector<SignIn> all = sign_ins(context);
  std::string missing_anywhere;
  for (const auto& place : by_place(all)) {
    std::string missing;
    for (const std::string_view field : kFields) {
      if (is_given(*place.front().step, field) || !is_given(all, field)) continue;
      missing.append(missing.empty() ? "" : ", ").append(label_of(field));
    }
    if (missing.empty()) continue;
    outcome.add(place.front().step->site);
    missing_anywhere.append(missing_anywhere.empty() ? "" : "; ").append(missing);
  }
  if (outcome.holds()) outcome.say("Left out here and given elsewhere: " + missing_anywhere + ".");
}

void no_expiry(const Context& context, Outcome& outcome) { none_gives(context, "tokenExpiration", outcome); }
void no_uid(const Context& context, Outcome& outcome) { none_gives(context, "authUid", outcome); }

void expiry_suspect(const Context& context, Outcome& outcome) {
  find_arguments(context, "tokenExpiration", outcome, [&](const Mapping& mapping) {
    if (!is_given(*mapping.step, "tokenExpiration")) return false;
    if (is_relative_as_time(mapping.origin)) {
      outcome.say("A number of seconds from now is read as a point in time.");
      return true;
    }
    if (can_only_be_null(mapping.origin)) {
      outcome.say("It is always null.");
      return true;
    }
    if (has_value(mapping.origin)) return false;
    outcome.say("It is a fixed time that the server does not know of.");
    return true;
  });
}

void update_wipes_session(const Context& context, Outcome& outcome) {
  const std::vector<SignIn> all = sign_ins(context);
  std::vector<std::string> told;
  for (const auto& place : by_place(updates(context))) {
    std::string missing;
    const auto look_at = [&](std::string_view field) {
      const bool is_there = field == "userData" ? place.front().step->argument(field) != nullptr
                                                : is_given(*place.front().step, field);
      if (!is_there && is_given(all, field))
        missing.append(missing.empty() ? "" : ", ").append(label_of(field));
    };
    for (const std::string_view field : kFields) look_at(field);
    look_at("userData");
    if (missing.empty()) continue;
    outcome.add(place.front().step->site);
    if (std::ranges::find(told, missing) == told.end()) told.push_back(missing);
  }
  for (const std::string& missing : told) outcome.say("Erased: " + missing + ".");
}

}  // namespace latchkey::doctor
