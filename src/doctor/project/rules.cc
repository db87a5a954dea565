#include "doctor/project/rules.h"

#include <array>

namespace latchkey::doctor {

std::span<const Rule> all_rules() {
#define LK_RULE(name, needs) (Rule{#name, Needs::needs, &(name)})
  static constexpr std::array kRules = {
      LK_RULE(persist_off, nothing),
      LK_RULE(auth_pages_not_set, nothing),
      LK_RULE(entry_equals_logged_in, nothing),
      LK_RULE(no_protected_pages, nothing),
      LK_RULE(guard_bypassed, nothing),
      LK_RULE(public_page_protected, nothing),
      LK_RULE(missing_sign_up, nothing),
      LK_RULE(no_sign_out, nothing),
      LK_RULE(logout_local_only, nothing),
      LK_RULE(no_refresh_call, nothing),
      LK_RULE(sign_in_never_called, nothing),
      LK_RULE(user_struct_datetime, nothing),
      LK_RULE(http_cleartext, definitions),
      LK_RULE(dev_host, nothing),
      LK_RULE(body_unescaped, definitions),
      LK_RULE(login_body_constant, definitions),
      LK_RULE(password_in_url, definitions),
      LK_RULE(auth_call_cached, definitions),
      LK_RULE(auth_body_not_returned, definitions),
      LK_RULE(private_call_firebase, definitions),
      LK_RULE(mapping_disagrees, definitions),
      LK_RULE(no_bearer, definitions),
      LK_RULE(bearer_without_scheme, definitions),
      LK_RULE(bearer_not_passed, definitions),
      LK_RULE(interceptor_no_single_flight, nothing),
      LK_RULE(hardcoded_secret, nothing),
      LK_RULE(password_stored, nothing),
      LK_RULE(token_logged, nothing),
      LK_RULE(login_without_token, sign_in),
      LK_RULE(token_null_text, sign_in),
      LK_RULE(token_empty_text, sign_in),
      LK_RULE(token_literal, sign_in),
      LK_RULE(login_self_reference, sign_in),
      LK_RULE(no_refresh_token, sign_in),
      LK_RULE(refresh_equals_access, sign_in),
      LK_RULE(sign_in_fields_differ, sign_in),
      LK_RULE(no_expiry, sign_in),
      LK_RULE(expiry_suspect, sign_in),
      LK_RULE(no_uid, sign_in),
      LK_RULE(uid_null_text, sign_in),
      LK_RULE(update_wipes_session, sign_in),
      LK_RULE(sign_in_without_call, sign_in),
      LK_RULE(login_call_without_sign_in, sign_in),
      LK_RULE(update_used_as_sign_in, sign_in),
      LK_RULE(logged_in_page_signs_in, sign_in),
      LK_RULE(no_navigation_after_login, sign_in),
      LK_RULE(missing_prepare_auth_event, sign_in),
      LK_RULE(stuck_relogin_risk, sign_in),
      LK_RULE(success_not_checked, sign_in),
      LK_RULE(answer_read_before_check, sign_in),
      LK_RULE(no_failure_feedback, sign_in),
      LK_RULE(non_null_assert, sign_in),
  };
#undef LK_RULE
  return kRules;
}

}  // namespace latchkey::doctor
