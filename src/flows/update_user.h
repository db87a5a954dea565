// Changes that a signed-in person makes to their own account.
#pragma once

#include "flows/authenticate.h"

namespace latchkey::flows {

// What is not given stays as it is.
struct UpdateUser {
  std::optional<base::JsonObjectText> user_metadata;  // laid over what is there; null removes a key
  std::optional<domain::Email> email;
  std::optional<base::Secret> password;
  std::optional<base::Secret> current_password;
};

// A session that began this recently may change email or password without the current password, because the
// person has just typed it.
inline constexpr base::Seconds kFreshSignIn{600};

// A new password ends all other sessions; a new email is unconfirmed. Changing either needs current_password
// (else reauthentication_needed) unless the sign-in is fresh. Fails with invalid_credentials when
// current_password is wrong (and counts as a failed login), weak_password, same_password,
// user_already_exists, validation_failed. Costs up to two password hashes, none when only metadata changes.
base::Result<domain::User> update_user(Environment& env, const Authenticated& who, const UpdateUser& change,
                                       const Client& client);

}  // namespace latchkey::flows
