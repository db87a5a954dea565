// All rules of the project doctor: what each means stands in docs/doctor.md, its texts in
// src/doctor/checks.def.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "doctor/project/context.h"
#include "doctor/project/outcome.h"

namespace latchkey::doctor {

// What a rule needs to be there; without it, the rule is skipped.
enum class Needs : std::uint8_t {
  nothing,
  sign_in,      // something calls the auth manager's signIn
  definitions,  // the classes of the API calls are in the export
};

struct Rule {
  std::string_view id;
  Needs needs = Needs::nothing;
  void (*look)(const Context& context, Outcome& outcome) = nullptr;
};

// In no particular order; each project check of the catalogue but not_flutterflow and not_custom_auth once.
std::span<const Rule> all_rules();

// --- rules_settings.cc: settings, pages, routes
void persist_off(const Context& context, Outcome& outcome);
void auth_pages_not_set(const Context& context, Outcome& outcome);
void entry_equals_logged_in(const Context& context, Outcome& outcome);
void no_protected_pages(const Context& context, Outcome& outcome);
void guard_bypassed(const Context& context, Outcome& outcome);
void public_page_protected(const Context& context, Outcome& outcome);
void missing_sign_up(const Context& context, Outcome& outcome);
void no_sign_out(const Context& context, Outcome& outcome);
void logout_local_only(const Context& context, Outcome& outcome);
void no_refresh_call(const Context& context, Outcome& outcome);
void sign_in_never_called(const Context& context, Outcome& outcome);
void user_struct_datetime(const Context& context, Outcome& outcome);

// --- rules_calls.cc: how API calls are defined
void http_cleartext(const Context& context, Outcome& outcome);
void dev_host(const Context& context, Outcome& outcome);
void body_unescaped(const Context& context, Outcome& outcome);
void login_body_constant(const Context& context, Outcome& outcome);
void password_in_url(const Context& context, Outcome& outcome);
void auth_call_cached(const Context& context, Outcome& outcome);
void auth_body_not_returned(const Context& context, Outcome& outcome);
void private_call_firebase(const Context& context, Outcome& outcome);
void mapping_disagrees(const Context& context, Outcome& outcome);

// --- rules_bearer.cc: how the token travels
void no_bearer(const Context& context, Outcome& outcome);
void bearer_without_scheme(const Context& context, Outcome& outcome);
void bearer_not_passed(const Context& context, Outcome& outcome);
void interceptor_no_single_flight(const Context& context, Outcome& outcome);

// --- rules_secrets.cc: what should not be in the app or its logs
void hardcoded_secret(const Context& context, Outcome& outcome);
void password_stored(const Context& context, Outcome& outcome);
void token_logged(const Context& context, Outcome& outcome);

// --- rules_arguments.cc: what signIn and updateAuthUserData are given
void login_without_token(const Context& context, Outcome& outcome);
void token_null_text(const Context& context, Outcome& outcome);
void token_empty_text(const Context& context, Outcome& outcome);
void token_literal(const Context& context, Outcome& outcome);
void login_self_reference(const Context& context, Outcome& outcome);
void no_refresh_token(const Context& context, Outcome& outcome);
void refresh_equals_access(const Context& context, Outcome& outcome);
void sign_in_fields_differ(const Context& context, Outcome& outcome);
void no_expiry(const Context& context, Outcome& outcome);
void expiry_suspect(const Context& context, Outcome& outcome);
void no_uid(const Context& context, Outcome& outcome);
void uid_null_text(const Context& context, Outcome& outcome);
void update_wipes_session(const Context& context, Outcome& outcome);

// --- rules_login.cc: the actions around the login
void sign_in_without_call(const Context& context, Outcome& outcome);
void login_call_without_sign_in(const Context& context, Outcome& outcome);
void update_used_as_sign_in(const Context& context, Outcome& outcome);
void logged_in_page_signs_in(const Context& context, Outcome& outcome);
void no_navigation_after_login(const Context& context, Outcome& outcome);
void missing_prepare_auth_event(const Context& context, Outcome& outcome);
void stuck_relogin_risk(const Context& context, Outcome& outcome);
void success_not_checked(const Context& context, Outcome& outcome);
void answer_read_before_check(const Context& context, Outcome& outcome);
void no_failure_feedback(const Context& context, Outcome& outcome);
void non_null_assert(const Context& context, Outcome& outcome);

}  // namespace latchkey::doctor
