// What an administrator does with accounts, from the command line today.
#pragma once

#include <string_view>
#include <vector>

#include "flows/environment.h"

namespace latchkey::flows {

struct NewUser {
  std::optional<domain::Email> email;
  std::optional<domain::Username> username;
  std::optional<domain::Phone> phone;
  std::optional<base::Secret> password;       // none: the account cannot sign in until one is set
  std::optional<base::Secret> password_hash;  // instead of a password: an imported PHC or bcrypt string
  domain::Role role;
  base::JsonObjectText user_metadata;
  base::JsonObjectText app_metadata;
};

// The address counts as confirmed: an administrator vouches for it. Fails with validation_failed,
// weak_password, user_already_exists.
base::Result<domain::User> add_user(Environment& env, const NewUser& request);

// By id or by any identifier. Fails with not_found.
base::Result<domain::User> get_user(Environment& env, std::string_view id_or_identifier);
std::vector<domain::User> list_users(Environment& env, const domain::Page<domain::UserId>& page);

// Bans for good and ends all sessions at once; signing in is refused until enable_user. Both fail with
// not_found, and do nothing when it is so already.
base::Result<domain::User> disable_user(Environment& env, domain::UserId id);
base::Result<domain::User> enable_user(Environment& env, domain::UserId id);
// For good, with password and sessions; events stay. Fails with not_found.
base::Result<void> delete_user(Environment& env, domain::UserId id);
// Ends all sessions. Fails with not_found, weak_password.
base::Result<void> set_password(Environment& env, domain::UserId id, const base::Secret& password);

}  // namespace latchkey::flows
